"""Is a record that comes again the one that was applied? Checksums of a segment's last records.

A resend has no second effect because its sequence was applied. Two processes that write one
segment, as after a spool was copied or a machine was put back to a snapshot, use one sequence for
different records: the later one would be passed over as a resend, and be lost without a word.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import msgspec

from mainstay.entities.spool import Record
from mainstay.errors import Conflict

KEPT = 64
"""Records of a segment whose checksums are kept; a resend is of the last batch or of a part."""

FORMAT = b"\x01"
"""Raised when records are encoded in another way: older checksums are then not compared."""

_ENTRY = struct.Struct("<QI")
_ENCODER = msgspec.msgpack.Encoder()


def check(segment: str, kept: bytes | None, records: Sequence[Record]) -> None:
    """See that what comes again is what was applied. Raises: Conflict."""
    known = _read(kept)
    for record in records:
        if record.sequence in known and known[record.sequence] != _checksum(record):
            raise Conflict(
                f"record {record.sequence} of segment {segment} was applied with another content: "
                "two processes have written this segment (a copied spool, or a machine put back "
                "to a snapshot). Nothing was applied. To send the copy as a log of its own, give "
                "its folder another name of 32 hex digits and run mainstay sync"
            )


def remember(kept: bytes | None, records: Sequence[Record]) -> bytes:
    """Return the checksums to keep after ``records`` were applied."""
    fresh = b"".join(_ENTRY.pack(one.sequence, _checksum(one)) for one in records[-KEPT:])
    before = kept[len(FORMAT) :] if kept and kept.startswith(FORMAT) else b""
    return FORMAT + (before + fresh)[-KEPT * _ENTRY.size :]


def _read(kept: bytes | None) -> dict[int, int]:
    if not kept or not kept.startswith(FORMAT):
        return {}
    return dict(_ENTRY.iter_unpack(kept[len(FORMAT) :]))


def _checksum(record: Record) -> int:
    return zlib.crc32(_ENCODER.encode(record.operation))
