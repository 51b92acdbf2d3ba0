"""What a server sees to and a client on a database must see to itself: files that never change.

The digest of a version's files is fixed when it is registered, and from then on the folder can be
neither written nor deleted through this door.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from mainstay.artifact_store import paths
from mainstay.artifact_store.base import ArtifactStore, Reading, Written
from mainstay.artifact_store.transfer import Uploaded, walk
from mainstay.connect.roots import Roots
from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.artifacts import FileInfo
from mainstay.entities.pages import Search
from mainstay.entities.registry import ModelVersion
from mainstay.entities.spool import Applied, CreateVersion, Record
from mainstay.errors import Conflict, MainstayError, NotFound
from mainstay.packaging.manifest import Entry, digest
from mainstay.stores.base import RegistryStore
from mainstay.stores.base.passing import PassingRegistry
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.ledger import SCHEME, SqlLedger
from mainstay.stores.sql.tracking import SqlTracking


class FreezingRegistry(PassingRegistry):
    """A registry that hashes a version's files when it is registered."""

    def __init__(self, registry: RegistryStore, roots: Roots) -> None:
        super().__init__(registry)
        self._roots = roots

    def create_model_version(
        self,
        name: str,
        source: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
        tags: Mapping[str, str] = {},
        run_link: str | None = None,
        description: str = "",
        digest: str | None = None,
        claimed_digest: str | None = None,
        storage_location: str | None = None,
        by: Principal = ANONYMOUS,
    ) -> ModelVersion:
        """Create the next version with the digest of its files.

        Files that cannot be read from here leave the digest open: the version is pending for
        gates. Raises: NotFound (the model, or a proxied source without files), BadInput.
        """
        location = storage_location or self._roots.locate(source)[0]
        if digest is None:
            digest = self._digest(location)
        return self._registry.create_model_version(
            name,
            source,
            run_id=run_id,
            model_id=model_id,
            tags=tags,
            run_link=run_link,
            description=description,
            digest=digest,
            claimed_digest=claimed_digest,
            storage_location=location,
            by=by,
        )

    def _digest(self, location: str) -> str | None:
        try:
            return digest_of(self._roots.open(location))
        except MainstayError:
            if location.startswith(SCHEME):
                raise
            return None


class HashingTracking(SqlTracking):
    """A tracking store that hashes what spooled records registered, once they are applied."""

    def __init__(self, database: Database, hash_pending: Callable[[str], None]) -> None:
        super().__init__(database)
        self._hash_pending = hash_pending

    def apply(
        self,
        segment: str,
        records: Sequence[Record],
        *,
        by: Principal = ANONYMOUS,
        refused: Mapping[int, MainstayError] = {},
    ) -> Applied:
        """Apply records; a repeat hashes what a crash left pending. Raises: BadInput."""
        done = super().apply(segment, records, by=by, refused=refused)
        made = (record.operation for record in records)
        for name in sorted({item.name for item in made if isinstance(item, CreateVersion)}):
            self._hash_pending(name)
        return done


def hash_pending(registry: RegistryStore, roots: Roots, name: str) -> None:
    """Fix the digests of a model's versions that have none and can be read from here."""
    quote = '"' if "'" in name else "'"
    wanted = Search(filter=f"name = {quote}{name}{quote}", max_results=1000)
    for version in registry.search_model_versions(wanted).items:
        if version.digest is None:
            # What cannot be read stays pending; Conflict: somebody else was quicker.
            with suppress(MainstayError):
                found = digest_of(roots.open(version.storage_location or version.source))
                registry.set_version_digest(name, version.version, found)


class RecordedFolder:
    """A proxied folder on this machine: writes are recorded, frozen files are left alone."""

    def __init__(self, store: ArtifactStore, folder: str, ledger: SqlLedger) -> None:
        self._store = store
        self._folder = folder
        self._ledger = ledger

    def list(self, path: str = "") -> list[FileInfo]:
        """Return what a folder holds."""
        return self._store.list(path)

    def read(self, path: str) -> Reading:
        """Open a file."""
        return self._store.read(path)

    def write(self, path: str, chunks: Iterable[bytes], *, size: int | None = None) -> Written:
        """Store a file and record its hash. Raises: Conflict if a version froze it."""
        place = self._place(path)
        self._refuse_frozen(place, deletes=False)
        written = self._store.write(path, chunks, size=size)
        self._ledger.record([Uploaded(place, written.size, written.sha256)])
        return written

    def delete(self, path: str) -> None:
        """Delete a file or folder. Raises: Conflict if a version froze it or something in it."""
        place = self._place(path)
        self._refuse_frozen(place, deletes=True)
        self._store.delete(path)
        self._ledger.forget(place)

    def presign(self, path: str) -> str | None:
        """Return what the store below returns."""
        return self._store.presign(path)

    def _place(self, path: str) -> str:
        return paths.join(self._folder, paths.clean(path))

    def _refuse_frozen(self, place: str, *, deletes: bool) -> None:
        if not place:
            return
        frozen = self._ledger.frozen([place], deletes=deletes)
        if frozen is not None:
            raise Conflict(
                f"{place!r} belongs to a registered model version ({frozen}), and those never "
                "change; log the new files as another model and register that"
            )


def digest_of(store: ArtifactStore) -> str:
    """Return the digest of all files of a store, read and hashed. Raises: NotFound if none."""
    entries = [_hash(store, info.path) for info in walk(store)]
    if not entries:
        raise NotFound("there are no files at the source of this version; upload them first")
    return digest(entries)


def _hash(store: ArtifactStore, path: str) -> Entry:
    state, size = hashlib.sha256(), 0
    for chunk in store.read(path):
        state.update(chunk)
        size += len(chunk)
    return Entry(path, size, state.hexdigest())
