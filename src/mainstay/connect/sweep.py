"""``mainstay gc``: mark what is deleted and needed by nobody, delete its files, then its rows."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import msgspec

from mainstay import killpoints
from mainstay.artifact_store import paths
from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.local import LocalFolder
from mainstay.artifact_store.object import open_store
from mainstay.entities.accounts import Principal
from mainstay.errors import BadInput, MainstayError, NotFound
from mainstay.stores.sql import gc
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
    partials: int = 0
    """Half-written files of uploads that were killed."""


def plan(database: Database, wanted: Wanted) -> Swept:
    """Return what ``sweep`` would do now; change nothing. Raises: BadInput (ids)."""
    with database.read() as connection:
        return _sorted(gc.find(connection, wanted))


def sweep(
    database: Database, wanted: Wanted, files: Callable[[], ArtifactStore], *, by: Principal
) -> Swept:
    """Delete for good; ``files`` opens the root of proxied files. Raises: BadInput (ids).

    What cannot be deleted now (a store that is away) stays marked for the next time.
    """
    marked = _sorted(database.write(lambda connection: gc.mark(connection, wanted)))
    killpoints.reach("gc.marked")
    deleted: list[Item] = []
    failed: dict[str, str] = {}
    for item in marked.deleted:
        try:
            folder = None if item.kind == "experiment" else _empty(database, item, files)
            killpoints.reach("gc.emptied")
            if database.write(_erasing(item, folder, by)):
                deleted.append(item)
        except (MainstayError, OSError) as error:
            failed[item.identity] = str(error)
    partials = _clear_partials(files, before=wanted.before / 1000)
    return Swept(deleted=deleted, kept=marked.kept, failed=failed, partials=partials)


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
    """Object stores keep no half-written files where they can be seen."""
    try:
        store = files()
    except MainstayError:  # nobody said where the files are; what is deleted needed none
        return 0
    return store.clear_partials(before=before) if isinstance(store, LocalFolder) else 0


def _erasing(item: Item, folder: str | None, by: Principal) -> Callable[..., bool]:
    return lambda connection: gc.erase(connection, item, folder, by=by)


def _sorted(items: list[Item]) -> Swept:
    return Swept(
        deleted=[item for item in items if item.kept_by is None],
        kept=[item for item in items if item.kept_by is not None],
    )


def _empty(database: Database, item: Item, files: Callable[[], ArtifactStore]) -> str | None:
    """Delete the folder of a run or model; return its path if it is behind the proxy."""
    location = _own_folder(item)
    if location is None:
        return None
    if location.startswith(SCHEME):
        folder = paths.clean(unquote(urlsplit(location).path).strip("/"))
        frozen = SqlLedger(database).frozen([folder], deletes=True)
        if frozen is not None:
            raise MainstayError(f"{folder} holds files of a registered version ({frozen})")
        files().delete(folder)
        return folder
    above, _, name = location.rpartition("/")
    with suppress(NotFound):
        open_store(above).delete(name)
    return None


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
