"""The arithmetic of a chart, on whole columns: a series becomes few buckets that keep every spike.

Apart from ``series`` so that a server loads numpy when somebody first draws, not when it starts.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mainstay.stores.sql.chunks import DIFFERENCES

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Pieces(NamedTuple):
    """Points, or stretches taken whole, as columns. ``size`` is how many points each holds."""

    step: Integers
    timestamp: Integers
    last: Floats
    low: Floats
    high: Floats
    size: Integers


def of_rows(rows: Sequence[Sequence[Any]]) -> Pieces:
    """Return rows of a database, in the order of ``Pieces``; NULL is NaN."""
    columns = zip(*rows, strict=True) if rows else [()] * len(Pieces._fields)
    kinds = (np.int64, np.int64, np.float64, np.float64, np.float64, np.int64)
    made: Iterable[Any] = map(np.array, columns, kinds)
    return Pieces(*made)


def of_points(steps: Integers, timestamps: Integers, values: Floats) -> Pieces:
    """Return single points."""
    return Pieces(steps, timestamps, values, values, values, np.ones(len(steps), np.int64))


def of_chunks(blobs: Iterable[bytes], span: tuple[int, int]) -> Pieces:
    """Return the points inside the span of sealed chunks (see ``chunks`` for the layout)."""
    columns = [_decode(bytes(blob)) for blob in blobs]
    if not columns:
        return of_rows([])
    timestamps, steps, values = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    inside = (steps >= span[0]) & (steps <= span[1])
    return of_points(steps[inside], timestamps[inside], values[inside])


def joined(parts: Sequence[Pieces]) -> Pieces:
    """Return all pieces in order of (step, timestamp)."""
    stacks: Iterable[Any] = zip(*parts, strict=True)
    columns: Iterable[Any] = map(np.concatenate, stacks)
    whole = Pieces(*columns)
    order = np.lexsort((whole.timestamp, whole.step))
    step, timestamp, last, low, high, size = whole
    return Pieces(
        *(step[order], timestamp[order]), *(last[order], low[order], high[order]), size[order]
    )


def merged(pieces: Pieces, width: int) -> Pieces:
    """Merge neighbours until each bucket holds at least ``width`` points, the last excepted."""
    starts = _starts(pieces.size, width)
    if not len(starts):
        return pieces
    ends = np.append(starts[1:], len(pieces.size)) - 1
    return Pieces(
        step=pieces.step[ends],
        timestamp=pieces.timestamp[ends],
        last=pieces.last[ends],
        # These leave NaN out unless there is nothing else.
        low=np.fmin.reduceat(pieces.low, starts),
        high=np.fmax.reduceat(pieces.high, starts),
        size=np.add.reduceat(pieces.size, starts),
    )


def _starts(sizes: Integers, width: int) -> Integers:
    """Return where buckets begin."""
    if len(sizes) == sizes.sum():  # points only
        return np.arange(0, len(sizes), width)
    starts, count = [], width
    for index, size in enumerate(sizes.tolist()):
        if count >= width:
            starts.append(index)
            count = 0
        count += size
    return np.array(starts, np.int64)


def _decode(data: bytes) -> tuple[Integers, Integers, Floats]:
    raw = np.frombuffer(zlib.decompress(memoryview(data)[1:]), np.uint8)
    words = np.ascontiguousarray(raw.reshape(3, 8, -1).transpose(0, 2, 1))
    integers = words[:2].reshape(2, -1).view("<i8").astype(np.int64)
    if data[:1] == DIFFERENCES:
        integers = integers.cumsum(axis=1)
    return integers[0], integers[1], words[2].reshape(-1).view("<f8").astype(np.float64)
