"""The audit chain: each link holds the digest of the one before, so that any edit shows."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Row, select, text

from mainstay.entities.accounts import Principal
from mainstay.entities.digests import GENESIS, link_digest, plain
from mainstay.entities.release import AuditEntry
from mainstay.stores.sql import packing, rules
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.tables.release import audit_log

# Any number, the same in every process: whoever writes registry or release takes this lock first.
LOCK = 7_305_042


def serialise(connection: Connection) -> None:
    """Let one transaction at a time write registry and release, until it commits.

    The chain has one end, so its writers must queue. Taken before any row lock, the order is the
    same everywhere and nobody waits in a circle. SQLite has one writer already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})


def append(
    connection: Connection, action: str, subject: str, data: dict[str, Any], *, by: Principal
) -> AuditEntry:
    """Add a link in the caller's transaction."""
    serialise(connection)
    last = connection.execute(
        select(audit_log.c.sequence, audit_log.c.digest)
        .order_by(audit_log.c.sequence.desc())
        .limit(1)
    ).first()
    packing.text(data)
    entry = AuditEntry(
        sequence=last.sequence + 1 if last else 1,
        at=now(),
        principal=str(by),
        action=action,
        subject=subject,
        data=plain(data),
        previous=last.digest if last else GENESIS,
        digest="",
    )
    entry = replace(entry, digest=link_digest(entry))
    row = {field: getattr(entry, field) for field in entry.__struct_fields__}
    connection.execute(audit_log.insert().values({**row, "data": packing.text(data)}))
    return entry


def entries(
    connection: Connection, *, after: int = 0, limit: int = 1000, subject: str | None = None
) -> list[AuditEntry]:
    """Return links in order, those above ``after``."""
    query = select(audit_log).where(audit_log.c.sequence > bounded(after))
    if subject is not None:
        query = query.where(audit_log.c.subject == rules.plain(subject, "subject"))
    rows = connection.execute(query.order_by(audit_log.c.sequence).limit(bounded(limit)))
    return [_entry(row) for row in rows]


def bounded(number: int) -> int:
    """Return a number that a database can compare with: 0 to 2^63 - 1."""
    return min(max(number, 0), 2**63 - 1)


def _entry(row: Row[Any]) -> AuditEntry:
    values = dict(row._mapping)
    return AuditEntry(**{**values, "data": msgspec.json.decode(values["data"])})
