"""Where the databases of ``benchmarks.tracking.scale`` are: files, or a private PostgreSQL.

What is in PostgreSQL was written to the file of the same name first and copied from there, table by
table: it is the same either way, and a hundred thousand runs are not created twice.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Boolean
from tests.support.postgres import Cluster

from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tables import metadata

Fill = Callable[[Database], None]

_PRAGMAS = ("page_count", "freelist_count", "page_size")
_TABLES_AND_INDEXES = (
    "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'"
)


class Files:
    """SQLite, a file each, kept in ``folder`` for a second run."""

    label = "SQLite"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    @contextmanager
    def filled(self, name: str, fill: Fill) -> Iterator[Database]:
        """Open the database of that name; ``fill`` writes what a new one holds."""
        new = not self._path(name).exists()
        database = Database(f"sqlite:///{self._path(name)}")
        if new:
            begun = time.perf_counter()
            fill(database)
            print(f"{name} written in {time.perf_counter() - begun:.0f} s", flush=True)
        yield database
        database.close()

    def size(self, database: Database) -> int:
        """Return the bytes that the pages in use take."""
        with database.read() as connection:
            pages, free, each = (
                int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()) for name in _PRAGMAS
            )
        return (pages - free) * each

    @contextmanager
    def spare(self, name: str) -> Iterator[Database]:
        """Open a copy, which may be spoilt."""
        with tempfile.TemporaryDirectory(dir=self._folder) as place:
            copy = Path(place) / "copy.db"
            shutil.copyfile(self._path(name), copy)
            database = Database(f"sqlite:///{copy}")
            yield database
            database.close()

    def close(self) -> None:
        """The files stay."""

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.db"


class Clustered:
    """PostgreSQL: a private cluster with its durable defaults, a database each, gone afterwards."""

    label = "PostgreSQL"

    def __init__(self, files: Files) -> None:
        self._files = files
        self._cluster = Cluster()
        self._known: dict[str, str] = {}

    @contextmanager
    def filled(self, name: str, fill: Fill) -> Iterator[Database]:
        """Open the database of that name; a new one is copied from the file."""
        if name not in self._known:
            self._known[name] = self._cluster.create_database()
            with self._files.filled(name, fill) as source:
                Database(self._known[name]).close()  # makes the tables
                _copy(source, self._known[name])
        database = Database(self._known[name])
        yield database
        database.close()

    def size(self, database: Database) -> int:
        """Return the bytes of all tables and indexes."""
        with database.read() as connection:
            return int(connection.exec_driver_sql(_TABLES_AND_INDEXES).scalar_one())

    @contextmanager
    def spare(self, name: str) -> Iterator[Database]:
        """Open the database itself; what is deleted there is not needed any more."""
        database = Database(self._known[name])
        yield database
        database.close()

    def close(self) -> None:
        """Stop the cluster and remove its files."""
        self._cluster.stop()


Places = Files | Clustered


def _copy(source: Database, target: str) -> None:
    """Copy every row, then do at once what autovacuum does within minutes."""
    begun = time.perf_counter()
    with source.read() as reading, psycopg.connect(target, autocommit=True) as writing:
        # Rows that refer to each other come table by table, and were checked where they are from.
        writing.execute("SET session_replication_role = replica")
        for table in metadata.sorted_tables:
            there = reading.exec_driver_sql(f"SELECT * FROM {table.name} LIMIT 0").keys()
            columns = [column for column in table.columns if column.name in there]
            names = ", ".join(f'"{column.name}"' for column in columns)
            flags = [isinstance(column.type, Boolean) for column in columns]
            rows = reading.exec_driver_sql(f"SELECT {names} FROM {table.name}")
            with writing.cursor() as cursor:
                cursor.execute(f"TRUNCATE {table.name} CASCADE")
                with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(_typed(row, flags) if any(flags) else row)
        writing.execute("VACUUM ANALYZE")
    print(f"copied to PostgreSQL in {time.perf_counter() - begun:.0f} s", flush=True)


def _typed(row: Iterable[Any], flags: list[bool]) -> list[Any]:
    """Return a row with its truth values, which SQLite keeps as numbers."""
    return [
        bool(value) if flag and value is not None else value
        for value, flag in zip(row, flags, strict=True)
    ]
