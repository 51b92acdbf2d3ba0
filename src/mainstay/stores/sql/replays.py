"""Is a record that comes again the one that was applied? A checksum of each record of a segment.

A resend has no second effect because its sequence was applied. Two processes that write one
segment, as after a spool was copied or a machine was put back to a snapshot, use one sequence for
different records: the later one would be passed over as a resend, and be lost without a word. A
machine may be put back far, so every record is compared, at two bytes each: blocks of them that
are filled have a row, the last is kept with the segment, and what goes on reads nothing else. One
other record of 65,535 is not noticed, of two one in four milliards.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from mainstay.entities.spool import Record
from mainstay.errors import Conflict

BLOCK = 512
"""Sequences whose checksums are kept together."""

FORMAT = b"\x02"
"""Raised when records are encoded in another way: older checksums are then not compared."""

_WIDTH = 2
_NONE = bytes(_WIDTH)
_ENCODER = msgspec.msgpack.Encoder()


class Remembered(NamedTuple):
    """Blocks that are filled now, by number, and the one that the last record is in."""

    filled: list[tuple[int, bytes]]
    last: bytes


def block_of(sequence: int) -> int:
    """Return the number of the block that a sequence is in."""
    return sequence // BLOCK


def check(segment: str, blocks: Mapping[int, bytes | None], records: Sequence[Record]) -> None:
    """See that what comes again is what was applied. Raises: Conflict."""
    for record in records:
        number, place = divmod(record.sequence, BLOCK)
        known = _entry(blocks.get(number), place)
        if known != _NONE and known != _checksum(record):
            raise Conflict(
                f"record {record.sequence} of segment {segment} was applied with another content: "
                "two processes have written this segment (a copied spool, or a machine put back "
                "to a snapshot). Nothing was applied. To send the copy as a log of its own, give "
                "its folder another name of 32 hex digits and run mainstay sync"
            )


def remember(sequence: int, kept: bytes | None, records: Sequence[Record]) -> Remembered:
    """Return what to keep after ``records`` were applied that follow ``sequence``.

    ``kept`` is the block of ``sequence``.
    """
    filled: list[tuple[int, bytes]] = []
    number, sums = block_of(sequence), _begun(kept)
    for record in records:
        block, place = divmod(record.sequence, BLOCK)
        if block != number:
            filled.append((number, bytes(sums)))
            number, sums = block, _begun(None)
        sums += _NONE * (place - (len(sums) - len(FORMAT)) // _WIDTH)  # numbers that nobody used
        sums += _checksum(record)
    return Remembered(filled, bytes(sums))


def _begun(kept: bytes | None) -> bytearray:
    return bytearray(kept if kept is not None and kept.startswith(FORMAT) else FORMAT)


def _entry(block: bytes | None, place: int) -> bytes:
    """Return the checksum at a place of a block; zeros where none is known."""
    if block is None or not block.startswith(FORMAT):
        return _NONE
    at = len(FORMAT) + place * _WIDTH
    return block[at : at + _WIDTH] or _NONE


def _checksum(record: Record) -> bytes:
    found = zlib.crc32(_ENCODER.encode(record.operation))
    return ((found ^ found >> 16) & 0xFFFF or 1).to_bytes(_WIDTH, "little")
