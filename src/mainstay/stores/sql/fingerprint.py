"""What a database holds, told in a few numbers: rows and a SHA-256 of each table.

Two databases of one kind with equal fingerprints hold the same rows. The tables are those that are
there, so that a database of an older schema has one too.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, column, inspect, select, table

_ROWS = 2000


class TablePrint(msgspec.Struct, frozen=True):
    """A table's number of rows, and the SHA-256 over all of them in the order of their key."""

    rows: int
    sha256: str


def fingerprint(connection: Connection) -> dict[str, TablePrint]:
    """Return the fingerprint of every table, by name."""
    names = sorted(inspect(connection).get_table_names())
    return {name: _of_table(connection, name) for name in names}


def _of_table(connection: Connection, name: str) -> TablePrint:
    about = inspect(connection)
    columns = [found["name"] for found in about.get_columns(name)]
    key = about.get_pk_constraint(name)["constrained_columns"] or columns
    chosen: list[ColumnElement[Any]] = [column(one) for one in columns]
    query = select(*chosen).select_from(table(name)).order_by(*map(column, key))
    state, rows = hashlib.sha256(), 0
    encoder = msgspec.msgpack.Encoder()
    for row in connection.execution_options(yield_per=_ROWS).execute(query):
        values = [bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]
        state.update(encoder.encode(values))
        rows += 1
    return TablePrint(rows, state.hexdigest())
