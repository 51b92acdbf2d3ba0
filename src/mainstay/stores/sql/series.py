"""Draw a series in few buckets that keep every spike, from the pyramid where that is fine enough.

Stretches of the pyramid (see ``sealing``) are taken whole if they lie inside the span, hold no more
points than a bucket and overlap nothing else in steps. The others are replaced by their children,
down to the points themselves, so that a chart costs what it shows and not what is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection

from mainstay.entities.metrics import Series
from mainstay.stores.sql import sealing, tails
from mainstay.stores.sql.rules import INT64
from mainstay.stores.sql.statements import Statement, among

_SERIES = Statement(
    "SELECT runs.run_id, series.id, series.count FROM series JOIN runs ON runs.id = series.run "
    "WHERE runs.run_id {among} AND series.key = ?"
)
_COLUMNS = (
    "level, number, count AS size, first_step, last_step, first_timestamp, last_timestamp, last, "
    "last_at, low, high"
)
_LAST = Statement(
    "SELECT number FROM stretches WHERE series = ? AND level = 0 ORDER BY number DESC LIMIT 1"
)
_ROOTS = Statement(
    f"SELECT {_COLUMNS} FROM stretches WHERE series = ? AND level = ? AND number >= ? "
    "AND last_step >= ? AND first_step <= ?"
)
_CHILDREN = Statement(
    f"SELECT {_COLUMNS} FROM stretches WHERE series = ? AND level = ? AND number {{among}} "
    "AND last_step >= ? AND first_step <= ?"
)
_DATA = Statement("SELECT data FROM chunks WHERE series = ? AND number {among}")
DATA_BATCH = 64

Span = tuple[int, int]
"""The first and the last step asked for."""


def read(
    connection: Connection,
    run_ids: Sequence[str],
    key: str,
    *,
    points: int,
    start_step: int | None,
    end_step: int | None,
) -> list[Series]:
    """Return one series a run that has the key, in the order of ``run_ids``."""
    first = -INT64 if start_step is None else start_step
    last = INT64 - 1 if end_step is None else end_step
    found = {row[0]: row for row in _SERIES.rows(connection, among(connection, run_ids), key)}
    return [
        _series(connection, run_id, key, found[run_id][1], points, (first, last))
        for run_id in dict.fromkeys(run_ids)
        if run_id in found
    ]


def _series(
    connection: Connection, run_id: str, key: str, series: int, points: int, span: Span
) -> Series:
    # numpy costs a server a tenth of a second and 20 MB: only those that draw charts load it.
    from mainstay.stores.sql import drawing

    tail = _tail(connection, series, span)
    pyramid = _Pyramid(connection, series, span)
    width = _width(sum(node.size for node in pyramid.nodes) + len(tail), points)
    whole, rest = pyramid.resolve(width, tail)
    summaries = [
        (node.last_step, node.last_at, node.last, node.low, node.high, node.size) for node in whole
    ]
    pieces = drawing.joined(
        [
            drawing.of_rows(tail),
            drawing.of_rows(summaries),
            drawing.of_chunks(_data(connection, series, rest), span),
        ]
    )
    total = int(pieces.size.sum())
    if not whole:
        width = _width(total, points)
    merged = drawing.merged(pieces, width)
    return Series(
        run_id=run_id,
        key=key,
        width=width,
        total=total,
        step=merged.step.tolist(),
        timestamp=merged.timestamp.tolist(),
        last=merged.last.tolist(),
        low=merged.low.tolist(),
        high=merged.high.tolist(),
        count=merged.size.tolist(),
    )


class _TailPoint(NamedTuple):
    """A point as a bucket of its own."""

    step: int
    timestamp: int
    last: float
    low: float
    high: float
    size: int


def _tail(connection: Connection, series: int, span: Span) -> list[_TailPoint]:
    """Return the points of the tail whose steps are asked for."""
    return [
        _TailPoint(step, timestamp, value, value, value, 1)
        for timestamp, step, value in tails.read(connection, series)
        if span[0] <= step <= span[1]
    ]


class _Pyramid:
    """The stretches of one series that meet a span, as high as they were asked for so far."""

    def __init__(self, connection: Connection, series: int, span: Span) -> None:
        self._connection = connection
        self._series = series
        self._span = span
        self.nodes = list(self._roots())
        while parents := [node for node in self.nodes if node.level and not self._holds(node)]:
            self._replace(parents)

    def resolve(self, width: int, tail: Sequence[Any]) -> tuple[list[Any], list[int]]:
        """Return the stretches to take whole, and the numbers of the chunks to read."""
        while True:
            unfit = _crossing(self.nodes, tail)
            unfit |= {_name(one) for one in self.nodes if one.size > width or not self._holds(one)}
            parents = [node for node in self.nodes if node.level and _name(node) in unfit]
            if not parents:
                break
            self._replace(parents)
        whole = [node for node in self.nodes if _name(node) not in unfit]
        return whole, [node.number for node in self.nodes if _name(node) in unfit]

    def _holds(self, node: Any) -> bool:
        """Whether a stretch lies inside the span."""
        return bool(node.first_step >= self._span[0] and node.last_step <= self._span[1])

    def _replace(self, parents: Sequence[Any]) -> None:
        """Put the children of stretches in their place."""
        gone = set(map(_name, parents))
        self.nodes = [node for node in self.nodes if _name(node) not in gone]
        self.nodes += self._children(parents)

    def _roots(self) -> Iterator[Any]:
        """Yield the stretches that are part of no higher one."""
        last = _LAST.row(self._connection, self._series)
        size = 0 if last is None else last[0] + 1
        level = 0
        while size:
            covered = size // sealing.FAN * sealing.FAN
            yield from _ROOTS.rows(self._connection, self._series, level, covered, *self._span)
            level, size = level + 1, size // sealing.FAN

    def _children(self, parents: Iterable[Any]) -> Iterator[Any]:
        by_level = attrgetter("level")
        for level, group in groupby(sorted(parents, key=by_level), by_level):
            numbers = [
                node.number * sealing.FAN + part for node in group for part in range(sealing.FAN)
            ]
            listed = among(self._connection, numbers)
            yield from _CHILDREN.rows(
                self._connection, self._series, level - 1, listed, *self._span
            )


def _crossing(nodes: Iterable[Any], tail: Sequence[Any]) -> set[Any]:
    """Return the names of the stretches that overlap another, or the tail, in their steps."""
    places = [
        ((node.first_step, node.first_timestamp), (node.last_step, node.last_timestamp), node)
        for node in nodes
    ]
    if tail:
        moments = [(row.step, row.timestamp) for row in tail]
        places.append((min(moments), max(moments), None))
    places.sort(key=lambda place: place[:2])
    found: set[Any] = set()
    group: list[Any] = []
    end = (-INT64, 0)
    for first, last, node in [*places, ((INT64, 0), (INT64, 0), None)]:
        if first >= end:
            found.update(_name(one) for one in group if one is not None and len(group) > 1)
            group = []
        group.append(node)
        end = max(end, last)
    return found


def _name(node: Any) -> tuple[int, int]:
    return node.level, node.number


def _width(total: int, points: int) -> int:
    """Return the smallest power of four that leaves at most ``points`` buckets."""
    width = 1
    while total > width * max(points, 1):
        width *= 4
    return width


def _data(connection: Connection, series: int, numbers: Sequence[int]) -> Iterator[bytes]:
    """Yield the data of the chunks with these numbers."""
    for start in range(0, len(numbers), DATA_BATCH):
        some = among(connection, numbers[start : start + DATA_BATCH])
        for row in _DATA.rows(connection, series, some):
            yield row[0]
