"""Write points: drop what is known, keep the summary, append the tail, seal what is long."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mainstay.entities.metrics import Metric
from mainstay.stores.sql import chunks
from mainstay.stores.sql.chunks import Point
from mainstay.stores.sql.rules import loaded, stored
from mainstay.stores.sql.statements import Statement, among

SEAL = 1024
"""Points of a chunk; a power of four, as charts merge points by powers of four."""

SEAL_AT_END = 32
"""When a run ends, tails of at least this many points are sealed too."""

_SERIES = Statement(
    "SELECT id, key, last, step, timestamp, low, high, count AS total, tail, newest "
    "FROM series WHERE run = ? AND key {among}"
)
_NEW_SERIES = Statement(
    "INSERT INTO series (run, key, last, step, timestamp, low, high, count, tail, newest) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, ?)",
    bulk="INSERT INTO series (run, key, last, step, timestamp, low, high, count, tail, newest) "
    "SELECT run, key, last, step, timestamp, low, high, 0, 0, newest FROM unnest("
    "?::bigint[], ?::text[], ?::float8[], ?::bigint[], ?::bigint[], ?::float8[], ?::float8[], "
    "?::bigint[]) AS new (run, key, last, step, timestamp, low, high, newest)",
)
_SERIES_IDS = Statement("SELECT key, id FROM series WHERE run = ? AND key {among}")
_KEEP_SERIES = Statement(
    "UPDATE series SET last = ?, step = ?, timestamp = ?, low = ?, high = ?, count = ?, "
    "tail = ?, newest = ? WHERE id = ?",
    bulk="UPDATE series SET last = new.last, step = new.step, timestamp = new.timestamp, "
    "low = new.low, high = new.high, count = new.count, tail = new.tail, newest = new.newest "
    "FROM unnest(?::float8[], ?::bigint[], ?::bigint[], ?::float8[], ?::float8[], ?::bigint[], "
    "?::integer[], ?::bigint[], ?::bigint[]) "
    "AS new (last, step, timestamp, low, high, count, tail, newest, id) WHERE series.id = new.id",
)
_NEW_POINTS = Statement(
    "INSERT INTO points (series, number, timestamp, step, value) VALUES (?, ?, ?, ?, ?)",
    bulk="INSERT INTO points (series, number, timestamp, step, value) "
    "SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::float8[])",
)
_KNOWN_POINTS = Statement(
    "SELECT series, timestamp, step, value FROM points "
    "WHERE series {among} AND timestamp BETWEEN ? AND ?"
)
_KNOWN_CHUNKS = Statement(
    "SELECT series, data FROM chunks WHERE series {among} "
    "AND first_timestamp <= ? AND last_timestamp >= ? AND first_step <= ? AND last_step >= ?"
)
_TAIL = Statement(
    "SELECT number, timestamp, step, value FROM points WHERE series = ? ORDER BY number"
)
_CUT_TAIL = Statement("DELETE FROM points WHERE series = ? AND number < ?")
_NEW_CHUNK = Statement(
    "INSERT INTO chunks (series, count, first_timestamp, last_timestamp, first_step, last_step, "
    "last, last_at, low, high, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_LONG_TAILS = Statement("SELECT id, tail FROM series WHERE run = ? AND tail >= ?")
_SET_TAIL = Statement("UPDATE series SET tail = ? WHERE id = ?")


@dataclass
class _Series:
    """What is kept of one series while points are added to it."""

    id: int
    last: float
    step: int
    timestamp: int
    low: float
    high: float
    count: int
    tail: int
    newest: int

    def add(self, points: Sequence[Point]) -> None:
        """Take points into account."""
        for timestamp, step, value in points:
            if self._is_greater(step, timestamp, value):
                self.last, self.step, self.timestamp = value, step, timestamp
            if not math.isnan(value):
                self.low = value if math.isnan(self.low) else min(self.low, value)
                self.high = value if math.isnan(self.high) else max(self.high, value)
            self.newest = max(self.newest, timestamp)
        self.count += len(points)
        self.tail += len(points)

    def may_know(self, point: Point) -> bool:
        """Whether the point could be a duplicate: steps and times mostly only rise."""
        return self.count > 0 and point[1] <= self.step and point[0] <= self.newest

    def _is_greater(self, step: int, timestamp: int, value: float) -> bool:
        if self.count == 0 and self.timestamp < 0:
            return True
        return (step, timestamp, _rank(value)) > (self.step, self.timestamp, _rank(self.last))


def write(connection: Connection, run: int, metrics: Iterable[Metric]) -> None:
    """Add points to a run whose row is locked; exact duplicates have no effect."""
    wanted = _by_key(metrics)
    if not wanted:
        return
    keys = sorted(wanted)
    found = {row.key: _read(row) for row in _SERIES.rows(connection, run, among(connection, keys))}
    _start_missing(connection, run, [key for key in keys if key not in found], found)
    _drop_known(connection, wanted, found)
    rows: list[tuple[Any, ...]] = []
    changed: list[_Series] = []
    for key in keys:
        points = wanted[key]
        if not points:
            continue
        series = found[key]
        rows.extend(
            (series.id, series.count + index, point[0], point[1], stored(point[2]))
            for index, point in enumerate(points)
        )
        series.add(points)
        changed.append(series)
    _NEW_POINTS.many(connection, rows)
    for series in changed:
        if series.tail >= SEAL:
            series.tail -= seal(connection, series.id, whole=False)
    _KEEP_SERIES.many(connection, [_as_row(series) for series in changed])


def seal(connection: Connection, series: int, *, whole: bool) -> int:
    """Turn the tail of a series into chunks and return how many points were sealed.

    Full chunks only, unless ``whole``.
    """
    rows = _TAIL.rows(connection, series)
    usable = len(rows) if whole else len(rows) - len(rows) % SEAL
    for start in range(0, usable, SEAL):
        stretch = rows[start : min(start + SEAL, usable)]
        points = [(row[1], row[2], loaded(row[3])) for row in stretch]
        _NEW_CHUNK.run(connection, series, *_chunk(sorted(points, key=chunks.order)))
    if usable:
        _CUT_TAIL.run(connection, series, rows[usable - 1][0] + 1)
    return usable


def seal_run(connection: Connection, run: int) -> None:
    """Seal the tails of a run that has ended, where it saves space."""
    for row in _LONG_TAILS.rows(connection, run, SEAL_AT_END):
        sealed = seal(connection, row[0], whole=True)
        _SET_TAIL.run(connection, row[1] - sealed, row[0])


def _chunk(points: list[Point]) -> tuple[Any, ...]:
    steps = [point[1] for point in points]
    numbers = [point[2] for point in points if not math.isnan(point[2])]
    last = max(points, key=lambda point: (point[1], point[0], _rank(point[2])))
    return (
        *(len(points), points[0][0], points[-1][0], min(steps), max(steps)),
        *(stored(last[2]), last[0]),
        *(min(numbers, default=None), max(numbers, default=None)),
        chunks.encode(points),
    )


def _by_key(metrics: Iterable[Metric]) -> dict[str, list[Point]]:
    """Group points by key, in order, each point once."""
    seen: dict[str, dict[tuple[int, int, float | None], Point]] = {}
    for metric in metrics:
        point = (metric.timestamp, metric.step, float(metric.value))
        seen.setdefault(metric.key, {}).setdefault(_identity(point), point)
    return {key: list(points.values()) for key, points in seen.items()}


def _start_missing(
    connection: Connection, run: int, keys: list[str], found: dict[str, _Series]
) -> None:
    """Insert empty series; their first points fill them."""
    if not keys:
        return
    _NEW_SERIES.many(connection, [(run, key, None, 0, -1, None, None, -1) for key in keys])
    for key, number in _SERIES_IDS.rows(connection, run, among(connection, keys)):
        found[key] = _Series(number, math.nan, 0, -1, math.nan, math.nan, 0, 0, -1)


def _drop_known(
    connection: Connection, wanted: dict[str, list[Point]], found: dict[str, _Series]
) -> None:
    """Take out of ``wanted`` the points that are in the tail or in a chunk already."""
    suspects = {
        key: [point for point in points if found[key].may_know(point)]
        for key, points in wanted.items()
    }
    suspects = {key: points for key, points in suspects.items() if points}
    if not suspects:
        return
    everything = [point for points in suspects.values() for point in points]
    times = [point[0] for point in everything]
    steps = [point[1] for point in everything]
    numbers = among(connection, sorted(found[key].id for key in suspects))
    known: dict[int, set[tuple[int, int, float | None]]] = {}
    for row in _KNOWN_POINTS.rows(connection, numbers, min(times), max(times)):
        known.setdefault(row[0], set()).add((row[1], row[2], row[3]))
    bounds = (max(times), min(times), max(steps), min(steps))
    for number, data in _KNOWN_CHUNKS.rows(connection, numbers, *bounds):
        known.setdefault(number, set()).update(map(_identity, chunks.decode(data)))
    for key in suspects:
        there = known.get(found[key].id)
        if there:
            wanted[key] = [point for point in wanted[key] if _identity(point) not in there]


def _identity(point: Point) -> tuple[int, int, float | None]:
    return point[0], point[1], stored(point[2])


def _read(row: Any) -> _Series:
    return _Series(
        id=row.id,
        last=loaded(row.last),
        step=row.step,
        timestamp=row.timestamp,
        low=loaded(row.low),
        high=loaded(row.high),
        count=row.total,
        tail=row.tail,
        newest=row.newest,
    )


def _rank(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _as_row(series: _Series) -> tuple[Any, ...]:
    return (
        *(stored(series.last), series.step, series.timestamp),
        *(stored(series.low), stored(series.high), series.count, series.tail, series.newest),
        series.id,
    )
