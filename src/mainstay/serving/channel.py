"""What supervisor and worker say to each other, over a socket pair, as msgpack frames.

The supervisor asks and the worker answers each message with exactly one reply, in order;
``Status`` alone has none. The first message is ``Spec``, and its reply is ``Ready`` or ``Failed``.
A worker that reads the end of the stream has lost its supervisor: it drains and ends.
"""

from __future__ import annotations

import asyncio
import socket
import struct

import msgspec

from mainstay.entities.monitoring import Deployment

_LENGTH = struct.Struct(">I")


class Sample(msgspec.Struct, frozen=True):
    """A request body that was answered with 200, kept in memory to warm the next version."""

    content_type: str
    body: bytes


class Spec(msgspec.Struct, frozen=True, kw_only=True, tag="spec"):
    """What a worker shall serve, and how.

    ``uri`` names one fixed version, never an alias. ``timeout`` is in seconds, ``max_body`` in
    bytes. ``version`` is None for a model that is not registered.
    """

    uri: str
    name: str
    version: int | None
    deployment: str
    tracking_uri: str | None = None
    registry_uri: str | None = None
    trust: bool | None = None
    timeout: float = 60.0
    threads: int = 4
    max_waiting: int = 256
    max_body: int = 100 << 20
    samples: list[Sample] = []


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Accept connections; the reply is ``Done``."""


class Close(msgspec.Struct, frozen=True, tag="close"):
    """Accept no more, finish what is held, stay warm; the reply is ``Done``."""


class GiveSamples(msgspec.Struct, frozen=True, tag="give_samples"):
    """Hand over the sampled bodies; the reply is ``Samples``."""


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """Accept no more, finish what is held within ``grace`` seconds, and end; ``Done`` first."""

    grace: float = 30.0


class Status(msgspec.Struct, frozen=True, tag="status"):
    """The deployment as the supervisor sees it, for ``/ready``; no reply."""

    deployment: Deployment


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready"):
    """The model is loaded, verified and warm. ``warnings`` tell what the warm-up found."""

    seconds: float
    warmed: int = 0
    warnings: list[str] = []


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """This version cannot be served, and why."""

    message: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    """It is so."""


class Samples(msgspec.Struct, frozen=True, tag="samples"):
    """The bodies asked for."""

    samples: list[Sample]


Order = Spec | Open | Close | GiveSamples | Stop | Status
Reply = Ready | Failed | Done | Samples

_orders: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def frame(message: Order | Reply) -> bytes:
    """Return the message as one frame: four bytes of length, then msgpack."""
    body = msgspec.msgpack.encode(message)
    return _LENGTH.pack(len(body)) + body


async def read_order(reader: asyncio.StreamReader) -> Order:
    """Return the next order. Raises: asyncio.IncompleteReadError at the end of the stream."""
    return _orders.decode(await _read(reader))


async def read_reply(reader: asyncio.StreamReader) -> Reply:
    """Return the next reply. Raises: asyncio.IncompleteReadError at the end of the stream."""
    return _replies.decode(await _read(reader))


def receive_order(channel: socket.socket) -> Order:
    """Return the next order of a blocking socket. Raises: EOFError."""
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    return _orders.decode(_exactly(channel, length))


async def _read(reader: asyncio.StreamReader) -> bytes:
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    return await reader.readexactly(length)


def _exactly(channel: socket.socket, count: int) -> bytes:
    parts: list[bytes] = []
    while count:
        part = channel.recv(count)
        if not part:
            raise EOFError("the supervisor is gone")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
