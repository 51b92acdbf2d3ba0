"""How far each subscriber of the outbox has come, and the lease of the server that delivers.

Leases compare the clocks of servers; a clock that is wrong costs a second delivery, never a lost
event, since a position moves only after its events were delivered.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from mainstay.stores.sql.tables.outbox import outbox_cursors
from mainstay.stores.sql.tables.release import events

_table = outbox_cursors


def claim(
    connection: Connection, subscriber: str, *, holder: str, now: int, until: int
) -> int | None:
    """Take or renew the lease; return the position, or None while another server holds it."""
    query = select(_table).where(_table.c.subscriber == subscriber).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        values = {"subscriber": subscriber, "position": 0, "holder": holder, "held_until": until}
        connection.execute(_table.insert().values(values))
        return 0
    if row.holder != holder and row.held_until > now:
        return None
    _set(connection, subscriber, holder=holder, held_until=until)
    return int(row.position)


def advance(connection: Connection, subscriber: str, *, holder: str, position: int) -> bool:
    """Move the position of a lease that is still held; False if another server took it."""
    done = connection.execute(
        update(_table)
        .where(_table.c.subscriber == subscriber, _table.c.holder == holder)
        .values(position=position)
    )
    return bool(done.rowcount)


def release(connection: Connection, subscriber: str, *, holder: str) -> None:
    """Give the lease back, so that another server need not wait for its end."""
    connection.execute(
        update(_table)
        .where(_table.c.subscriber == subscriber, _table.c.holder == holder)
        .values(held_until=0)
    )


def last_event(connection: Connection) -> int:
    """Return the id of the newest event; 0 if there is none."""
    return connection.execute(select(func.max(events.c.id))).scalar() or 0


def _set(connection: Connection, subscriber: str, **values: object) -> None:
    connection.execute(update(_table).where(_table.c.subscriber == subscriber).values(**values))
