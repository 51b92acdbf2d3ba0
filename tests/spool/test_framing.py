"""Frames are found again whole, whatever surrounds them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mainstay.spool import framing

payloads = st.lists(st.binary(max_size=40), min_size=1, max_size=8)


def written(parts: list[bytes]) -> bytes:
    return b"".join(framing.encode(number, part) for number, part in enumerate(parts, 1))


@given(payloads)
def test_what_was_written_is_read_in_order(parts: list[bytes]) -> None:
    found = framing.scan(written(parts))
    assert [frame.payload for frame in found.frames] == parts
    assert [frame.sequence for frame in found.frames] == list(range(1, len(parts) + 1))
    assert found.damage == []
    assert found.end == len(written(parts))


@given(payloads, st.integers(min_value=0))
def test_a_file_cut_anywhere_keeps_every_whole_record_before_the_cut(
    parts: list[bytes], cut: int
) -> None:
    data = written(parts)
    cut %= len(data) + 1
    found = framing.scan(data[:cut])
    whole = sum(1 for end in ends(parts) if end <= cut)
    assert [frame.payload for frame in found.frames] == parts[:whole]
    assert found.damage == []
    assert found.end == ([0, *ends(parts)])[whole]


@given(payloads, st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_a_flipped_bit_loses_at_most_the_record_it_is_in(
    parts: list[bytes], place: int, bit: int
) -> None:
    data = bytearray(written(parts))
    place %= len(data)
    data[place] ^= 1 << bit
    found = framing.scan(bytes(data))
    hit = next(index for index, end in enumerate(ends(parts)) if place < end)
    expected = [part for index, part in enumerate(parts) if index != hit]
    assert [frame.payload for frame in found.frames] == expected
    if hit < len(parts) - 1:
        assert len(found.damage) == 1


@given(payloads, st.binary(min_size=1, max_size=60), st.integers(min_value=0))
def test_foreign_bytes_between_records_cost_no_record(
    parts: list[bytes], noise: bytes, where: int
) -> None:
    borders = [0, *ends(parts)]
    at = borders[where % len(borders)]
    data = written(parts)
    found = framing.scan(data[:at] + noise + data[at:])
    assert [frame.payload for frame in found.frames] == parts


def test_a_record_seen_before_is_not_read_again() -> None:
    data = written([b"a", b"b", b"c"])
    assert [frame.payload for frame in framing.scan(data, after=2).frames] == [b"c"]


def test_reading_stops_after_as_many_frames_as_are_wanted() -> None:
    data = written([b"a", b"b", b"c"])
    found = framing.scan(data, max_frames=2)
    assert [frame.payload for frame in found.frames] == [b"a", b"b"]
    assert framing.scan(data[found.end :], after=2).frames[0].payload == b"c"


def ends(parts: list[bytes]) -> list[int]:
    total, found = 0, []
    for part in parts:
        total += framing.HEADER_SIZE + len(part)
        found.append(total)
    return found
