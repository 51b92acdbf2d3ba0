"""Turn long tails into sealed chunks, and keep the pyramid that charts are drawn from.

Level 0 of the pyramid says of each chunk what a chart needs; each level above says the same of
``FAN`` neighbours together. A level costs a sixteenth of the one below, and one row is written for
every sixteen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from mainstay.stores.sql import chunks, pieces, tails
from mainstay.stores.sql.chunks import Point
from mainstay.stores.sql.pieces import Piece, rank
from mainstay.stores.sql.rules import loaded, stored
from mainstay.stores.sql.statements import Statement

SEAL = 1024
"""Points of a chunk; a power of four, as charts merge points by powers of four."""

SEAL_AT_END = 32
"""When a run ends, tails of at least this many points are sealed too."""

FAN = 16
"""Stretches that make one of the next level; a power of four too."""

_LAST_CHUNK = Statement("SELECT max(number) FROM chunks WHERE series = ?")
_NEW_CHUNK = Statement(
    "INSERT INTO chunks (series, number, count, first_step, last_step, first_timestamp, "
    "last_timestamp, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_SUMMARY = "count, first_step, last_step, first_timestamp, last_timestamp, last, last_at, low, high"
_NEW_STRETCH = Statement(
    f"INSERT INTO stretches (series, level, number, {_SUMMARY}) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_STRETCHES = Statement(
    f"SELECT {_SUMMARY.replace('count', 'count AS size')} FROM stretches "
    "WHERE series = ? AND level = ? AND number >= ? ORDER BY number"
)
_LONG_TAILS = Statement("SELECT id, tail FROM series WHERE run = ? AND tail >= ?")
_SET_TAIL = Statement("UPDATE series SET tail = ? WHERE id = ?")


def seal(connection: Connection, series: int, new: Sequence[Point]) -> Sequence[Point]:
    """Turn the tail of a series and new points into full chunks; return what is left, in order.

    No tail stays: who calls adds to it what is left.
    """
    points = pieces.of([*tails.take(connection, series), *new]).points
    full = len(points) - len(points) % SEAL
    _add_all(connection, series, points[:full])
    return points[full:]


def seal_run(connection: Connection, run: int) -> None:
    """Seal the tails of a run that has ended, where it saves space."""
    for row in _LONG_TAILS.rows(connection, run, SEAL_AT_END):
        points = pieces.of(tails.take(connection, row[0])).points
        _add_all(connection, row[0], points)
        _SET_TAIL.run(connection, row[1] - len(points), row[0])


def _add_all(connection: Connection, series: int, points: Sequence[Point]) -> None:
    for start in range(0, len(points), SEAL):
        _add(connection, series, pieces.of(points[start : start + SEAL]))


def _add(connection: Connection, series: int, piece: Piece) -> None:
    last = _LAST_CHUNK.row(connection, series)
    number = 0 if last is None or last[0] is None else last[0] + 1
    summary = _summary(piece)
    data = chunks.encode(piece.points)
    _NEW_CHUNK.run(connection, series, number, *summary[:5], data)
    _NEW_STRETCH.run(connection, series, 0, number, *summary)
    level = 0
    while number % FAN == FAN - 1:
        parts = _STRETCHES.rows(connection, series, level, number - FAN + 1)
        level, number = level + 1, number // FAN
        _NEW_STRETCH.run(connection, series, level, number, *_together(parts))


def _summary(piece: Piece) -> tuple[Any, ...]:
    """Return what is kept of points."""
    return (
        *(len(piece.points), piece.first_step, piece.last_step),
        *(piece.points[0][0], piece.newest, stored(piece.last[2]), piece.last[0]),
        *(stored(piece.low), stored(piece.high)),
    )


def _together(parts: Sequence[Any]) -> tuple[Any, ...]:
    """Return what is kept of several stretches as one."""
    last = max(parts, key=lambda part: (part.last_step, part.last_at, rank(loaded(part.last))))
    return (
        sum(part.size for part in parts),
        *(min(part.first_step for part in parts), max(part.last_step for part in parts)),
        *(min(part.first_timestamp for part in parts), max(part.last_timestamp for part in parts)),
        *(last.last, last.last_at),
        min((part.low for part in parts if part.low is not None), default=None),
        max((part.high for part in parts if part.high is not None), default=None),
    )
