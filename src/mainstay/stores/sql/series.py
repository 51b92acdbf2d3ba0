"""Draw a series in few buckets that keep every spike, from chunk summaries where possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from mainstay.entities.metrics import Series
from mainstay.stores.sql.rules import INT64
from mainstay.stores.sql.statements import Statement, among

_SERIES = Statement(
    "SELECT runs.run_id, series.id, series.count FROM series JOIN runs ON runs.id = series.run "
    "WHERE runs.run_id {among} AND series.key = ?"
)
_TAIL = Statement(
    "SELECT step, timestamp, value, value AS low, value AS high, 1 AS size FROM points "
    "WHERE series = ? AND step BETWEEN ? AND ?"
)
_CHUNKS = Statement(
    "SELECT id, count AS count_, first_timestamp, last_timestamp, first_step, last_step, last, "
    "last_at, low, high FROM chunks "
    "WHERE series = ? AND last_step >= ? AND first_step <= ? ORDER BY first_step, last_step, id"
)
_DATA = Statement("SELECT data FROM chunks WHERE id {among}")
DATA_BATCH = 64


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
    # numpy costs a server a tenth of a second and 20 MB: only those that draw charts load it.
    from mainstay.stores.sql import drawing

    stretches = _CHUNKS.rows(connection, series, *span)
    tail = _TAIL.rows(connection, series, *span)
    width = _width(sum(row.count_ for row in stretches) + len(tail), points)
    # A chunk's summary is fine enough where buckets are as wide, inside the span and in order.
    whole = [
        row
        for row in stretches
        if row.count_ <= width and row.first_step >= span[0] and row.last_step <= span[1]
    ]
    if not whole or not _in_order(stretches, tail):
        whole = []
    taken = {row.id for row in whole}
    rest = [row.id for row in stretches if row.id not in taken]
    summaries = [
        (row.last_step, row.last_at, row.last, row.low, row.high, row.count_) for row in whole
    ]
    pieces = drawing.joined(
        [
            drawing.of_rows(tail),
            drawing.of_rows(summaries),
            drawing.of_chunks(_data(connection, rest), span),
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


def _width(total: int, points: int) -> int:
    """Return the smallest power of four that leaves at most ``points`` buckets."""
    width = 1
    while total > width * max(points, 1):
        width *= 4
    return width


def _in_order(stretches: Sequence[Any], tail: Sequence[Any]) -> bool:
    """Whether each chunk ends before the next begins, and all of them before the tail."""
    ends = [(row.last_step, row.last_timestamp) for row in stretches]
    starts = [(row.first_step, row.first_timestamp) for row in stretches[1:]]
    starts.append(min(((row.step, row.timestamp) for row in tail), default=(INT64, 0)))
    return all(end <= start for end, start in zip(ends, starts, strict=False))


def _data(connection: Connection, numbers: Sequence[int]) -> Iterator[bytes]:
    """Yield the chunks with these ids."""
    for start in range(0, len(numbers), DATA_BATCH):
        some = among(connection, numbers[start : start + DATA_BATCH])
        for row in _DATA.rows(connection, some):
            yield row[0]
