"""Deliver events to subscribers inside the server: in order, at least once, by one server.

A subscriber's position moves only after it took an event, so a crash repeats a delivery and
loses none. Of several servers on one database, the one that holds the lease delivers; when it
dies the lease runs out and another goes on.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Sequence
from typing import Protocol

from mainstay import killpoints
from mainstay.entities.events import Event
from mainstay.errors import MainstayError
from mainstay.stores.base import ReleaseStore
from mainstay.stores.sql import cursors
from mainstay.stores.sql.database import Database

log = logging.getLogger("mainstay.outbox")

POLL_SECONDS = 0.5
LEASE_SECONDS = 30.0
BATCH = 100
LONGEST_PAUSE = 60.0


class Subscriber(Protocol):
    """Takes events. ``name`` is its place in the table of cursors."""

    name: str

    def deliver(self, event: Event) -> None:
        """Take one event, perhaps not for the first time. Raising means: again, later."""
        ...


class Outbox:
    """A thread that brings each subscriber up to date and keeps it there."""

    def __init__(
        self, database: Database, release: ReleaseStore, subscribers: Sequence[Subscriber]
    ) -> None:
        self._database = database
        self._release = release
        self._subscribers = subscribers
        self._holder = secrets.token_hex(8)
        self._stopping = threading.Event()
        self._seen: dict[str, int] = {}
        self._again_at: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="mainstay-outbox", daemon=True)

    def start(self) -> None:
        """Begin delivering."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the event at hand, and let another server go on at once."""
        self._stopping.set()
        self._thread.join(timeout=10.0)

    def _run(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            for subscriber in self._subscribers:
                self._serve(subscriber)
        for subscriber in self._subscribers:
            self._give_back(subscriber)

    def _serve(self, subscriber: Subscriber) -> None:
        name = subscriber.name
        if time.monotonic() < self._again_at.get(name, 0.0):
            return
        try:
            while self._deliver_some(subscriber) and not self._stopping.is_set():
                pass
            self._failures[name] = 0
        except MainstayError as error:
            log.warning("subscriber %s: %s; again in %.0f s", name, error, self._pause(name))
        except Exception:  # the border of the loop: delivery goes on later
            log.exception("subscriber %s failed; again in %.0f s", name, self._pause(name))

    def _pause(self, name: str) -> float:
        """Leave a subscriber alone for a while, longer each time; return the seconds."""
        self._failures[name] = self._failures.get(name, 0) + 1
        pause = min(2.0 ** self._failures[name], LONGEST_PAUSE)
        self._again_at[name] = time.monotonic() + pause
        return pause

    def _deliver_some(self, subscriber: Subscriber) -> bool:
        """Deliver one batch; tell whether there may be more."""
        # Looking costs a read; only when there is something is the lease written.
        if not self._release.list_events(after=self._seen.get(subscriber.name, 0), limit=1):
            return False
        position = self._claim(subscriber)
        if position is None:
            return False
        events = self._release.list_events(after=position, limit=BATCH)
        self._seen[subscriber.name] = position
        for event in events:
            subscriber.deliver(event)
            killpoints.reach("outbox.delivered")
            if not self._advance(subscriber, event.event_id):
                return False
            self._seen[subscriber.name] = event.event_id
        return len(events) == BATCH

    def _claim(self, subscriber: Subscriber) -> int | None:
        now = int(time.time() * 1000)
        until = now + int(LEASE_SECONDS * 1000)
        return self._database.write(
            lambda connection: cursors.claim(
                connection, subscriber.name, holder=self._holder, now=now, until=until
            )
        )

    def _advance(self, subscriber: Subscriber, position: int) -> bool:
        return self._database.write(
            lambda connection: cursors.advance(
                connection, subscriber.name, holder=self._holder, position=position
            )
        )

    def _give_back(self, subscriber: Subscriber) -> None:
        if subscriber.name not in self._seen:
            return
        try:
            self._database.write(
                lambda connection: cursors.release(connection, subscriber.name, holder=self._holder)
            )
        except Exception:  # stopping anyway; the lease runs out by itself
            log.warning("the lease of %s was not given back", subscriber.name, exc_info=True)
