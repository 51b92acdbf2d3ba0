"""Events, written in the transaction that made them happen; a server delivers them later."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, select

from mainstay.entities.events import Event
from mainstay.stores.sql import packing
from mainstay.stores.sql.audit import bounded, serialise
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.tables.release import events


def add(connection: Connection, kind: str, subject: str, data: dict[str, Any]) -> None:
    """Add an event in the caller's transaction.

    Its writers queue with those of the audit chain, so that ids become visible in order: a reader
    that has seen event 7 never finds a new event 6.
    """
    serialise(connection)
    text = packing.text(data)
    connection.execute(events.insert().values(kind=kind, subject=subject, data=text, at=now()))


def entries(connection: Connection, *, after: int = 0, limit: int = 1000) -> list[Event]:
    """Return events in order, those above ``after``."""
    query = select(events).where(events.c.id > bounded(after)).order_by(events.c.id)
    query = query.limit(bounded(limit))
    return [
        Event(
            event_id=row.id,
            kind=row.kind,
            subject=row.subject,
            data=msgspec.json.decode(row.data),
            at=row.at,
        )
        for row in connection.execute(query)
    ]
