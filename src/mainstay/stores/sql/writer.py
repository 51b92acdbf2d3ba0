"""The one writer of a SQLite database: a thread that commits what queued meanwhile, together.

While a commit waits for the disk, other requests queue; the next transaction takes all of them,
each in a savepoint, and one commit answers all. Nothing ever waits for company.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread, get_ident
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from mainstay import killpoints
from mainstay.errors import MainstayError, Unavailable
from mainstay.stores.sql.failures import translate
from mainstay.stores.sql.statements import begin, end

T = TypeVar("T")

MOST = 256
"""Requests of one transaction at most, so that the first does not wait for ever."""


class _Request:
    """A piece of work, and the future of a thread or of an event loop that waits for it."""

    __slots__ = ("answered", "error", "result", "waiting", "work")

    def __init__(
        self, work: Callable[[Connection], Any], waiting: Future[Any] | asyncio.Future[Any]
    ) -> None:
        self.work = work
        self.waiting = waiting
        self.result: Any = None
        self.error: BaseException | None = None
        self.answered = False

    def answer(self) -> None:
        """Hand over what came of it, unless nobody waits any more."""
        if self.waiting.done():
            return
        if self.error is not None:
            self.waiting.set_exception(self.error)
        else:
            self.waiting.set_result(self.result)


class Writer:
    """Runs requests one after another on the connection of ``engine``.

    ``prompt`` says that commits do not wait for a disk: then an event loop that finds nobody before
    it commits what it just read at once, since a thread and back would take longer.
    """

    def __init__(self, engine: Engine, *, prompt: bool = False) -> None:
        self._engine = engine
        self._prompt = prompt
        self._turn = Lock()
        self._together: list[_Request] = []
        self._queue: SimpleQueue[_Request | None] = SimpleQueue()
        self._closed = False
        self._lock = Lock()
        self._broken: MainstayError | None = None
        self._connection: Connection | None = None
        self.commits = 0
        self._thread = Thread(target=self._loop, name="mainstay-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction and return its result after the commit."""
        if get_ident() == self._thread.ident:
            raise RuntimeError("a write inside a write would wait for itself; pass the connection")
        waiting: Future[T] = Future()
        self._put(_Request(work, waiting))
        return waiting.result()

    def begin(self, work: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Queue ``work`` and return the future of its result; for the thread of an event loop."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[T] = loop.create_future()
        request = _Request(work, waiting)
        if not self._prompt:
            self._put(request)
            return waiting
        self._together.append(request)
        if len(self._together) == 1:
            loop.call_soon(self._commit_together)
        return waiting

    def _commit_together(self) -> None:
        """Commit, in the thread of the event loop, what it read in one round."""
        batch, self._together = self._together, []
        if not self._closed and self._queue.empty() and self._turn.acquire(blocking=False):
            try:
                self._commit(batch)
            finally:
                self._turn.release()
            return
        for request in batch:
            try:
                self._put(request)
            except Unavailable as error:
                request.error = error
                request.answer()

    @property
    def broken(self) -> MainstayError | None:
        """Why nothing is written any more: the disk failed, and what it says is not believed."""
        return self._broken

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

    def _put(self, request: _Request) -> None:
        with self._lock:
            if self._closed:
                raise Unavailable("the database is closed")
            self._queue.put(request)

    def _loop(self) -> None:
        stop = False
        while not stop:
            first = self._queue.get()
            if first is None:
                break
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
            with self._turn:
                self._commit(batch)
        with self._turn:
            self._let_go()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _commit(self, batch: list[_Request]) -> None:
        """Run a batch in one transaction and answer every request of it."""
        waiting = list(batch)
        try:
            if self._broken is not None:
                raise self._broken
            if self._connection is None:
                self._connection = self._engine.connect()
            while waiting:
                done = self._transaction(self._connection, waiting)
                _answer(done)
        except BaseException as error:  # noqa: BLE001 - handed to the callers that wait
            meaning = translate(error)
            if isinstance(error, DBAPIError) and "disk I/O error" in str(error.orig):
                # What a failed flush left behind is unknown; a retry could lie.
                self._broken = MainstayError(f"{meaning}; restart after the disk is repaired")
            self._let_go()
            unanswered = [request for request in batch if not request.answered]
            for request in unanswered:
                request.error = meaning
            _answer(unanswered)

    def _transaction(self, connection: Connection, waiting: list[_Request]) -> list[_Request]:
        """Run the waiting requests until the end or until the database gives all of it up."""
        begin(connection, "BEGIN IMMEDIATE")
        try:
            run = _run_alone if len(waiting) == 1 else _run
            done = run(connection, waiting)
            killpoints.reach("database.before_commit")
            end(connection, commit=bool(done))
        except BaseException:
            end(connection)
            raise
        killpoints.reach("database.after_commit")
        self.commits += 1
        return done


def _run_alone(connection: Connection, waiting: list[_Request]) -> list[_Request]:
    """Run one request, for which the transaction is savepoint enough."""
    request = waiting[0]
    try:
        request.result = request.work(connection)
    except BaseException as error:
        driver: Any = connection.connection.dbapi_connection
        if not driver.in_transaction:
            raise
        request.error = translate(error)
        _answer(waiting)
    done = [one for one in waiting if not one.answered]
    waiting.clear()
    return done


def _run(connection: Connection, waiting: list[_Request]) -> list[_Request]:
    """Run requests, each in a savepoint; return those that worked, answer those that did not."""
    done: list[_Request] = []
    driver: Any = connection.connection.dbapi_connection
    while waiting:
        request = waiting.pop(0)
        driver.execute("SAVEPOINT request")
        try:
            request.result = request.work(connection)
            driver.execute("RELEASE request")
        except BaseException as error:
            if not driver.in_transaction:
                # A full disk may undo the whole transaction, the neighbours' work too.
                waiting.insert(0, request)
                raise
            driver.execute("ROLLBACK TO request")
            driver.execute("RELEASE request")
            request.error = translate(error)
            _answer([request])
        else:
            done.append(request)
    return done


def _answer(requests: Iterable[_Request]) -> None:
    """Hand over results; an event loop is woken once for all of its own."""
    of_loops: dict[asyncio.AbstractEventLoop, list[_Request]] = defaultdict(list)
    for request in requests:
        request.answered = True
        if isinstance(request.waiting, Future):
            request.answer()
        else:
            of_loops[request.waiting.get_loop()].append(request)
    for loop, some in of_loops.items():
        with suppress(RuntimeError):  # the loop was closed; nobody waits there
            loop.call_soon_threadsafe(_answer_all, some)


def _answer_all(requests: Iterable[_Request]) -> None:
    for request in requests:
        request.answer()
