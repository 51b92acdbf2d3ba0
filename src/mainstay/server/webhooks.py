"""Deliver events to webhooks: queued from the outbox, sent by threads of their own.

A slow or dead receiver holds up nobody but itself. What was sent and not yet written down when a
server died is sent again: at least once, each time under the same delivery id.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from mainstay import killpoints
from mainstay.entities.events import Event
from mainstay.entities.webhooks import Attempt, Outgoing
from mainstay.errors import MainstayError
from mainstay.stores.sql import deliveries
from mainstay.stores.sql.database import Database
from mainstay.webhooks.sending import Outcome, Sender

log = logging.getLogger("mainstay.webhooks")

POLL_SECONDS = 0.5
SENDERS = 4
TIDY_SECONDS = 3600.0


class Queue:
    """A subscriber of the outbox that queues deliveries."""

    name = "webhooks"

    def __init__(self, database: Database) -> None:
        self._database = database

    def deliver(self, event: Event) -> None:
        """Queue an event for the webhooks that want it; again is harmless."""
        with self._database.read() as connection:  # most events are nobody's to hear of
            if not deliveries.wanting(connection, event):
                return
        self._database.write(lambda connection: deliveries.queue(connection, event))


class Deliverer:
    """Sends what is due, and keeps what came of it."""

    def __init__(self, database: Database, sender: Sender) -> None:
        self._database = database
        self._sender = sender
        self._stopping = threading.Event()
        self._free = threading.Semaphore(SENDERS)
        self._pool = ThreadPoolExecutor(SENDERS, "mainstay-webhook")
        self._thread = threading.Thread(target=self._run, name="mainstay-webhooks", daemon=True)
        self._tidied = time.monotonic()

    def start(self) -> None:
        """Begin sending."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being sent."""
        self._stopping.set()
        self._thread.join(timeout=5.0)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            try:
                while self._send_some() and not self._stopping.is_set():
                    pass
                self._tidy()
            except MainstayError as error:
                log.warning("deliveries wait: %s", error)
            except Exception:  # the border of the loop: sending goes on later
                log.exception("deliveries wait")

    def _send_some(self) -> bool:
        """Hand one delivery that is due to a thread that is free; tell whether there was one."""
        at = int(time.time() * 1000)
        with self._database.read() as connection:  # looking costs no write
            if not deliveries.due(connection, at=at):
                return False
        if not self._free.acquire(timeout=POLL_SECONDS):
            return True
        taken: list[Outgoing] = []
        try:
            taken = self._database.write(
                lambda connection: deliveries.take(connection, at=at, limit=1)
            )
        finally:
            if not taken:
                self._free.release()
        for outgoing in taken:
            self._pool.submit(self._send, outgoing)
        return bool(taken)

    def _send(self, outgoing: Outgoing) -> None:
        try:
            self._try(outgoing)
        except Exception:  # the border of the thread: the lease runs out and it is sent again
            log.exception("delivery %s was not written down", outgoing.delivery_id)
        finally:
            self._free.release()

    def _try(self, outgoing: Outgoing) -> None:
        at = int(time.time() * 1000)
        try:
            secret = deliveries.secret_of(outgoing)
        except MainstayError as error:
            outcome = Outcome(None, error.message, 0.0)
        else:
            outcome = self._sender.send(
                outgoing.url, outgoing.body, delivery_id=outgoing.delivery_id, secret=secret
            )
        killpoints.reach("webhooks.sent")
        if not outcome.success:
            log.warning(
                "webhook %s, try %d: %s", outgoing.webhook_id, outgoing.tries + 1, outcome.error
            )
        attempt = Attempt(
            at=at, status=outcome.status, error=outcome.error, seconds=outcome.seconds
        )
        self._database.write(
            lambda connection: deliveries.finish(
                connection, outgoing.delivery_id, attempt, success=outcome.success
            )
        )

    def _tidy(self) -> None:
        if time.monotonic() - self._tidied < TIDY_SECONDS:
            return
        self._tidied = time.monotonic()
        before = int(time.time() * 1000) - deliveries.KEPT_MS
        self._database.write(lambda connection: deliveries.forget(connection, before=before))
