"""The one writer of a SQLite database: a thread that commits what queued meanwhile, together.

While a commit waits for the disk, other requests queue; the next transaction takes all of them,
each in a savepoint, and one commit answers all. Nothing ever waits for company.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread, get_ident
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from mainstay import killpoints
from mainstay.errors import MainstayError, Unavailable
from mainstay.stores.sql.failures import translate

T = TypeVar("T")

MOST = 256
"""Requests of one transaction at most, so that the first does not wait for ever."""


class _Request:
    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.answer: Future[Any] = Future()
        self.result: Any = None


class Writer:
    """Runs requests one after another on the connection of ``engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: SimpleQueue[_Request | None] = SimpleQueue()
        self._closed = False
        self._lock = Lock()
        self._broken: MainstayError | None = None
        self.commits = 0
        self._thread = Thread(target=self._loop, name="mainstay-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction and return its result after the commit."""
        if get_ident() == self._thread.ident:
            raise RuntimeError("a write inside a write would wait for itself; pass the connection")
        request = _Request(work)
        with self._lock:
            if self._closed:
                raise Unavailable("the database is closed")
            self._queue.put(request)
        result: T = request.answer.result()
        return result

    @property
    def queued(self) -> int:
        """How many requests wait for the next transaction."""
        return self._queue.qsize()

    def close(self) -> None:
        """Finish what is queued, then stop."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _loop(self) -> None:
        stop = False
        while not stop:
            first = self._queue.get()
            if first is None:
                return
            batch = [first]
            while len(batch) < MOST:
                try:
                    following = self._queue.get_nowait()
                except Empty:
                    break
                if following is None:
                    stop = True
                    break
                batch.append(following)
            self._commit(batch)

    def _commit(self, batch: list[_Request]) -> None:
        """Run a batch in one transaction and answer every request of it."""
        waiting = list(batch)
        try:
            if self._broken is not None:
                raise self._broken
            with self._engine.connect() as connection:
                while waiting:
                    done = self._transaction(connection, waiting)
                    for request in done:
                        request.answer.set_result(request.result)
        except BaseException as error:  # noqa: BLE001 - handed to the callers that wait
            meaning = translate(error)
            if isinstance(error, DBAPIError) and "disk I/O error" in str(error.orig):
                # What a failed flush left behind is unknown; a retry could lie.
                self._broken = MainstayError(f"{meaning}; restart after the disk is repaired")
            for request in batch:
                if not request.answer.done():
                    request.answer.set_exception(meaning)

    def _transaction(self, connection: Connection, waiting: list[_Request]) -> list[_Request]:
        """Run the waiting requests until the end or until the database gives all of it up."""
        done: list[_Request] = []
        with connection.begin():
            while waiting:
                request = waiting.pop(0)
                savepoint = connection.begin_nested()
                try:
                    request.result = request.work(connection)
                    savepoint.commit()
                except BaseException as error:
                    if not _in_transaction(connection):
                        # A full disk may undo the whole transaction, the neighbours' work too.
                        waiting.insert(0, request)
                        raise
                    savepoint.rollback()
                    request.answer.set_exception(translate(error))
                else:
                    done.append(request)
            killpoints.reach("database.before_commit")
        killpoints.reach("database.after_commit")
        self.commits += 1
        return done


def _in_transaction(connection: Connection) -> bool:
    return bool(connection.connection.driver_connection.in_transaction)  # type: ignore[union-attr]
