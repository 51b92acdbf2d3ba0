"""The frame around a record: enough to find every whole record in a damaged file.

A frame is ``magic(4) length(4) crc(4) sequence(8) kind(1) payload(length)``, little endian. The
CRC-32 (zlib) covers length, sequence, kind and payload. A reader that meets a bad frame looks for
the next magic that begins a whole, sound frame with a greater sequence, so that damage costs the
records it touches and no others.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

MAGIC = b"\xa7MS\x01"
OPERATION = 1
"""The only kind so far: the payload is a MessagePack ``entities.spool`` operation."""

MAX_PAYLOAD = 32 << 20

_HEADER = struct.Struct("<4sIIQB")
_COVERED = struct.Struct("<IQB")
HEADER_SIZE = _HEADER.size


class Frame(NamedTuple):
    """A whole record: its sequence, its payload, and where it ends in the data that was read."""

    sequence: int
    payload: bytes
    end: int


class Damage(NamedTuple):
    """Bytes ``start`` to ``end`` that hold no whole record though sound ones follow."""

    start: int
    end: int


class Scan(NamedTuple):
    """What was found: frames in order, the damage between them, and where reading stopped.

    Bytes from ``end`` on hold no sound frame (yet): an unfinished or torn tail, or nothing.
    """

    frames: list[Frame]
    damage: list[Damage]
    end: int


def encode(sequence: int, payload: bytes, kind: int = OPERATION) -> bytes:
    """Return the frame of one record."""
    length = len(payload)
    crc = zlib.crc32(payload, zlib.crc32(_COVERED.pack(length, sequence, kind)))
    return _HEADER.pack(MAGIC, length, crc, sequence, kind) + payload


def scan(data: bytes, *, after: int = 0, max_frames: int = 1 << 30) -> Scan:
    """Read frames whose sequences rise above ``after``.

    >>> scan(encode(1, b"a") + b"torn").end
    22
    """
    frames: list[Frame] = []
    damage: list[Damage] = []
    position = 0
    while position < len(data) and len(frames) < max_frames:
        found = _sound(data, position, after)
        start = position
        if found is None:
            start = _next_sound(data, position + 1, after)
            if start < 0:
                break
            damage.append(Damage(position, start))
            found = _sound(data, start, after)
            assert found is not None
        frames.append(found)
        after, position = found.sequence, found.end
    return Scan(frames, damage, position)


def _sound(data: bytes, start: int, after: int) -> Frame | None:
    if start + HEADER_SIZE > len(data):
        return None
    magic, length, crc, sequence, kind = _HEADER.unpack_from(data, start)
    end = start + HEADER_SIZE + length
    if magic != MAGIC or sequence <= after or length > MAX_PAYLOAD or end > len(data):
        return None
    payload = data[start + HEADER_SIZE : end]
    if zlib.crc32(payload, zlib.crc32(_COVERED.pack(length, sequence, kind))) != crc:
        return None
    return Frame(sequence, payload, end)


def _next_sound(data: bytes, start: int, after: int) -> int:
    while (start := data.find(MAGIC, start)) >= 0:
        if _sound(data, start, after) is not None:
            return start
        start += 1
    return -1
