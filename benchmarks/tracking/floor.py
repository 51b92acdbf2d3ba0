"""What this machine allows: the least server that still keeps what it acknowledges.

A bare ASGI function on uvicorn. Writes go to one thread that commits what queued meanwhile in one
transaction (WAL, synchronous FULL) and answers after the commit; no checks, no savepoints, no
duplicates found, one row a point. Reads are measured without a server at all: the statement on
``sqlite3`` and nothing else.
"""

from __future__ import annotations

import asyncio
import queue
import secrets
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import uvicorn
from pysqlite3 import dbapi2 as sqlite

TABLES = """
CREATE TABLE runs (id INTEGER PRIMARY KEY, run_id TEXT UNIQUE, start_time INTEGER);
CREATE TABLE points (run TEXT, key TEXT, timestamp INTEGER, step INTEGER, value REAL);
CREATE TABLE aliases (name TEXT PRIMARY KEY, answer TEXT);
CREATE TABLE metrics (run INTEGER, key TEXT, value REAL, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE TABLE params (run INTEGER, key TEXT, value TEXT, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE TABLE tags (run INTEGER, key TEXT, value TEXT, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE INDEX points_of ON points (run, key);
CREATE INDEX metrics_by_value ON metrics (key, value, run);
INSERT INTO aliases VALUES ('model', '{"model_version":{"name":"model","version":"1"}}');
"""
NEW_POINT = "INSERT INTO points VALUES (?, ?, ?, ?, ?)"
NEW_RUN = "INSERT INTO runs (run_id, start_time) VALUES (?, ?)"


class Point(msgspec.Struct):
    """One point in a request."""

    key: str
    value: float
    timestamp: int
    step: int
    run_id: str = ""


class Batch(msgspec.Struct):
    """A log-batch."""

    run_id: str
    metrics: list[Point]


class NewRun(msgspec.Struct):
    """A runs/create."""

    start_time: int = 0


def open_database(path: str) -> Any:
    """Open a database as durable as mainstay's; a new one gets its tables."""
    database = sqlite.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        database.executescript(TABLES)
    return database


class Writer(threading.Thread):
    """Commits what queued, then answers it."""

    def __init__(self, path: str, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._loop = loop
        self._queue: queue.SimpleQueue[tuple[str, list[Any], asyncio.Future[None]]]
        self._queue = queue.SimpleQueue()

    def put(self, statement: str, rows: list[Any]) -> asyncio.Future[None]:
        """Return what is done when the rows are on the disk."""
        done = self._loop.create_future()
        self._queue.put((statement, rows, done))
        return done

    def run(self) -> None:
        """Work for ever."""
        database = open_database(self._path)
        while True:
            batch = [self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get())
            database.execute("BEGIN IMMEDIATE")
            for statement, rows, _ in batch:
                database.executemany(statement, rows)
            database.execute("COMMIT")
            self._loop.call_soon_threadsafe(_answer, [done for *_, done in batch])


def _answer(finished: list[asyncio.Future[None]]) -> None:
    for done in finished:
        done.set_result(None)


class Floor:
    """The application."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._writer: Writer | None = None
        self._reader = open_database(path)
        self._point = msgspec.json.Decoder(Point)
        self._batch = msgspec.json.Decoder(Batch)
        self._run = msgspec.json.Decoder(NewRun)

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        if self._writer is None:
            self._writer = Writer(self._path, asyncio.get_running_loop())
            self._writer.start()
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        content = await self._respond(scope["path"].rpartition("/")[2], body)
        size = str(len(content)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", size)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _respond(self, name: str, body: bytes) -> bytes:
        assert self._writer is not None
        match name:
            case "log-metric":
                point = self._point.decode(body)
                row = (point.run_id, point.key, point.timestamp, point.step, point.value)
                await self._writer.put(NEW_POINT, [row])
            case "log-batch":
                batch = self._batch.decode(body)
                rows = [(batch.run_id, p.key, p.timestamp, p.step, p.value) for p in batch.metrics]
                await self._writer.put(NEW_POINT, rows)
            case "create":
                run_id = secrets.token_hex(16)
                await self._writer.put(NEW_RUN, [(run_id, self._run.decode(body).start_time)])
                return b'{"run":{"info":{"run_id":"%s"}}}' % run_id.encode()
            case "alias":
                query = "SELECT answer FROM aliases WHERE name = ?"
                return bytes(self._reader.execute(query, ("model",)).fetchone()[0].encode())
        return b"{}"


def main() -> None:
    """Serve: ``python -m benchmarks.tracking.floor PORT FILE``."""
    port, path = int(sys.argv[1]), sys.argv[2]
    uvicorn.run(
        Floor(path),
        port=port,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
