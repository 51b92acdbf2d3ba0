"""The reading connections of a SQLite database, kept open between reads.

SQLAlchemy's share of checking a connection out, beginning, ending and putting it back is ten times
SQLite's, and many reads are a statement or two.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from mainstay.stores.sql.statements import begin, end


class Readers:
    """Lends connections of ``engine``; ``most`` of them wait for the next read."""

    def __init__(self, engine: Engine, *, most: int) -> None:
        self._engine = engine
        self._most = most
        self._idle: list[Connection] = []

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a connection that sees one snapshot of what is committed."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._engine.connect()
        try:
            begin(connection, "BEGIN")
            yield connection
            end(connection)
        except BaseException:
            connection.close()
            raise
        if len(self._idle) < self._most:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close those that wait."""
        while self._idle:
            self._idle.pop().close()
