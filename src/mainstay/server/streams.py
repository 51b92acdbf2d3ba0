"""Bodies in and out: bounded, with a deadline, and between the event loop and threads."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from queue import SimpleQueue

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from mainstay.artifact_store.base import Reading
from mainstay.errors import BadInput, BadRequest, Stalled, TooLarge

BODY_SECONDS = 30.0
IDLE_SECONDS = 30.0
AHEAD = 1 << 20
"""Bytes of an upload that wait for the disk before the sender has to."""

_SHA256 = re.compile(r"sha-256=:([A-Za-z0-9+/=]*):", re.IGNORECASE)


async def read_body(receive: Receive, headers: Headers, *, limit: int) -> bytes:
    """Return a whole body.

    Raises:
        TooLarge: it is, or says that it is, above ``limit`` bytes.
        Stalled: it did not come within ``BODY_SECONDS``. BadRequest: it was cut off.
    """
    _bound(announced(headers) or 0, limit)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _collect(receive, limit)
    except TimeoutError:
        raise Stalled(f"the body did not come within {BODY_SECONDS:.0f} seconds") from None


def announced(headers: Headers) -> int | None:
    """Return the Content-Length, if there is one. Raises: BadRequest."""
    text = headers.get("content-length")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BadRequest(f"the Content-Length {text[:20]!r} is not a number")
    return int(text)


def announced_digest(headers: Headers) -> bytes | None:
    """Return the SHA-256 that the header Content-Digest (RFC 9530) names, if it names one.

    Raises: BadRequest.
    """
    found = _SHA256.search(headers.get("content-digest", ""))
    if found is None:
        return None
    try:
        return base64.b64decode(found[1], validate=True)
    except binascii.Error:
        raise BadRequest("the Content-Digest cannot be read; it is not base64") from None


def _bound(size: int, limit: int) -> None:
    if size > limit:
        raise TooLarge(f"the body has {size} bytes; at most {limit} are accepted here")


async def _collect(receive: Receive, limit: int) -> bytes:
    message = await receive()
    if not message.get("more_body", False):
        _bound(len(message.get("body", b"")), limit)
        return _content(message)
    parts = [_content(message)]
    total = len(parts[0])
    while message.get("more_body", False):
        message = await receive()
        parts.append(_content(message))
        total += len(parts[-1])
        _bound(total, limit)
    return b"".join(parts)


def _content(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise BadRequest("the body was cut off")
    content: bytes = message.get("body", b"")
    return content


class Upload:
    """A body as chunks for a thread, while the event loop reads on ahead of it; read once.

    ``size`` is what the request announced, None for a body of unknown length. Raises, while
    iterating: TooLarge above ``limit``, BadRequest when the sender goes away or sends nothing for
    ``IDLE_SECONDS``, BadInput at the end where the header Content-Digest announced other bytes.
    """

    def __init__(self, receive: Receive, headers: Headers, *, limit: int) -> None:
        self.size = announced(headers)
        self._digest = announced_digest(headers)
        _bound(self.size or 0, limit)
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._read = _Ahead(self._loop)

    def __iter__(self) -> Iterator[bytes]:
        if self._digest is None:
            yield from self._chunks()
            return
        state = hashlib.sha256()
        for chunk in self._chunks():
            state.update(chunk)
            yield chunk
        if state.digest() != self._digest:
            raise BadInput("the body was damaged on its way (Content-Digest); send it again")

    def _chunks(self) -> Iterator[bytes]:
        reading = asyncio.run_coroutine_threadsafe(self._read_on(), self._loop)
        try:
            yield from self._read.take()
            reading.result()
        finally:
            reading.cancel()

    async def _read_on(self) -> None:
        total, more = 0, True
        try:
            while more:
                await self._read.room()
                message = await self._next()
                more = message.get("more_body", False)
                content = _content(message)
                total += len(content)
                _bound(total, self._limit)
                self._read.put(content)
        finally:
            self._read.end()

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                return await self._receive()
        except TimeoutError:
            raise Stalled(f"nothing came for {IDLE_SECONDS:.0f} seconds") from None


class _Ahead:
    """Bytes that an event loop has read and a thread has not taken yet: about ``AHEAD`` at most."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._taken = asyncio.Event()
        self._waiting = False
        # Each is changed on one side only.
        self._bytes_put = 0
        self._bytes_taken = 0

    # -- the event loop's side -------------------------------------------------------------------
    async def room(self) -> None:
        """Wait until the thread has taken enough."""
        while self._is_full():
            self._taken.clear()
            self._waiting = True  # said before the second look, so that no taking goes unnoticed
            if self._is_full():
                await self._taken.wait()
            self._waiting = False

    def put(self, content: bytes) -> None:
        """Hand bytes over."""
        if content:
            self._bytes_put += len(content)
            self._queue.put(content)

    def end(self) -> None:
        """Say that nothing follows."""
        self._queue.put(None)

    # -- the thread's side -----------------------------------------------------------------------
    def take(self) -> Iterator[bytes]:
        """Yield what was put, until the end."""
        while (content := self._queue.get()) is not None:
            yield content
            self._bytes_taken += len(content)
            if self._waiting and not self._is_full():
                self._loop.call_soon_threadsafe(self._taken.set)

    def _is_full(self) -> bool:
        return self._bytes_put - self._bytes_taken >= AHEAD


async def download(reading: Reading) -> AsyncIterator[bytes]:
    """Yield a file's chunks, each read in a thread."""
    loop = asyncio.get_running_loop()
    try:
        while chunk := await loop.run_in_executor(None, next, reading, b""):
            yield chunk
    finally:
        reading.close()
