"""What every part of the client stands on: stores, and where files go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mainstay import settings
from mainstay.client.defaults import DEFAULT_TRACKING_URI
from mainstay.spool.delivery import Blocks

if TYPE_CHECKING:  # contracts, with all that they are about: the import of the face is counted
    from mainstay.artifact_store.base import ArtifactStore
    from mainstay.stores.base import RegistryStore, StandardStore, TrackingStore, WebhookStore


class Files(Protocol):
    """Puts a local file, or bytes, below the root of a run or of a logged model."""

    def put_file(
        self,
        source: Path | bytes,
        path: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
    ) -> None:
        """Store ``source`` as ``path``. Raises: NotFound, BadInput."""
        ...


class ClientStores(Protocol):
    """The stores that a client talks to; ``mainstay.connect`` makes them."""

    @property
    def tracking(self) -> TrackingStore:
        """Experiments, runs, logged models."""
        ...

    @property
    def registry(self) -> RegistryStore:
        """Registered models."""
        ...

    @property
    def webhooks(self) -> WebhookStore:
        """Who is told of events."""
        ...

    @property
    def standards(self) -> StandardStore:
        """What runs of experiments must have logged."""
        ...

    def artifacts_at(self, uri: str) -> ArtifactStore:
        """Return the artifact store at a root."""
        ...


class ClientBase:
    """Holds the stores. Methods are in the parts of ``Client``, one file a noun."""

    def __init__(
        self,
        tracking_uri: str | None = None,
        registry_uri: str | None = None,
        *,
        stores: Any = None,
        files: Files | None = None,
    ) -> None:
        """Talk to ``tracking_uri`` (default: the setting, else ``sqlite:///mainstay.db``).

        ``stores`` takes the place of both addresses: stores that are connected already.
        """
        self.tracking_uri = tracking_uri or settings.TRACKING_URI.get() or DEFAULT_TRACKING_URI
        self.registry_uri = registry_uri or settings.REGISTRY_URI.get()
        if stores is None:
            from mainstay.connect import connect

            stores = connect(self.tracking_uri, self.registry_uri)
        self.stores: ClientStores = stores
        self._files: Files = files if files is not None else DirectFiles(stores)

    @property
    def tracking(self) -> TrackingStore:
        """The tracking store."""
        return self.stores.tracking

    @property
    def registry(self) -> RegistryStore:
        """The registry store."""
        return self.stores.registry

    def artifact_root(self, *, run_id: str | None = None, model_id: str | None = None) -> str:
        """Return the address below which a run's or model's files are. Raises: NotFound."""
        return artifact_root(self.stores, run_id=run_id, model_id=model_id)

    def artifacts_of(
        self, *, run_id: str | None = None, model_id: str | None = None
    ) -> ArtifactStore:
        """Return the artifact store of a run or logged model. Raises: NotFound."""
        return self.stores.artifacts_at(self.artifact_root(run_id=run_id, model_id=model_id))


class DirectFiles:
    """Uploads at once, through the artifact store."""

    def __init__(self, stores: ClientStores) -> None:
        self._stores = stores

    def put_file(
        self,
        source: Path | bytes,
        path: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
    ) -> None:
        """Upload and return when it is stored."""
        root = artifact_root(self._stores, run_id=run_id, model_id=model_id)
        store = self._stores.artifacts_at(root)
        if isinstance(source, bytes):
            store.write(path, [source], size=len(source))
        else:
            store.write(path, Blocks(source), size=source.stat().st_size)


def artifact_root(
    stores: ClientStores, *, run_id: str | None = None, model_id: str | None = None
) -> str:
    """Return the address below which a run's or model's files are. Raises: NotFound."""
    if run_id is not None:
        return stores.tracking.get_run(run_id).info.artifact_uri
    return stores.tracking.get_logged_model(model_id or "").artifact_location
