"""How much a database holds: rows and bytes of each table, and what each experiment keeps."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, func, inspect, select, table, text
from sqlalchemy.exc import OperationalError

from mainstay.entities.retention import Holding
from mainstay.stores.sql.accounting import holdings


class TableSize(msgspec.Struct, frozen=True):
    """Rows of a table, and the bytes that it takes with its indexes; None where not known."""

    name: str
    rows: int
    size: int | None


class Stats(msgspec.Struct, frozen=True):
    """Sizes of everything; ``size`` is the whole database in bytes, ``free`` what it can reuse."""

    size: int
    free: int
    tables: list[TableSize]
    experiments: list[Holding]


def collect(connection: Connection) -> Stats:
    """Measure a database."""
    size, free = _whole(connection)
    return Stats(size, free, _tables(connection), holdings(connection, connection))


def count_rows(connection: Connection) -> dict[str, int]:
    """Return the number of rows of each table, by name."""
    return {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        for name in sorted(inspect(connection).get_table_names())
    }


def _whole(connection: Connection) -> tuple[int, int]:
    if connection.dialect.name == "postgresql":
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return int(size), 0
    pages, unused, width = (
        int(connection.execute(text(f"PRAGMA {name}")).scalar_one())
        for name in ("page_count", "freelist_count", "page_size")
    )
    return pages * width, unused * width


def _tables(connection: Connection) -> list[TableSize]:
    sizes = _table_sizes(connection)
    return [TableSize(name, rows, sizes.get(name)) for name, rows in count_rows(connection).items()]


def _table_sizes(connection: Connection) -> dict[str, int]:
    if connection.dialect.name == "postgresql":
        query = (
            "SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c "
            "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        )
        return {name: int(size) for name, size in connection.execute(text(query))}
    query = (
        "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name "
        "GROUP BY m.tbl_name"
    )
    try:
        return {name: int(size) for name, size in connection.execute(text(query))}
    except OperationalError:  # this build of SQLite does not tell
        return {}
