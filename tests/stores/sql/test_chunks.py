"""Points come out of a chunk bit by bit as they went in, and take little room."""

from __future__ import annotations

import math
import random
import struct

from hypothesis import given
from hypothesis import strategies as st

from mainstay.stores.sql import chunks

INT64 = st.integers(-(2**63), 2**63 - 1)
POINTS = st.lists(st.tuples(INT64, INT64, st.floats(width=64)), max_size=50)


def bits(points: list[chunks.Point]) -> list[tuple[int, int, bytes]]:
    return [(timestamp, step, struct.pack("<d", value)) for timestamp, step, value in points]


@given(POINTS)
def test_points_come_back_bit_by_bit(points: list[chunks.Point]) -> None:
    assert bits(chunks.decode(chunks.encode(points))) == bits(points)


def test_an_ordinary_series_takes_less_than_sixteen_bytes_a_point() -> None:
    chance = random.Random(1)
    points = [
        (1_700_000_000_000 + step * 137 + chance.randrange(40), step, chance.gauss(0.5, 0.1))
        for step in range(1024)
    ]
    assert len(chunks.encode(points)) / len(points) < 10


def test_the_order_of_history_puts_nan_where_zero_is() -> None:
    points = [(1, 1, 1.0), (1, 1, math.nan), (1, 1, -1.0), (1, 1, 0.0), (0, 9, 5.0)]
    ordered = sorted(points, key=chunks.order)
    assert [repr(value) for _, _, value in ordered] == ["5.0", "-1.0", "0.0", "nan", "1.0"]


@given(POINTS)
def test_raw_points_come_back_bit_by_bit(points: list[chunks.Point]) -> None:
    if points:
        assert bits(chunks.decode(chunks.raw(points))) == bits(points)
