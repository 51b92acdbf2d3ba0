"""Versions whose files are not hashed yet, inside a transaction: who is due, and what came of it.

``hash_at`` is when the next try is due; it is null where there is none to come: the digest is
fixed, or the tries were given up, which ``status_message`` then says.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select, update

from mainstay.entities.accounts import Principal
from mainstay.stores.sql import journal
from mainstay.stores.sql.tables.registry import model_versions as versions
from mainstay.stores.sql.tables.registry import registered_models as models


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A version to hash, and how often that was tried before."""

    version_id: int
    name: str
    version: int
    tries: int


QUIETLY = 4
"""Tries that may fail without a word: files often come a moment after their version."""

_DUE = (versions.c.digest.is_(None), versions.c.deleted.is_(False))


def due(connection: Connection, *, at: int, limit: int) -> list[Pending]:
    """Return versions whose next try is due at ``at`` (milliseconds), the longest due first."""
    query = (
        select(versions.c.id, models.c.name, versions.c.version, versions.c.hash_tries)
        .join(models)
        .where(versions.c.hash_at <= at, *_DUE)
        .order_by(versions.c.hash_at)
        .limit(limit)
    )
    return [
        Pending(version_id=row.id, name=row.name, version=row.version, tries=row.hash_tries)
        for row in connection.execute(query)
    ]


def claim(connection: Connection, item: Pending, *, at: int, until: int) -> bool:
    """Keep others from a version until ``until``; tell whether it was still due."""
    taken = connection.execute(
        update(versions)
        .where(versions.c.id == item.version_id, versions.c.hash_at <= at, *_DUE)
        .values(hash_at=until)
    )
    return bool(taken.rowcount)


def failed(
    connection: Connection, item: Pending, why: str, *, again_at: int, tell: bool = False
) -> None:
    """Write down a try that failed, and when the next is due; why, with ``tell`` or after some."""
    text = f"pending: its files are not hashed: {why}" if tell or item.tries >= QUIETLY else ""
    _write(connection, item, text, again_at)


def given_up(connection: Connection, item: Pending, why: str, *, by: Principal) -> None:
    """Write down that no try will follow, as an event too."""
    hint = f"mainstay models hash {item.name} {item.version}"
    text = f"not hashed, given up after {item.tries + 1} tries: {why}; try again: {hint}"
    if _write(connection, item, text, None):
        data = {"name": item.name, "version": item.version, "reason": why}
        subject = f"{item.name}/{item.version}"
        journal.record(connection, "model_version.unhashed", subject, data, by=by)


def _write(connection: Connection, item: Pending, text: str, again_at: int | None) -> bool:
    done = connection.execute(
        update(versions)
        .where(versions.c.id == item.version_id, *_DUE)
        .values(hash_tries=item.tries + 1, hash_at=again_at, status_message=text[:2000])
    )
    return bool(done.rowcount)
