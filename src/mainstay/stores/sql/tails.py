"""The tail of a series: its points that are in no sealed chunk yet.

A point that came alone is a row of ``points``. A stretch that came together is one row of
``pieces``, since a thousand rows cost nearly a thousand times what one does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from mainstay.stores.sql import chunks
from mainstay.stores.sql.chunks import Point
from mainstay.stores.sql.rules import loaded, stored
from mainstay.stores.sql.statements import Statement, among

STRETCH = 32
"""Points that are worth a piece; fewer are rows."""

_POINTS = Statement("SELECT timestamp, step, value FROM points WHERE series = ? ORDER BY number")
_PIECES = Statement("SELECT data FROM pieces WHERE series = ? ORDER BY id")
_DROP_POINTS = Statement("DELETE FROM points WHERE series = ?")
_DROP_PIECES = Statement("DELETE FROM pieces WHERE series = ?")
_NEW_POINTS = Statement(
    "INSERT INTO points (series, number, timestamp, step, value) VALUES (?, ?, ?, ?, ?)",
    bulk="INSERT INTO points (series, number, timestamp, step, value) "
    "SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::float8[])",
)
_NEW_PIECES = Statement(
    "INSERT INTO pieces (series, data) VALUES (?, ?)",
    bulk="INSERT INTO pieces (series, data) SELECT * FROM unnest(?::bigint[], ?::bytea[])",
)
_KNOWN_POINTS = Statement(
    "SELECT series, timestamp, step, value FROM points "
    "WHERE series {among} AND timestamp BETWEEN ? AND ?"
)
_KNOWN_PIECES = Statement("SELECT series, data FROM pieces WHERE series {among}")


@dataclass
class Additions:
    """What a request adds to tails, of all its series."""

    points: list[tuple[Any, ...]] = field(default_factory=list)
    pieces: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, series: int, points: Sequence[Point], *, number: int) -> None:
        """Add points to the tail of a series that had ``number`` points before."""
        if len(points) >= STRETCH:
            self.pieces.append((series, chunks.raw(points)))
            return
        self.points.extend(
            (series, number + index, point[0], point[1], stored(point[2]))
            for index, point in enumerate(points)
        )

    def write(self, connection: Connection) -> None:
        """Insert all of it."""
        _NEW_POINTS.many(connection, self.points)
        _NEW_PIECES.many(connection, self.pieces)


def read(connection: Connection, series: int) -> list[Point]:
    """Return the tail of a series, in order of arrival within each of its two forms."""
    points = [(row[0], row[1], loaded(row[2])) for row in _POINTS.rows(connection, series)]
    for row in _PIECES.rows(connection, series):
        points += chunks.decode(row[0])
    return points


def take(connection: Connection, series: int) -> list[Point]:
    """Return the tail of a series and leave none."""
    points = read(connection, series)
    _DROP_POINTS.run(connection, series)
    _DROP_PIECES.run(connection, series)
    return points


def known(
    connection: Connection, series: Sequence[int], first: int, last: int
) -> list[tuple[int, Point]]:
    """Return the points in the tails of these series, at least all between two times."""
    listed = among(connection, series)
    found = [
        (row[0], (row[1], row[2], loaded(row[3])))
        for row in _KNOWN_POINTS.rows(connection, listed, first, last)
    ]
    for number, data in _KNOWN_PIECES.rows(connection, listed):
        found += [(number, point) for point in chunks.decode(data)]
    return found
