"""Webhooks on SQL: who is told of what. What is on its way is in ``deliveries``."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Sequence
from threading import Lock
from typing import Any, get_args
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, func, select, update

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.pages import Page
from mainstay.entities.webhooks import Delivery, Webhook, WebhookStatus, WebhookTest
from mainstay.errors import BadInput, NotFound, TooManyRequests
from mainstay.stores.sql import deliveries, journal, rules, tokens
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tables.release import events as happened
from mainstay.stores.sql.tables.webhooks import webhooks
from mainstay.webhooks import kinds, secrets
from mainstay.webhooks.sending import Sender

MOST = 1000
SECRET_LENGTH = 1000
TESTS_A_MINUTE = 5
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\Z")


class SqlWebhooks:
    """Fulfils ``WebhookStore`` on a database; ``sender`` knows where webhooks may lead."""

    def __init__(self, database: Database, sender: Sender | None = None) -> None:
        self.database = database
        self.sender = sender or Sender()
        self._tests: dict[str, deque[float]] = {}
        self._lock = Lock()

    def create_webhook(
        self,
        name: str,
        url: str,
        events: Sequence[str],
        *,
        description: str = "",
        secret: str | None = None,
        status: WebhookStatus = "ACTIVE",
        by: Principal = ANONYMOUS,
    ) -> Webhook:
        """Create a webhook that hears of what happens from now on."""
        at = now()
        webhook_id = str(uuid4())
        row: dict[str, Any] = {
            "webhook_id": webhook_id,
            "name": _valid_name(name),
            "events": _stored(events),
            "url": url,
            "description": rules.plain(description, "description", most=rules.TAG_LENGTH),
            "secret": _sealed(secret),
            "status": _valid_status(status),
            "created_at": at,
            "updated_at": at,
        }
        self.sender.check(rules.plain(url, "url"))

        def work(connection: Connection) -> Webhook:
            data = {"webhook_id": webhook_id, "name": name, "events": list(events)}
            journal.record(connection, "webhook.created", webhook_id, data, by=by)
            seen = connection.execute(select(func.max(happened.c.id))).scalar() or 0
            connection.execute(webhooks.insert().values(**row, after_event=seen))
            return _webhook(find(connection, webhook_id))

        return self.database.write(work)

    def get_webhook(self, webhook_id: str) -> Webhook:
        """Return it."""
        with self.database.read() as connection:
            return _webhook(find(connection, webhook_id))

    def list_webhooks(self, *, max_results: int = 100, token: str | None = None) -> Page[Webhook]:
        """Return webhooks, newest first."""
        if not 1 <= max_results <= MOST:
            raise BadInput(f"max_results must be between 1 and {MOST}.")
        query = select(webhooks).order_by(webhooks.c.id.desc()).limit(max_results + 1)
        if token:
            (last,) = tokens.unpack("webhooks", token, kinds=[int])
            query = query.where(webhooks.c.id < last)
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        more = len(rows) > max_results
        rows = rows[:max_results]
        following = tokens.pack("webhooks", [rows[-1].id]) if more else None
        return Page([_webhook(row) for row in rows], following)

    def update_webhook(
        self,
        webhook_id: str,
        *,
        name: str | None = None,
        url: str | None = None,
        events: Sequence[str] = (),
        description: str | None = None,
        secret: str | None = None,
        status: WebhookStatus | None = None,
        by: Principal = ANONYMOUS,
    ) -> Webhook:
        """Change what is given."""
        values: dict[str, Any] = {}
        if name:
            values["name"] = _valid_name(name)
        if url:
            values["url"] = rules.plain(url, "url")
        if events:
            values["events"] = _stored(events)
        if description is not None:
            values["description"] = rules.plain(description, "description", most=rules.TAG_LENGTH)
        if secret is not None:
            values["secret"] = _sealed(secret)
        if status is not None:
            values["status"] = _valid_status(status)
        self.get_webhook(webhook_id)
        if url:
            self.sender.check(url)

        def work(connection: Connection) -> Webhook:
            row = find(connection, webhook_id)
            if values:
                data = {"webhook_id": webhook_id, "name": row.name, "changed": sorted(values)}
                journal.record(connection, "webhook.updated", webhook_id, data, by=by)
                connection.execute(
                    update(webhooks)
                    .where(webhooks.c.id == row.id)
                    .values(**values, updated_at=now())
                )
            return _webhook(find(connection, webhook_id))

        return self.database.write(work)

    def delete_webhook(self, webhook_id: str, *, by: Principal = ANONYMOUS) -> None:
        """Delete it with its deliveries."""

        def work(connection: Connection) -> None:
            row = find(connection, webhook_id)
            data = {"webhook_id": webhook_id, "name": row.name}
            journal.record(connection, "webhook.deleted", webhook_id, data, by=by)
            connection.execute(delete(webhooks).where(webhooks.c.id == row.id))

        self.database.write(work)

    def test_webhook(self, webhook_id: str, event: str | None = None) -> WebhookTest:
        """Send a sample, at most five times a minute."""
        with self.database.read() as connection:
            row = find(connection, webhook_id)
        body = kinds.sample(event or _webhook(row).events[0], at=now())
        self._hold_back(webhook_id)
        secret = secrets.unseal(row.secret) if row.secret else None
        done = self.sender.send(row.url, body, delivery_id=str(uuid4()), secret=secret)
        return WebhookTest(
            success=done.success, response_status=done.status, error_message=done.error
        )

    def list_deliveries(self, webhook_id: str, *, limit: int = 100) -> list[Delivery]:
        """Return deliveries with their attempts, newest first."""
        with self.database.read() as connection:
            return deliveries.of_webhook(connection, find(connection, webhook_id), limit=limit)

    def resend(self, delivery_id: str, *, by: Principal = ANONYMOUS) -> Delivery:
        """Put a delivery in the queue again."""
        return self.database.write(lambda connection: deliveries.resend(connection, delivery_id))

    def _hold_back(self, webhook_id: str) -> None:
        """Raises: TooManyRequests: a test is no way to load somebody else's server."""
        moment = time.monotonic()
        with self._lock:
            times = self._tests.setdefault(webhook_id, deque())
            while times and times[0] < moment - 60:
                times.popleft()
            if len(times) >= TESTS_A_MINUTE:
                raise TooManyRequests(
                    f"webhook {webhook_id} was tested {TESTS_A_MINUTE} times within a minute; wait",
                    retry_after=60,
                )
            times.append(moment)


def find(connection: Connection, webhook_id: str) -> Row[Any]:
    """Return a webhook's row. Raises: NotFound."""
    query = select(webhooks).where(webhooks.c.webhook_id == rules.plain(webhook_id, "webhook_id"))
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"Webhook with ID {webhook_id} not found.")
    return row


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        webhook_id=row.webhook_id,
        name=row.name,
        url=row.url,
        events=tuple(row.events.split()),
        status=row.status,
        description=row.description,
        signed=row.secret is not None,
        creation_timestamp=row.created_at,
        last_updated_timestamp=row.updated_at,
    )


def _stored(events: Sequence[str]) -> str:
    return f" {' '.join(kinds.check(events))} "


def _sealed(secret: str | None) -> str | None:
    if not secret:
        return None
    return secrets.seal(rules.plain(secret, "secret", most=SECRET_LENGTH))


def _valid_name(name: str) -> str:
    if not _NAME.match(rules.plain(name, "name")):
        raise BadInput(
            f"Webhook name {name[:80]!r} is invalid. It must start and end with a letter or digit, "
            "be less than 63 characters long, and contain only letters, digits, dots (.), "
            "underscores (_), and hyphens (-)."
        )
    return name


def _valid_status(status: str) -> str:
    if status not in get_args(WebhookStatus):
        raise BadInput(f"{status!r} is no status of a webhook; there are ACTIVE and DISABLED")
    return status
