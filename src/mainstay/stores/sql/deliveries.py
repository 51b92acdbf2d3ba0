"""Deliveries to webhooks: queued once for each event, taken when due, kept with every attempt.

Taking a delivery moves its due time on, so several servers share the queue, and what a server took
before it died is due again after ``LEASE_MS``.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update

from mainstay.entities.events import Event
from mainstay.entities.webhooks import Attempt, Delivery, Outgoing
from mainstay.errors import NotFound
from mainstay.stores.sql import rules, upsert
from mainstay.stores.sql.audit import bounded
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.tables.webhooks import webhook_attempts, webhook_deliveries, webhooks
from mainstay.webhooks import kinds, secrets

LEASE_MS = 30_000
"""Longer than one attempt may take."""

TRIES = 16
"""Tries of a delivery, over about five hours, until it counts as failed."""

FIRST_PAUSE_MS = 2_000
LONGEST_PAUSE_MS = 3_600_000
KEPT_MS = 30 * 24 * 3_600_000
"""How long finished deliveries are kept to be looked at and sent again."""

_table = webhook_deliveries


def wanting(connection: Connection, event: Event) -> Sequence[int]:
    """Return the webhooks that want to hear of an event."""
    if event.kind not in kinds.KINDS:
        return ()
    query = select(webhooks.c.id).where(
        webhooks.c.status == "ACTIVE",
        webhooks.c.after_event < event.event_id,
        webhooks.c.events.contains(f" {event.kind} ", autoescape=True),
    )
    return connection.execute(query).scalars().all()


def queue(connection: Connection, event: Event) -> int:
    """Queue an event for each webhook that wants it, once; return how many were queued."""
    body, at = (
        kinds.body(event.kind, {**event.data, "event_id": event.event_id}, at=event.at),
        now(),
    )
    queued = 0
    for webhook in wanting(connection, event):
        row = {
            "delivery_id": str(uuid4()),
            "webhook": webhook,
            "event_id": event.event_id,
            "event": event.kind,
            "body": body,
            "state": "waiting",
            "tries": 0,
            "created_at": at,
            "next_at": at,
        }
        queued += upsert.add(connection, _table, row, key=["webhook", "event_id"])
    return queued


def due(connection: Connection, *, at: int) -> bool:
    """Tell whether a delivery waits to be sent."""
    query = select(_table.c.id).where(*_due(at)).limit(1)
    return connection.execute(query).first() is not None


def take(connection: Connection, *, at: int, limit: int) -> list[Outgoing]:
    """Take deliveries that are due, oldest first; nobody else gets them while the lease runs."""
    query = (
        select(_table.c.id)
        .where(*_due(at))
        .order_by(_table.c.next_at, _table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = connection.execute(query).scalars().all()
    if not ids:
        return []
    connection.execute(update(_table).where(_table.c.id.in_(ids)).values(next_at=at + LEASE_MS))
    taken = connection.execute(
        select(_table, webhooks.c.webhook_id, webhooks.c.url, webhooks.c.secret)
        .join(webhooks, webhooks.c.id == _table.c.webhook)
        .where(_table.c.id.in_(ids))
        .order_by(_table.c.id)
    )
    return [
        Outgoing(
            delivery_id=row.delivery_id,
            webhook_id=row.webhook_id,
            url=row.url,
            secret=row.secret,
            body=row.body,
            tries=row.tries,
        )
        for row in taken
    ]


def finish(connection: Connection, delivery_id: str, attempt: Attempt, *, success: bool) -> None:
    """Keep an attempt, and say what is next: nothing, or another try after a longer pause."""
    row = connection.execute(
        select(_table.c.id, _table.c.tries).where(_table.c.delivery_id == delivery_id)
    ).first()
    if row is None:  # its webhook was deleted meanwhile
        return
    connection.execute(
        webhook_attempts.insert().values(
            delivery=row.id,
            at=attempt.at,
            status=attempt.status,
            error=attempt.error,
            seconds=attempt.seconds,
        )
    )
    tries = row.tries + 1
    values: dict[str, Any] = {"state": "delivered", "next_at": None}
    if not success:
        values = {"state": "failed", "next_at": None}
        if tries < TRIES:
            values = {"state": "waiting", "next_at": now() + pause(tries)}
    connection.execute(update(_table).where(_table.c.id == row.id).values(tries=tries, **values))


def pause(tries: int) -> int:
    """Return the milliseconds to wait after so many tries; a little random, so that herds part."""
    whole = min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)
    return int(whole * random.uniform(0.8, 1.0))


def resend(connection: Connection, delivery_id: str) -> Delivery:
    """Make a delivery due now, with all its tries before it. Raises: NotFound."""
    wanted = rules.plain(delivery_id, "delivery_id")
    done = connection.execute(
        update(_table)
        .where(_table.c.delivery_id == wanted)
        .values(state="waiting", tries=0, next_at=now())
    )
    if not done.rowcount:
        raise NotFound(
            f"there is no delivery {delivery_id}; deliveries are kept for 30 days, and "
            "`mainstay webhooks attempts` lists them"
        )
    return _load(connection, _table.c.delivery_id == wanted, limit=1)[0]


def of_webhook(connection: Connection, webhook: Row[Any], *, limit: int) -> list[Delivery]:
    """Return a webhook's deliveries with their attempts, newest first."""
    return _load(connection, _table.c.webhook == webhook.id, limit=limit)


def waiting(connection: Connection) -> int:
    """Return how many deliveries have not arrived yet."""
    query = select(func.count()).select_from(_table).where(_table.c.state == "waiting")
    return connection.execute(query).scalar() or 0


def forget(connection: Connection, *, before: int) -> int:
    """Delete finished deliveries that were made before a moment."""
    done = connection.execute(
        delete(_table).where(_table.c.state != "waiting", _table.c.created_at < before)
    )
    return int(done.rowcount)


def secret_of(outgoing: Outgoing) -> str | None:
    """Return the secret that a delivery is signed with. Raises: LostKey."""
    return secrets.unseal(outgoing.secret) if outgoing.secret else None


def _due(at: int) -> tuple[ColumnElement[bool], ...]:
    active = select(webhooks.c.id).where(webhooks.c.status == "ACTIVE")
    return _table.c.state == "waiting", _table.c.next_at <= at, _table.c.webhook.in_(active)


def _load(connection: Connection, which: Any, *, limit: int) -> list[Delivery]:
    rows = connection.execute(
        select(_table, webhooks.c.webhook_id)
        .join(webhooks, webhooks.c.id == _table.c.webhook)
        .where(which)
        .order_by(_table.c.id.desc())
        .limit(bounded(limit))
    ).all()
    ids = [row.id for row in rows]
    tries: dict[int, list[Attempt]] = {}
    table = webhook_attempts
    for row in connection.execute(
        select(table).where(table.c.delivery.in_(ids)).order_by(table.c.id)
    ):
        attempt = Attempt(at=row.at, status=row.status, error=row.error, seconds=row.seconds)
        tries.setdefault(row.delivery, []).append(attempt)
    return [
        Delivery(
            delivery_id=row.delivery_id,
            webhook_id=row.webhook_id,
            event_id=row.event_id,
            event=row.event,
            state=row.state,
            created_at=row.created_at,
            next_at=row.next_at,
            attempts=tuple(tries.get(row.id, ())),
        )
        for row in rows
    ]
