"""Page tokens: where the last page ended, as opaque text."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any

from mainstay.errors import BadInput


def pack(purpose: str, place: list[Any]) -> str:
    """Return a token; ``purpose`` binds it to the search that made it."""
    raw = json.dumps([zlib.crc32(purpose.encode()), place], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode()


def unpack(purpose: str, token: str, *, length: int) -> list[Any]:
    """Return the place of a token.

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
    if not isinstance(place, list) or len(place) != length:
        raise BadInput(f"Invalid page token: {token[:80]!r} is damaged")
    return place
