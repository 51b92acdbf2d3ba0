"""SQL text written once for both drivers, for the few statements that run all the time."""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from mainstay.stores.sql.driver import SqliteError


class Statement:
    """SQL with ``?`` for parameters, ``{among}`` for a list, ``{lock}`` or ``{share}`` for a lock.

    ``x {among}`` takes one parameter made by ``among(connection, values)``; so does ``{listed}``,
    a table of texts whose column is ``value``. ``{lock}`` holds the
    row on PostgreSQL until the commit, ``{share}`` lets others hold it too; SQLite has one writer
    anyway. The text may hold no other ``%`` or ``?``.

    ``bulk`` is the statement for many rows on PostgreSQL, where one that takes arrays is many times
    faster than the same row by row; its parameters are the columns of the rows.
    """

    def __init__(self, text: str, *, bulk: str | None = None) -> None:
        self.sqlite = text.format(
            among="IN (SELECT value FROM json_each(?))", listed="json_each(?)", lock="", share=""
        )
        postgresql = text.format(
            among="= ANY(?)",
            listed="unnest(?::text[]) AS listed (value)",
            lock="FOR NO KEY UPDATE",
            share="FOR SHARE",
        )
        self.postgresql = postgresql.replace("?", "%s")
        self.bulk = bulk and bulk.replace("?", "%s")
        self._make: Callable[[Iterable[Any]], Any] | None = None

    def rows(self, connection: Connection, *parameters: Any) -> Sequence[Any]:
        """Run it and return every row; columns are read by number or by name."""
        if connection.dialect.name == "sqlite":
            cursor = self._execute(connection, parameters)
            found = cursor.fetchall()
            return list(map(self._maker(cursor), found)) if found else found
        return connection.exec_driver_sql(self.postgresql, parameters).all()

    def row(self, connection: Connection, *parameters: Any) -> Any | None:
        """Run it and return the first row, or None."""
        found = self.rows(connection, *parameters)
        return found[0] if found else None

    def run(self, connection: Connection, *parameters: Any) -> int:
        """Run it and return how many rows it changed."""
        if connection.dialect.name == "sqlite":
            return int(self._execute(connection, parameters).rowcount)
        return connection.exec_driver_sql(self.postgresql, parameters).rowcount

    def many(self, connection: Connection, parameters: list[tuple[Any, ...]]) -> None:
        """Run it once for each tuple."""
        if not parameters:
            return
        if connection.dialect.name == "sqlite":
            self._execute(connection, parameters, many=True)
        elif self.bulk and len(parameters) > 1:
            columns = tuple(list(column) for column in zip(*parameters, strict=True))
            connection.exec_driver_sql(self.bulk, columns)
        else:
            connection.exec_driver_sql(self.postgresql, parameters)

    def _execute(self, connection: Connection, parameters: Any, *, many: bool = False) -> Any:
        return execute(connection, self.sqlite, parameters, many=many)

    def _maker(self, cursor: Any) -> Callable[[Iterable[Any]], Any]:
        """Return what turns a tuple into a row with names."""
        if self._make is None:
            names = [column[0] for column in cursor.description]
            kind: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
            self._make = kind._make
        return self._make


def execute(
    connection: Connection, text: str, parameters: Sequence[Any], *, many: bool = False
) -> Any:
    """Run a statement on the SQLite driver itself and return its cursor.

    SQLAlchemy's share of a small statement is larger than that of SQLite.
    """
    driver = connection.connection.dbapi_connection
    assert driver is not None, "a connection in use has a driver"
    try:
        # SQLite drivers have these on the connection, DB-API knows them on cursors only.
        run = driver.executemany if many else driver.execute
        return run(text, parameters)
    except SqliteError as error:
        raise DBAPIError.instance(
            text, parameters, error, SqliteError, dialect=connection.dialect
        ) from error


def begin(connection: Connection, how: str) -> None:
    """Begin a transaction on the SQLite driver itself.

    What goes through SQLAlchemy joins it (``driver.sqlite_engine`` sees to that).
    """
    execute(connection, how, ())


def end(connection: Connection, *, commit: bool = False) -> None:
    """End what ``begin`` began, and what SQLAlchemy knows of it."""
    if connection.in_transaction():
        if commit:
            connection.commit()
        else:
            connection.rollback()
        return
    driver = connection.connection.dbapi_connection
    if commit:
        execute(connection, "COMMIT", ())
    elif driver is not None:
        driver.rollback()


def among(connection: Connection, values: Iterable[Any]) -> Any:
    """Return ``values`` in the form that ``{among}`` takes."""
    listed = list(values)
    if connection.dialect.name != "sqlite":
        return listed
    try:
        return msgspec.json.encode(listed).decode()
    except UnicodeEncodeError:  # half a character, which json writes as an escape; none is stored
        return json.dumps(listed)
