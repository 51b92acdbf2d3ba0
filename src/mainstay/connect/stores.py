"""The stores behind an address, tied together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from mainstay.artifact_store.base import ArtifactStore
from mainstay.connect.roots import Roots
from mainstay.stores.base import (
    AccountStore,
    MonitoringStore,
    RegistryStore,
    ReleaseStore,
    RetentionStore,
    StandardStore,
    TrackingStore,
    WebhookStore,
)


@dataclass(frozen=True)
class Stores:
    """Everything that an address leads to. Close it, or use it in ``with``.

    ``uri`` and ``registry_uri`` are the addresses without passwords. ``accounts`` is None for a
    server, which keeps its own.
    """

    uri: str
    registry_uri: str
    tracking: TrackingStore
    registry: RegistryStore
    release: ReleaseStore
    monitoring: MonitoringStore
    accounts: AccountStore | None
    webhooks: WebhookStore
    standards: StandardStore
    retention: RetentionStore
    roots: Roots
    _closing: list[Callable[[], None]] = field(default_factory=list, repr=False)

    def artifacts_at(self, uri: str) -> ArtifactStore:
        """Return the artifact store whose root is ``uri``.

        ``mlflow-artifacts:/…`` is the server's proxy, or the folder beside a SQLite file;
        ``runs:/…`` and ``models:/…`` are followed to where the files are; paths, ``file:``,
        ``s3:``, ``gs:`` and ``az:`` are opened as they are.

        Raises: BadInput, NotFound.
        """
        return self.roots.open(uri)

    def close(self) -> None:
        """Close connections and finish queued writes."""
        while self._closing:
            self._closing.pop()()

    def __enter__(self) -> Stores:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
