"""Draw a series in few buckets that keep every spike, from chunk summaries where possible."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from mainstay.entities.metrics import Series
from mainstay.stores.sql import chunks
from mainstay.stores.sql.rules import INT64, loaded
from mainstay.stores.sql.statements import Statement, among

_SERIES = Statement(
    "SELECT runs.run_id, series.id, series.count FROM series JOIN runs ON runs.id = series.run "
    "WHERE runs.run_id {among} AND series.key = ?"
)
_TAIL = Statement(
    "SELECT timestamp, step, value FROM points WHERE series = ? AND step BETWEEN ? AND ?"
)
_CHUNKS = Statement(
    "SELECT id, count AS count_, first_timestamp, last_timestamp, first_step, last_step, last, "
    "last_at, low, high FROM chunks "
    "WHERE series = ? AND last_step >= ? AND first_step <= ? ORDER BY first_step, last_step, id"
)
_DATA = Statement("SELECT data FROM chunks WHERE id {among}")
DATA_BATCH = 64


class _Piece(NamedTuple):
    """One point, or a chunk taken whole; sorted by where it ends."""

    step: int
    timestamp: int
    last: float
    low: float
    high: float
    size: int


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
    connection: Connection, run_id: str, key: str, series: int, points: int, span: tuple[int, int]
) -> Series:
    stretches = _CHUNKS.rows(connection, series, *span)
    tail = [_point(row[0], row[1], loaded(row[2])) for row in _TAIL.rows(connection, series, *span)]
    width = _width(sum(row.count_ for row in stretches) + len(tail), points)
    # A chunk's summary is fine enough where buckets are as wide, inside the span and in order.
    whole = [
        row
        for row in stretches
        if row.count_ <= width and row.first_step >= span[0] and row.last_step <= span[1]
    ]
    if not _in_order(stretches, tail):
        whole = []
    taken = {row.id for row in whole}
    pieces = tail + [
        _Piece(
            *(row.last_step, row.last_at, loaded(row.last)),
            *(loaded(row.low), loaded(row.high), row.count_),
        )
        for row in whole
    ]
    rest = [row.id for row in stretches if row.id not in taken]
    pieces += _points_of(connection, rest, span)
    pieces.sort(key=lambda piece: (piece.step, piece.timestamp))
    total = sum(piece.size for piece in pieces)
    if not whole:
        width = _width(total, points)
    merged = list(_buckets(pieces, width))
    return Series(
        run_id=run_id,
        key=key,
        width=width,
        total=total,
        step=[piece.step for piece in merged],
        timestamp=[piece.timestamp for piece in merged],
        last=[piece.last for piece in merged],
        low=[piece.low for piece in merged],
        high=[piece.high for piece in merged],
        count=[piece.size for piece in merged],
    )


def _width(total: int, points: int) -> int:
    """Return the smallest power of four that leaves at most ``points`` buckets."""
    width = 1
    while total > width * max(points, 1):
        width *= 4
    return width


def _in_order(stretches: Sequence[Any], tail: Sequence[_Piece]) -> bool:
    """Whether each chunk ends before the next begins, and all of them before the tail."""
    ends = [(row.last_step, row.last_timestamp) for row in stretches]
    starts = [(row.first_step, row.first_timestamp) for row in stretches[1:]]
    starts.append(min(((piece.step, piece.timestamp) for piece in tail), default=(INT64, 0)))
    return all(end <= start for end, start in zip(ends, starts, strict=False))


def _points_of(
    connection: Connection, numbers: Sequence[int], span: tuple[int, int]
) -> Iterable[_Piece]:
    """Yield the points inside the span of the chunks with these ids."""
    for start in range(0, len(numbers), DATA_BATCH):
        some = among(connection, numbers[start : start + DATA_BATCH])
        for row in _DATA.rows(connection, some):
            for timestamp, step, value in chunks.decode(row[0]):
                if span[0] <= step <= span[1]:
                    yield _point(timestamp, step, value)


def _buckets(pieces: Sequence[_Piece], width: int) -> Iterable[_Piece]:
    """Merge neighbours until each bucket holds ``width`` points."""
    start, count = 0, 0
    for index, piece in enumerate(pieces):
        count += piece.size
        if count >= width or index == len(pieces) - 1:
            yield _merge(pieces[start : index + 1], count)
            start, count = index + 1, 0


def _merge(pieces: Sequence[_Piece], count: int) -> _Piece:
    end = pieces[-1]
    lows = [piece.low for piece in pieces if not math.isnan(piece.low)]
    highs = [piece.high for piece in pieces if not math.isnan(piece.high)]
    low, high = min(lows, default=math.nan), max(highs, default=math.nan)
    return _Piece(end.step, end.timestamp, end.last, low, high, count)


def _point(timestamp: int, step: int, value: float) -> _Piece:
    return _Piece(step, timestamp, value, value, value, 1)
