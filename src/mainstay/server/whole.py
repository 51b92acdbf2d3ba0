"""Answers as they go over the wire, for those that take the short way (``swift``)."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import Response

from mainstay.server.hardening import DEFAULTS, EVERYWHERE, REQUEST_ID, harden
from mainstay.wire.codec import CONTENT_TYPES
from mainstay.wire.endpoint import Format


class Whole(NamedTuple):
    """A status, and what follows the status line: headers without the connection's, and body."""

    status: int
    rest: bytes


def _lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%b: %b\r\n" % pair for pair in headers)


_STANDING = {
    kind: _lines(
        [
            (name.lower().encode(), value.encode())
            for name, value in {"Content-Type": of, **EVERYWHERE, **DEFAULTS}.items()
        ]
    )
    + REQUEST_ID
    for kind, of in CONTENT_TYPES.items()
}
"""The headers that every good answer of a kind has, up to its request's id."""


def of_content(content: bytes, request_id: str, kind: Format) -> Whole:
    """Return a good answer. The id is one that may be written into a header."""
    rest = b"%b: %b\r\ncontent-length: %d\r\n\r\n%b"
    return Whole(200, rest % (_STANDING[kind], request_id.encode(), len(content), content))


def of_response(response: Response, request_id: str) -> Whole:
    """Return any answer whose headers are ours."""
    message = {"headers": response.raw_headers}
    harden(message, request_id)
    return Whole(response.status_code, _lines(message["headers"]) + b"\r\n" + bytes(response.body))
