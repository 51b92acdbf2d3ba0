"""Write points: drop what is known, keep the summary, append the tail; ``sealing`` shortens it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mainstay.entities.metrics import Metric
from mainstay.stores.sql import chunks, sealing
from mainstay.stores.sql import keys as keys_of_experiments
from mainstay.stores.sql.chunks import Point
from mainstay.stores.sql.rules import loaded, stored
from mainstay.stores.sql.sealing import rank
from mainstay.stores.sql.statements import Statement, among

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
        return (step, timestamp, rank(value)) > (self.step, self.timestamp, rank(self.last))


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
        if series.tail >= sealing.SEAL:
            series.tail -= sealing.seal(connection, series.id, whole=False)
    _KEEP_SERIES.many(connection, [_as_row(series) for series in changed])


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
    keys_of_experiments.note_of_run(connection, run, "metric", keys)
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


def _as_row(series: _Series) -> tuple[Any, ...]:
    return (
        *(stored(series.last), series.step, series.timestamp),
        *(stored(series.low), stored(series.high), series.count, series.tail, series.newest),
        series.id,
    )
