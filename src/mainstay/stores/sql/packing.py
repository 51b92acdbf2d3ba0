"""Records as bytes in a column: MessagePack, which holds NaN and ±Inf as they are."""

from __future__ import annotations

from typing import Any

import msgspec

from mainstay.entities.digests import canonical
from mainstay.errors import BadInput

UNFIT = (OverflowError, TypeError, UnicodeEncodeError, RecursionError)


def pack(record: msgspec.Struct) -> bytes:
    """Return a record as bytes. Raises: BadInput (a number of more than 64 bits, say)."""
    try:
        return msgspec.msgpack.encode(record)
    except UNFIT as error:
        raise BadInput(f"a value cannot be stored: {error}") from error


def text(data: Any) -> str:
    """Return data as canonical JSON. Raises: BadInput."""
    try:
        return canonical(data).decode()
    except UNFIT as error:
        raise BadInput(f"a value cannot be stored: {error}") from error
