"""Page tokens: where the last page ended, as opaque text."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Sequence
from typing import Any

from mainstay.errors import BadInput


def pack(purpose: str, place: list[Any]) -> str:
    """Return a token; ``purpose`` binds it to the search that made it."""
    raw = json.dumps([zlib.crc32(purpose.encode()), place], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode()


def unpack(purpose: str, token: str, *, kinds: Sequence[type]) -> list[Any]:
    """Return the place of a token; ``kinds`` are the types of its parts.

    Raises:
        BadInput: it is not a token, or one of another search.
    """
    try:
        mark, place = json.loads(base64.b64decode(token.encode(), altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise BadInput(f"Invalid page token: {token[:80]!r} was not given by a search") from error
    if mark != zlib.crc32(purpose.encode()):
        raise BadInput(
            "Invalid page token: it belongs to another search; "
            "filter, order and experiments must stay the same from page to page"
        )
    if not isinstance(place, list) or len(place) != len(kinds):
        raise BadInput(f"Invalid page token: {token[:80]!r} is damaged")
    if not all(_fits(part, kind) for part, kind in zip(place, kinds, strict=True)):
        raise BadInput(f"Invalid page token: {token[:80]!r} is damaged")
    return place


def _fits(part: object, kind: type) -> bool:
    """Whether a part of a token, which a caller may have forged, can be compared in SQL."""
    if kind is float:
        return type(part) in (int, float)
    if type(part) is not kind:
        return False
    if isinstance(part, str):
        return _storable(part)
    return not isinstance(part, int) or -(2**63) <= part < 2**63


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text
