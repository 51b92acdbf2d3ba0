"""Points as compressed columns: a sealed stretch of a series in few bytes.

Layout: one byte for how integers are kept, then zlib over three columns of 8-byte little-endian
words (timestamps, steps, values), each transposed so that the bytes of equal weight lie together.
Integers are kept as differences to their predecessor, which are small and repeat. Values are kept
bit by bit: NaN and ±Inf come back as they went in. Points that soon become part of a chunk are kept
raw: the three columns as they are.
"""

from __future__ import annotations

import math
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import sub
from typing import Any

Point = tuple[int, int, float]
"""(timestamp, step, value)."""

DIFFERENCES = b"d"
PLAIN = b"p"
RAW = b"r"
LIMIT = 2**62
LEVEL = 3


def order(point: Point) -> tuple[int, int, float, bool]:
    """Return the key by which history is sorted; NaN stands as 0, after the number."""
    missing = math.isnan(point[2])
    return point[0], point[1], 0.0 if missing else point[2], missing


def places(points: Iterable[Point]) -> list[tuple[int, int, float, bool]]:
    """Return ``order`` of each point; in one expression, since histories are long."""
    return [
        (at, step, 0.0, True) if value != value else (at, step, value, False)  # NaN only differs
        for at, step, value in points
    ]


def encode(points: Sequence[Point]) -> bytes:
    """Return points (in any order) as bytes."""
    timestamps = [point[0] for point in points]
    steps = [point[1] for point in points]
    small = all(-LIMIT < extreme < LIMIT for extreme in (*_span(timestamps), *_span(steps)))
    kind = DIFFERENCES if small else PLAIN
    columns = (
        array("q", _differences(timestamps) if small else timestamps),
        array("q", _differences(steps) if small else steps),
        array("d", [point[2] for point in points]),
    )
    return kind + zlib.compress(b"".join(_transpose(column) for column in columns), LEVEL)


def raw(points: Sequence[Point]) -> bytes:
    """Return points (in any order) as bytes, quickly and large."""
    timestamps, steps, values = zip(*points, strict=True)
    parts = (array("q", timestamps), array("q", steps), array("d", values))
    return RAW + b"".join(_words(column) for column in parts)


def decode(data: bytes) -> list[Point]:
    """Return the points of ``encode`` or ``raw``, in the order they had."""
    return list(zip(*columns(data), strict=True))


def columns(data: bytes) -> tuple[list[int], list[int], list[float]]:
    """Return timestamps, steps and values of ``encode`` or ``raw``, in the order they had."""
    if bytes(data[:1]) == RAW:
        return _raw_columns(bytes(memoryview(data)[1:]))
    body = zlib.decompress(memoryview(data)[1:])
    size = len(body) // 3
    timestamps, steps = (_restore(body[start : start + size], "q").tolist() for start in (0, size))
    if bytes(data[:1]) == DIFFERENCES:
        timestamps, steps = list(accumulate(timestamps)), list(accumulate(steps))
    return timestamps, steps, _restore(body[2 * size :], "d").tolist()


def _span(numbers: Sequence[int]) -> tuple[int, int]:
    return (min(numbers), max(numbers)) if numbers else (0, 0)


def _differences(numbers: Sequence[int]) -> list[int]:
    if not numbers:
        return []
    return [numbers[0], *map(sub, numbers[1:], numbers)]


def _transpose(column: array[int] | array[float]) -> bytes:
    words = _words(column)
    return b"".join(words[byte::8] for byte in range(8))


def _words(column: array[int] | array[float]) -> bytes:
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()


def _raw_columns(body: bytes) -> tuple[list[int], list[int], list[float]]:
    size = len(body) // 3
    timestamps, steps = (_column(body[start : start + size], "q") for start in (0, size))
    return timestamps.tolist(), steps.tolist(), _column(body[2 * size :], "d").tolist()


def _restore(raw: bytes, kind: str) -> array[Any]:
    count = len(raw) // 8
    straight = bytearray(len(raw))
    for byte in range(8):
        straight[byte::8] = raw[byte * count : (byte + 1) * count]
    return _column(bytes(straight), kind)


def _column(words: bytes, kind: str) -> array[Any]:
    column: array[Any] = array(kind)
    column.frombytes(words)
    if sys.byteorder == "big":
        column.byteswap()
    return column
