"""Turn long tails into sealed chunks, and keep the pyramid that charts are drawn from.

Level 0 of the pyramid says of each chunk what a chart needs; each level above says the same of
``FAN`` neighbours together. A level costs a sixteenth of the one below, and one row is written for
every sixteen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from mainstay.stores.sql import chunks
from mainstay.stores.sql.chunks import Point
from mainstay.stores.sql.rules import loaded, stored
from mainstay.stores.sql.statements import Statement

SEAL = 1024
"""Points of a chunk; a power of four, as charts merge points by powers of four."""

SEAL_AT_END = 32
"""When a run ends, tails of at least this many points are sealed too."""

FAN = 16
"""Stretches that make one of the next level; a power of four too."""

_TAIL = Statement(
    "SELECT number, timestamp, step, value FROM points WHERE series = ? ORDER BY number"
)
_CUT_TAIL = Statement("DELETE FROM points WHERE series = ? AND number < ?")
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


def seal(connection: Connection, series: int, *, whole: bool) -> int:
    """Turn the tail of a series into chunks and return how many points were sealed.

    Full chunks only, unless ``whole``.
    """
    rows = _TAIL.rows(connection, series)
    usable = len(rows) if whole else len(rows) - len(rows) % SEAL
    for start in range(0, usable, SEAL):
        stretch = rows[start : min(start + SEAL, usable)]
        points = [(row[1], row[2], loaded(row[3])) for row in stretch]
        _add(connection, series, sorted(points, key=chunks.order))
    if usable:
        _CUT_TAIL.run(connection, series, rows[usable - 1][0] + 1)
    return usable


def seal_run(connection: Connection, run: int) -> None:
    """Seal the tails of a run that has ended, where it saves space."""
    for row in _LONG_TAILS.rows(connection, run, SEAL_AT_END):
        sealed = seal(connection, row[0], whole=True)
        _SET_TAIL.run(connection, row[1] - sealed, row[0])


def _add(connection: Connection, series: int, points: list[Point]) -> None:
    last = _LAST_CHUNK.row(connection, series)
    number = 0 if last is None or last[0] is None else last[0] + 1
    summary = _summary(points)
    data = chunks.encode(points)
    _NEW_CHUNK.run(connection, series, number, *summary[:5], data)
    _NEW_STRETCH.run(connection, series, 0, number, *summary)
    level = 0
    while number % FAN == FAN - 1:
        parts = _STRETCHES.rows(connection, series, level, number - FAN + 1)
        level, number = level + 1, number // FAN
        _NEW_STRETCH.run(connection, series, level, number, *_together(parts))


def _summary(points: list[Point]) -> tuple[Any, ...]:
    """Return what is kept of points that are in order of time."""
    steps = [point[1] for point in points]
    numbers = [point[2] for point in points if not math.isnan(point[2])]
    last = max(points, key=lambda point: (point[1], point[0], rank(point[2])))
    return (
        *(len(points), min(steps), max(steps), points[0][0], points[-1][0]),
        *(stored(last[2]), last[0], min(numbers, default=None), max(numbers, default=None)),
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


def rank(value: float) -> float:
    """Return a value as it counts when points are compared: NaN as 0, as in MLflow."""
    return 0.0 if math.isnan(value) else value
