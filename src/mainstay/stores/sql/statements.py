"""SQL text written once for both drivers, for the few statements that run all the time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection


class Statement:
    """SQL with ``?`` for parameters, ``{among}`` for a list, ``{lock}`` or ``{share}`` for a lock.

    ``x {among}`` takes one parameter made by ``among(connection, values)``. ``{lock}`` holds the
    row on PostgreSQL until the commit, ``{share}`` lets others hold it too; SQLite has one writer
    anyway. The text may hold no other ``%`` or ``?``.

    ``bulk`` is the statement for many rows on PostgreSQL, where one that takes arrays is many times
    faster than the same row by row; its parameters are the columns of the rows.
    """

    def __init__(self, text: str, *, bulk: str | None = None) -> None:
        self.sqlite = text.format(among="IN (SELECT value FROM json_each(?))", lock="", share="")
        postgresql = text.format(among="= ANY(?)", lock="FOR NO KEY UPDATE", share="FOR SHARE")
        self.postgresql = postgresql.replace("?", "%s")
        self.bulk = bulk and bulk.replace("?", "%s")

    def rows(self, connection: Connection, *parameters: Any) -> Sequence[Any]:
        """Run it and return every row."""
        return connection.exec_driver_sql(self._text(connection), parameters).all()

    def row(self, connection: Connection, *parameters: Any) -> Any | None:
        """Run it and return the first row, or None."""
        return connection.exec_driver_sql(self._text(connection), parameters).first()

    def run(self, connection: Connection, *parameters: Any) -> int:
        """Run it and return how many rows it changed."""
        return connection.exec_driver_sql(self._text(connection), parameters).rowcount

    def many(self, connection: Connection, parameters: list[tuple[Any, ...]]) -> None:
        """Run it once for each tuple."""
        if self.bulk and len(parameters) > 1 and connection.dialect.name == "postgresql":
            columns = tuple(list(column) for column in zip(*parameters, strict=True))
            connection.exec_driver_sql(self.bulk, columns)
        elif parameters:
            connection.exec_driver_sql(self._text(connection), parameters)

    def _text(self, connection: Connection) -> str:
        return self.sqlite if connection.dialect.name == "sqlite" else self.postgresql


def among(connection: Connection, values: Iterable[Any]) -> Any:
    """Return ``values`` in the form that ``{among}`` takes."""
    listed = list(values)
    return json.dumps(listed) if connection.dialect.name == "sqlite" else listed
