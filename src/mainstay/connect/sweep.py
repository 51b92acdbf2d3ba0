"""``mainstay gc``: mark what is deleted and needed by nobody, delete its files, then its rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from mainstay import killpoints
from mainstay.artifact_store import paths
from mainstay.artifact_store.base import ArtifactStore, ClearsPartials
from mainstay.artifact_store.object import open_store
from mainstay.entities.accounts import Principal
from mainstay.entities.registry import Deleted
from mainstay.errors import BadInput, MainstayError, NotFound
from mainstay.stores.sql import gc, references, restoring
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.gc import Item, Wanted
from mainstay.stores.sql.ledger import SCHEME, SqlLedger

GRACE_SECONDS = 7 * 24 * 3600
"""How long something must have been deleted before it may be deleted for good."""


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep deleted (or would), what it kept and why, and what it could not delete."""

    deleted: list[Item]
    kept: list[Item]
    failed: dict[str, str] = {}
    restorable: list[Deleted] = []
    """Deleted models and versions that cannot be restored any more (or would not be)."""

    partials: int = 0
    """Half-written files of uploads that were killed."""


class Place:
    """What is swept: the database of runs, that of models and versions if it is another, the files.

    ``files`` opens the root of proxied files.
    """

    def __init__(
        self,
        database: Database,
        files: Callable[[], ArtifactStore],
        *,
        registry: Database | None = None,
    ) -> None:
        self.database = database
        self.files = files
        self.registry = registry or database

    def find(self, connection: Connection, wanted: Wanted) -> list[Item]:
        """Return what may go and what may not."""
        if self.registry is self.database:
            return gc.find(connection, wanted)
        with self.registry.read() as other:
            return gc.find(connection, wanted, registry=other)

    def mark(self, connection: Connection, wanted: Wanted) -> list[Item]:
        """The same, and mark what may go."""
        if self.registry is self.database:
            return gc.mark(connection, wanted)
        with self.registry.read() as other:
            return gc.mark(connection, wanted, registry=other)

    @contextmanager
    def registry_beside(self, connection: Connection) -> Iterator[Connection]:
        """Yield a connection to the registry, beside a transaction on the database of runs."""
        if self.registry is self.database:
            yield connection
            return
        with self.registry.read() as other:
            yield other

    def refuse_half(self, items: list[Item]) -> None:
        """See that the registry is here. Raises: BadInput if its database is another one.

        Without it nobody knows which files versions need.
        """
        with self.registry.read() as connection:
            if references.knows_files(connection):
                return
        for item in items:
            folder = proxied_folder(item)
            if folder is not None and self.files().list(folder):
                raise BadInput(
                    f"{folder} holds files that this database knows nothing of: models and "
                    "versions are in another one; name it with --registry-store-uri"
                )


def plan(place: Place, wanted: Wanted) -> Swept:
    """Return what ``sweep`` would do now; change nothing. Raises: BadInput (ids)."""
    with place.database.read() as connection:
        found = _sorted(place.find(connection, wanted))
    if not wanted.everything:
        return found
    with place.registry.read() as connection:
        old = restoring.old(connection, before=wanted.before)
    return replace(found, restorable=old)


def sweep(place: Place, wanted: Wanted, *, by: Principal) -> Swept:
    """Delete for good. Raises: BadInput (ids; the registry is elsewhere).

    What cannot be deleted now (a store that is away) stays marked for the next time.
    """
    place.refuse_half(plan(place, wanted).deleted)
    # Versions first: what they kept may go with this sweep.
    versions: list[Deleted] = []
    if wanted.everything:
        versions = place.registry.write(
            lambda connection: restoring.erase(connection, before=wanted.before, by=by)
        )
    marked = _sorted(place.database.write(lambda connection: place.mark(connection, wanted)))
    killpoints.reach("gc.marked")
    deleted: list[Item] = []
    failed: dict[str, str] = {}
    for item in marked.deleted:
        try:
            folder = None if item.kind == "experiment" else empty(place, item)
            killpoints.reach("gc.emptied")
            if place.database.write(_erasing(item, by)):
                deleted.append(item)
            if folder is not None:
                SqlLedger(place.registry).forget(folder)
        except (MainstayError, OSError) as error:
            failed[item.identity] = str(error)
    partials = _clear_partials(place.files, before=wanted.before / 1000)
    return Swept(
        deleted=deleted,
        kept=marked.kept,
        failed=failed,
        restorable=versions,
        partials=partials,
    )


def wanted(
    *,
    older_than: float = GRACE_SECONDS,
    run_ids: tuple[str, ...] | None = None,
    experiment_ids: tuple[str, ...] | None = None,
    logged_model_ids: tuple[str, ...] | None = None,
) -> Wanted:
    """Return what was deleted more than ``older_than`` seconds ago, all or of these ids."""
    return Wanted(
        before=int((time.time() - older_than) * 1000),
        run_ids=run_ids,
        experiment_ids=experiment_ids,
        logged_model_ids=logged_model_ids,
    )


def _clear_partials(files: Callable[[], ArtifactStore], *, before: float) -> int:
    try:
        store = files()
    except MainstayError:  # nobody said where the files are; what is deleted needed none
        return 0
    return store.clear_partials(before=before) if isinstance(store, ClearsPartials) else 0


def _erasing(item: Item, by: Principal) -> Callable[..., bool]:
    return lambda connection: gc.erase(connection, item, by=by)


def _sorted(items: list[Item]) -> Swept:
    return Swept(
        deleted=[item for item in items if item.kept_by is None],
        kept=[item for item in items if item.kept_by is not None],
    )


def empty(place: Place, item: Item) -> str | None:
    """Delete the folder of a run or model; return its path if it is behind the proxy."""
    folder = proxied_folder(item)
    if folder is not None:
        frozen = SqlLedger(place.registry).frozen([folder], deletes=True)
        if frozen is not None:
            raise MainstayError(f"{folder} holds files of a registered version ({frozen})")
        place.files().delete(folder)
        return folder
    location = _own_folder(item)
    if location is not None:
        above, _, name = location.rpartition("/")
        with suppress(NotFound):
            open_store(above).delete(name)
    return None


def proxied_folder(item: Item) -> str | None:
    """Return the path behind the proxy of what belongs to a run or model alone, if it is there."""
    location = None if item.kind == "experiment" else _own_folder(item)
    if location is None or not location.startswith(SCHEME):
        return None
    return paths.clean(unquote(urlsplit(location).path).strip("/"))


def _own_folder(item: Item) -> str | None:
    """Return the folder that belongs to a run or model alone: the one named by its id.

    Somebody may have put several into one folder; such a folder is left alone.
    """
    above, found, _ = item.location.partition(f"/{item.identity}")
    if not found:
        return None
    if not above.strip("/"):
        raise BadInput(f"{item.location!r} is at the root of a store; delete its files by hand")
    return f"{above}/{item.identity}"
