"""Write points: drop what is known, keep the summary, append the tail; ``sealing`` shortens it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mainstay.entities.metrics import Metric
from mainstay.stores.sql import chunks, pieces, sealing, tails
from mainstay.stores.sql import keys as keys_of_experiments
from mainstay.stores.sql.chunks import Point
from mainstay.stores.sql.pieces import Piece, identity, rank
from mainstay.stores.sql.rules import loaded, stored
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

    def add(self, piece: Piece) -> None:
        """Take points into account."""
        timestamp, step, value = piece.last
        if self._is_greater(step, timestamp, value):
            self.last, self.step, self.timestamp = value, step, timestamp
        if not math.isnan(piece.low):
            self.low = piece.low if math.isnan(self.low) else min(self.low, piece.low)
            self.high = piece.high if math.isnan(self.high) else max(self.high, piece.high)
        self.newest = max(self.newest, piece.newest)
        self.count += len(piece.points)
        self.tail += len(piece.points)

    def suspects(self, points: Sequence[Point]) -> list[Point]:
        """Return the points that could be duplicates: steps and times mostly only rise."""
        if self.count == 0:
            return []
        return [point for point in points if point[1] <= self.step and point[0] <= self.newest]

    def _is_greater(self, step: int, timestamp: int, value: float) -> bool:
        if self.count == 0 and self.timestamp < 0:
            return True
        return (step, timestamp, rank(value)) > (self.step, self.timestamp, rank(self.last))


def write(connection: Connection, run: int, metrics: Iterable[Metric]) -> None:
    """Add points to a run whose row is locked; exact duplicates have no effect."""
    wanted = pieces.by_key(metrics)
    if not wanted:
        return
    keys = sorted(wanted)
    found = {row.key: _read(row) for row in _SERIES.rows(connection, run, among(connection, keys))}
    _start_missing(connection, run, [key for key in keys if key not in found], found)
    _drop_known(connection, wanted, found)
    added = tails.Additions()
    changed: list[_Series] = []
    for key in keys:
        if points := wanted[key]:
            _append(connection, found[key], pieces.of(points), added)
            changed.append(found[key])
    added.write(connection)
    _KEEP_SERIES.many(connection, [_as_row(series) for series in changed])


def _append(connection: Connection, series: _Series, piece: Piece, added: tails.Additions) -> None:
    """Add points to the tail of a series; what fills chunks then is sealed."""
    before = series.count
    series.add(piece)
    if series.tail < sealing.SEAL:
        added.add(series.id, piece.points, number=before)
        return
    left = sealing.seal(connection, series.id, piece.points)
    series.tail = len(left)
    if left:
        added.add(series.id, left, number=series.count - len(left))


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
    suspects = {key: found[key].suspects(points) for key, points in wanted.items()}
    suspects = {key: points for key, points in suspects.items() if points}
    if not suspects:
        return
    everything = [point for points in suspects.values() for point in points]
    times = [point[0] for point in everything]
    steps = [point[1] for point in everything]
    numbers = sorted(found[key].id for key in suspects)
    known: dict[int, set[tuple[int, int, float | None]]] = {}
    for number, point in tails.known(connection, numbers, min(times), max(times)):
        known.setdefault(number, set()).add(identity(point))
    bounds = (max(times), min(times), max(steps), min(steps))
    for number, data in _KNOWN_CHUNKS.rows(connection, among(connection, numbers), *bounds):
        known.setdefault(number, set()).update(map(identity, chunks.decode(data)))
    for key in suspects:
        there = known.get(found[key].id)
        if there:
            wanted[key] = [point for point in wanted[key] if identity(point) not in there]


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
