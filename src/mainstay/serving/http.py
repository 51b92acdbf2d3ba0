"""The little HTTP that the serving app needs: an answer, a body read with a limit, a request id."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from mainstay.errors import BadInput, MainstayError, TooLarge

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

JSON = b"application/json"
TEXT = b"text/plain; charset=utf-8"
_ID_LENGTH = 128
DISCARDED = 16 << 20
"""Bytes of an unwanted body that are read and forgotten before the line is closed."""
DISCARD_SECONDS = 1.0


class Disconnected(Exception):
    """The caller hung up before the request was complete; nobody waits for an answer."""


class Answer(msgspec.Struct, frozen=True):
    """What is sent back."""

    status: int
    body: bytes
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


def error_answer(error: MainstayError) -> Answer:
    """Return an error as MLflow's JSON, with the status of its class."""
    body = msgspec.json.encode({"error_code": error.code, "message": error.message})
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if error.status == 429:
        headers = ((b"retry-after", b"1"),)
    return Answer(error.status, body, headers=headers)


def header(scope: Scope, name: bytes) -> str | None:
    """Return the first header of this lower-case name."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


def request_id(scope: Scope) -> str:
    """Return the caller's ``X-Request-Id`` if it is printable and short, else a new one."""
    given = header(scope, b"x-request-id")
    if given and len(given) <= _ID_LENGTH and given.isascii() and given.isprintable():
        return given
    return uuid.uuid4().hex


class Body:
    """The body of one request, as it arrives."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self.complete = False
        """Whether all of it has been read; if not, the next request cannot follow on this line."""

    async def read(self, limit: int) -> bytes:
        """Return the whole of it.

        Raises:
            TooLarge: it is longer than ``limit`` bytes.
            BadInput: it is compressed.
            Disconnected: the caller hung up.
        """
        encoding = header(self._scope, b"content-encoding")
        if encoding and encoding.lower() != "identity":
            raise BadInput(f"Content-Encoding {encoding[:40]!r} is not read here; send it plain")
        message = f"the body is larger than the {limit} bytes that this server reads at once"
        announced = header(self._scope, b"content-length")
        if announced and announced.isdigit() and int(announced) > limit:
            raise TooLarge(message)
        parts: list[bytes] = []
        length = 0
        while not self.complete:
            part = await self._part()
            length += len(part)
            if length > limit:
                raise TooLarge(message)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def discard(self) -> None:
        """Read on and forget, for a while: a caller that still sends would miss the answer."""
        left = DISCARDED
        try:
            async with asyncio.timeout(DISCARD_SECONDS):
                while not self.complete and left > 0:
                    left -= len(await self._part())
        except TimeoutError:
            return

    async def _part(self) -> bytes:
        event = await self._receive()
        if event["type"] == "http.disconnect":
            raise Disconnected
        self.complete = not event.get("more_body", False)
        part: bytes = event.get("body", b"")
        return part


async def send_answer(send: Send, answer: Answer, headers: Headers) -> None:
    """Send the answer with these headers beside its own."""
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [
                (b"content-type", answer.content_type),
                (b"content-length", str(len(answer.body)).encode()),
                *answer.headers,
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": answer.body})
