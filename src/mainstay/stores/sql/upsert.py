"""INSERT with ON CONFLICT, which both databases speak with the same words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite


def put(connection: Connection, table: Table, row: Mapping[str, Any], *, key: list[str]) -> None:
    """Insert a row, or overwrite the one with the same key."""
    rest = {name: value for name, value in row.items() if name not in key}
    statement = insert(connection, table).values(**row)
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=rest))


def add(connection: Connection, table: Table, row: Mapping[str, Any], *, key: list[str]) -> bool:
    """Insert a row unless its key is taken; say whether it was inserted."""
    statement = insert(connection, table).values(**row)
    statement = statement.on_conflict_do_nothing(index_elements=key)
    # Not the row count: PostgreSQL's driver does not give one for an insert that may return.
    return connection.execute(statement.returning(table.c[key[0]])).first() is not None


def insert(connection: Connection, table: Table) -> Any:
    """Return an INSERT that knows ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        # A tenth of the time to start, which a server on SQLite saves.
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return sqlite.insert(table)
