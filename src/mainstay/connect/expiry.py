"""Apply the retention of experiments: what ``mainstay gc`` does before it sweeps."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection

from mainstay import killpoints
from mainstay.connect.sweep import Place, empty
from mainstay.entities.accounts import Principal
from mainstay.errors import MainstayError
from mainstay.stores.sql import expiring
from mainstay.stores.sql.gc import Item
from mainstay.stores.sql.ledger import SqlLedger


class Expired(msgspec.Struct, frozen=True, kw_only=True):
    """What went by a rule, or would: runs and models (deleted), runs without their files.

    An item with ``kept_by`` was due and stays.
    """

    items: list[Item]
    files: list[Item]
    failed: dict[str, str] = {}


def plan(place: Place) -> Expired:
    """Return what ``expire`` would do now; change nothing."""
    with place.database.read() as connection, place.registry.read() as registry:
        items = expiring.find_runs(connection, registry)
        files = expiring.find_files(connection, registry)
    # A run that is deleted restorably keeps its files for as long as it can be restored.
    gone = {item.identity for item in items if item.kept_by is None}
    return Expired(items=items, files=[one for one in files if one.identity not in gone])


def expire(place: Place, *, by: Principal) -> Expired:
    """Delete the runs that are due, restorably, and the files that are due, for good.

    Files that cannot be deleted now (a store that is away) stay marked for the next time.
    """

    def delete(connection: Connection) -> list[Item]:
        with place.registry_beside(connection) as registry:
            return expiring.delete_runs(connection, registry, by=by)

    def mark(connection: Connection) -> list[Item]:
        with place.registry_beside(connection) as registry:
            return expiring.mark_files(connection, registry)

    items = place.database.write(delete)
    marked = place.database.write(mark)
    killpoints.reach("gc.marked")
    failed: dict[str, str] = {}
    for item in marked:
        if item.kept_by is not None:
            continue
        try:
            folder = empty(place, item)
            if folder is not None:
                SqlLedger(place.registry).forget(folder)
            place.database.write(_noting(item, by))
        except (MainstayError, OSError) as error:
            failed[item.identity] = str(error)
    return Expired(items=items, files=marked, failed=failed)


def _noting(item: Item, by: Principal) -> Callable[[Connection], None]:
    return lambda connection: expiring.note_files_gone(connection, item, by=by)
