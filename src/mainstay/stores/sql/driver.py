"""Open engines for an address, with the settings that keep acknowledged data."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool, StaticPool

from mainstay import settings
from mainstay.errors import BadInput
from mainstay.stores.sql import slow

try:
    from pysqlite3 import dbapi2 as sqlite
except ImportError:  # no wheel for this platform: the interpreter's own
    import sqlite3 as sqlite

SqliteError = sqlite.Error
"""What the SQLite driver raises."""

logger = logging.getLogger(__name__)

# Older ones may corrupt a WAL that two connections checkpoint (the "WAL-reset" bug).
WAL_SAFE = (3, 51, 3)

BUSY_MS = 20_000
READERS = 8
PREPARED = 512
"""Statements that a SQLite connection keeps prepared."""


def parse(uri: str) -> URL:
    """Read a database address.

    Raises:
        BadInput: the address is not one of a database that is spoken here.
    """
    try:
        url = make_url(uri)
    except (ArgumentError, ValueError) as error:
        raise BadInput(f"{uri!r} is not a database address; write sqlite:///file.db") from error
    backend = url.drivername.partition("+")[0]
    if backend == "sqlite":
        return url.set(drivername="sqlite")
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise BadInput(
        f"{backend!r} databases are not spoken here; write sqlite:///file.db "
        "or postgresql://user@host/database"
    )


def sqlite_engine(path: Path, *, writer: bool) -> Engine:
    """Return an engine on a file; ``writer`` engines hold one connection that checkpoints."""
    if writer and not path.parent.is_dir():
        raise BadInput(f"cannot open {path}: the folder {path.parent} does not exist")

    kind = slow.timed(sqlite.Connection)

    def connect() -> Any:
        connection = sqlite.connect(
            str(path),
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_MS / 1000,
            cached_statements=PREPARED,
            factory=kind,
        )
        _set_up(connection, writer=writer)
        return connection

    engine = create_engine(
        "sqlite://",
        module=sqlite,
        creator=connect,
        poolclass=StaticPool if writer else QueuePool,
        **({} if writer else {"pool_size": READERS, "max_overflow": 64}),
    )
    # The driver is in autocommit mode, so that BEGIN is ours: writers take the lock at once,
    # since a lock that is upgraded later fails without waiting.
    begin = "BEGIN IMMEDIATE" if writer else "BEGIN"

    def join_or_begin(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        if not driver.in_transaction:  # ``statements.begin`` was not there before
            connection.exec_driver_sql(begin)

    event.listen(engine, "begin", join_or_begin)
    slow.watch(engine)
    return engine


def _set_up(connection: Any, *, writer: bool) -> None:
    run = connection.execute
    run("PRAGMA foreign_keys=ON")
    run("PRAGMA trusted_schema=OFF")
    run("PRAGMA case_sensitive_like=ON")
    run("PRAGMA cache_size=-16000")
    connection.create_function("mainstay_lower", 1, _lower, deterministic=True)
    if not writer:
        # Only one connection of a process checkpoints.
        run("PRAGMA wal_autocheckpoint=0")
        run("PRAGMA query_only=ON")
        return
    if has_wal():
        run("PRAGMA journal_mode=WAL")
        run(f"PRAGMA synchronous={_synchronous()}")
        run("PRAGMA wal_autocheckpoint=1000")
        run("PRAGMA journal_size_limit=67108864")
    else:
        logger.warning(
            "SQLite %s is older than 3.51.3; using journal mode DELETE, which is slower. "
            "Install the pysqlite3 wheel for write-ahead logging.",
            sqlite.sqlite_version,
        )
        run("PRAGMA journal_mode=DELETE")
        run("PRAGMA synchronous=EXTRA")


def has_wal() -> bool:
    """Whether this SQLite may be trusted with a write-ahead log."""
    return bool(sqlite.sqlite_version_info >= WAL_SAFE)


def waits_for_disk() -> bool:
    """Whether a commit on SQLite returns when the disk has it."""
    return not has_wal() or settings.SQLITE_SYNCHRONOUS.get() == "FULL"


def _synchronous() -> str:
    chosen = settings.SQLITE_SYNCHRONOUS.get()
    if chosen != "FULL":
        logger.warning(
            "MAINSTAY_SQLITE_SYNCHRONOUS=%s: a power cut may take commits that were acknowledged.",
            chosen,
        )
    return chosen


def open_plain(path: Path) -> Any:
    """Return a driver's connection to a file, with no settings of ours: for copying whole files."""
    return sqlite.connect(str(path), timeout=BUSY_MS / 1000)


def _lower(text: str | None) -> str | None:
    """Lower-case as Python does; SQLite's own lower() knows ASCII only."""
    return text.lower() if isinstance(text, str) else text


def postgres_engine(url: URL) -> Engine:
    """Return a pooled engine; reading connections take one snapshot a transaction.

    Raises:
        BadInput: the driver is not installed.
    """
    try:
        engine = create_engine(
            url, pool_size=READERS, max_overflow=24, pool_pre_ping=True, pool_recycle=1800
        )
    except ModuleNotFoundError as error:
        raise BadInput(
            f"PostgreSQL needs {error.name!r}; try: pip install 'mainstay[postgres]'"
        ) from error
    slow.watch(engine)
    return engine
