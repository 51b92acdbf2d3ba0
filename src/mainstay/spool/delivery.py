"""How records reach a target: in batches to a store of ours, call by call to any other server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mainstay.artifact_store.base import CHUNK, ArtifactStore, WritesMany
from mainstay.entities.spool import Applied, Record, UploadArtifact
from mainstay.errors import EndpointNotFound, NotFound

if TYPE_CHECKING:
    from mainstay.stores.base import RegistryStore, TrackingStore

Waiting = tuple[UploadArtifact, Path]
"""An upload and the file in the spool that it is about."""


class Stores(Protocol):
    """What the spool needs of the other end; ``mainstay.connect`` makes it."""

    @property
    def tracking(self) -> TrackingStore:
        """Where records are applied."""
        ...

    @property
    def registry(self) -> RegistryStore:
        """Where versions are registered when the other end is not ours."""
        ...

    def artifacts_at(self, uri: str) -> ArtifactStore:
        """Return the artifact store at a root."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...


class Delivery(Protocol):
    """Applies records and uploads artifacts; a repeat of either has no second effect."""

    def applied(self, segment: str) -> int:
        """Return the last sequence that the target knows of this segment."""
        ...

    def has_run(self, run_id: str) -> bool:
        """Say whether the target knows a run that another segment creates."""
        ...

    def apply(self, segment: str, records: Sequence[Record]) -> Applied:
        """Apply records in order, and return after the target has confirmed them."""
        ...

    def upload(self, files: Sequence[Waiting]) -> None:
        """Put waiting files of one run or model below its root."""
        ...


class StoreDelivery:
    """Delivery to a store that understands segments."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._roots: dict[str, ArtifactStore] = {}
        self._known_roots: dict[str, str] = {}

    def applied(self, segment: str) -> int:
        """Ask the store."""
        return self._stores.tracking.applied(segment)

    def has_run(self, run_id: str) -> bool:
        """Ask the store."""
        try:
            self._stores.tracking.get_run(run_id)
        except EndpointNotFound:
            raise
        except NotFound:
            return False
        return True

    def apply(self, segment: str, records: Sequence[Record]) -> Applied:
        """Apply them in one transaction."""
        answer = self._stores.tracking.apply(segment, records)
        self._known_roots.update(answer.roots)
        return answer

    def upload(self, files: Sequence[Waiting]) -> None:
        """Write the files; the artifact store shows each only when it is whole."""
        owner = files[0][0].run_id or files[0][0].model_id or ""
        if owner not in self._roots:
            self._roots[owner] = self._stores.artifacts_at(self._root(files[0][0]))
        store = self._roots[owner]
        if isinstance(store, WritesMany):
            store.write_many([(record.path, blob) for record, blob in files])
            return
        for record, blob in files:
            store.write(record.path, Blocks(blob), size=blob.stat().st_size)

    def _root(self, record: UploadArtifact) -> str:
        told = self._known_roots.pop(record.run_id or record.model_id or "", None)
        if told is not None:
            return told
        if record.run_id:
            return self._stores.tracking.get_run(record.run_id).info.artifact_uri
        return self._stores.tracking.get_logged_model(record.model_id or "").artifact_location


class Blocks:
    """A file in pieces; may be read again when a request is repeated."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as reader:
            yield from iter(lambda: reader.read(CHUNK), b"")


def is_ours(stores: Stores) -> bool:
    """Say whether the other end is mainstay (a database is; a server is asked once)."""
    ask = getattr(stores.tracking, "is_mainstay", None)
    return bool(ask()) if ask is not None else True
