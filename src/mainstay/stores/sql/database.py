"""A database: where it is, how to write to it safely and how to read from it."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Literal, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from mainstay import killpoints
from mainstay.errors import MainstayError
from mainstay.stores.sql import driver, durable, schema
from mainstay.stores.sql.failures import RETRYABLE, sqlstate, translate
from mainstay.stores.sql.readers import Readers
from mainstay.stores.sql.writer import Writer

T = TypeVar("T")

TRIES = 8
"""How often a PostgreSQL transaction is tried that lost against another."""


class Database:
    """One SQLite file or one PostgreSQL database.

    ``uri`` is ``sqlite:///file.db``, ``sqlite:////absolute/file.db``, ``sqlite://`` (a temporary
    file, gone at ``close``) or ``postgresql://user:password@host/name``. A new database gets its
    tables in one transaction.

    Raises:
        BadInput: the address cannot be read.
        DatabaseMismatch: the tables are not those of this version of mainstay.
        Unavailable: the database does not answer.
        MainstayError: a PostgreSQL that forgets what it confirmed.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._url = driver.parse(uri)
        self.dialect: Literal["sqlite", "postgresql"] = (
            "sqlite" if self._url.drivername == "sqlite" else "postgresql"
        )
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self.path: Path | None = self._own_path() if self.dialect == "sqlite" else None
        self._lock = Lock()
        self._inherited: list[object] = []
        self._open()
        try:
            with self._writing.connect() as connection:
                schema.prepare(connection, uri=self.shown)
                if self.dialect == "postgresql":
                    durable.check(connection)
        except BaseException as error:
            self.close()
            raise translate(error) from error

    @property
    def shown(self) -> str:
        """The address without its password."""
        return shown(self.uri)

    @property
    def never_waits(self) -> bool:
        """Whether a read of a few rows waits for nobody: SQLite with a write-ahead log."""
        return self.dialect == "sqlite" and driver.has_wal()

    @property
    def commits(self) -> int:
        """How many transactions the SQLite writer has committed; 0 on PostgreSQL."""
        return self._writer.commits if self._writer else 0

    @property
    def broken(self) -> MainstayError | None:
        """Why this SQLite file takes no more writes until a restart; None while it does."""
        return self._writer.broken if self._writer else None

    @property
    def queued(self) -> int:
        """How many writes wait for the SQLite writer; 0 on PostgreSQL."""
        return self._writer.queued if self._writer else 0

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one transaction and return its result after the commit.

        On PostgreSQL ``work`` runs again if it lost against another transaction, so it must have
        no effect outside the database.

        Raises:
            OutOfSpace, Unavailable: the database could not write; whatever ``work`` raises.
        """
        self._follow_fork()
        if self._writer is not None:
            return self._writer.submit(work)
        return self._write_pooled(work)

    def begin_write(self, work: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Queue ``work`` from the thread of an event loop; return the future of its result.

        SQLite only: on PostgreSQL a write needs a thread of its own.
        """
        self._follow_fork()
        assert self._writer is not None, "only SQLite has a writer"
        return self._writer.begin(work)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one snapshot of what is committed."""
        self._follow_fork()
        try:
            if self._readers is not None:
                with self._readers.snapshot() as connection:
                    yield connection
                return
            with self._reading.connect() as connection, connection.begin():
                yield connection
        except (DBAPIError, OverflowError, UnicodeEncodeError) as error:
            raise translate(error) from error

    def close(self) -> None:
        """Finish queued writes and close every connection."""
        if self._writer is not None:
            self._writer.close()
        if self._readers is not None:
            self._readers.close()
        self._reading.dispose()
        self._writing.dispose()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _own_path(self) -> Path:
        path = find_path(self._url)
        if path is not None:
            return path
        self._temporary = tempfile.TemporaryDirectory(prefix="mainstay-")
        return Path(self._temporary.name) / "mainstay.db"

    def _open(self) -> None:
        self._pid = os.getpid()
        self._writing: Engine
        self._reading: Engine
        self._writer: Writer | None = None
        self._readers: Readers | None = None
        if self.path is not None:
            self._writing = driver.sqlite_engine(self.path, writer=True)
            self._reading = driver.sqlite_engine(self.path, writer=False)
            self._writer = Writer(self._writing, prompt=not driver.waits_for_disk())
            self._readers = Readers(self._reading, most=driver.READERS)
        else:
            self._writing = driver.postgres_engine(self._url)
            self._reading = self._writing.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    def _follow_fork(self) -> None:
        """Open connections of its own in a forked child; the parent's must not be touched."""
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid != os.getpid():
                # Never closed here: the parent goes on with them.
                self._inherited.append((self._readers, self._writer))
                self._reading.dispose(close=False)
                self._writing.dispose(close=False)
                self._open()

    def _write_pooled(self, work: Callable[[Connection], T]) -> T:
        for attempt in range(TRIES):
            try:
                with self._writing.begin() as connection:
                    result = work(connection)
                    killpoints.reach("database.before_commit")
                killpoints.reach("database.after_commit")
                return result
            except (DBAPIError, UnicodeEncodeError) as error:
                if sqlstate(error) not in RETRYABLE or attempt == TRIES - 1:
                    raise translate(error) from error
                time.sleep(random.uniform(0, 0.01 * 2**attempt))
        raise AssertionError("unreachable")


class Joined:
    """A database as those see it who work inside a transaction that is already open."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``; who opened the transaction commits it, or undoes all of it."""
        return work(self._connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give the connection, which also sees what was not committed yet."""
        yield self._connection


def shown(uri: str) -> str:
    """Return a database address without its password."""
    return driver.parse(uri).render_as_string(hide_password=True).replace("+psycopg", "", 1)


def find_path(url: URL) -> Path | None:
    """Return the file that a SQLite address names; None for a database in memory."""
    if not url.database or url.database == ":memory:":
        return None
    return Path(url.database).expanduser().absolute()
