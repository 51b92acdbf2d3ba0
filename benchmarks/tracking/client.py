"""An HTTP client that does as little as possible inside the clock.

Requests are bytes made beforehand; of an answer only the status and the end are looked at.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence

TIMEOUT = 120.0
PIECE = 1 << 18
JSON = "application/json"


class Failed(Exception):
    """A server answered something other than 200."""


class Connection:
    """One kept-alive connection to ``host:port``."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, request: bytes) -> bytes:
        """Send one request and return the whole answer, head included."""
        self.socket.sendall(request)
        received = bytearray()
        while not is_whole(received):
            received += self._more(received)
        return _good(bytes(received))

    def swallow(self, request: bytes) -> int:
        """Send one request, drop the body of its answer as it comes, return the body's size."""
        self.socket.sendall(request)
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more(received)
        _good(bytes(received[:end]))
        size = _announced(received[:end])
        if size is None:
            raise Failed("a file came without its length")
        missing = size - (len(received) - end - 4)
        buffer = bytearray(PIECE)
        while missing > 0:
            missing -= self.socket.recv_into(buffer)
        return size

    def close(self) -> None:
        """Close it."""
        self.socket.close()

    def _more(self, received: bytearray) -> bytes:
        piece = self.socket.recv(PIECE)
        if not piece:
            raise Failed(f"the server hung up after {bytes(received[:300])!r}")
        return piece


def request(
    method: str, target: str, body: bytes = b"", *, kind: str = "application/json"
) -> bytes:
    """Return a request as it goes over the wire."""
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if body:
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def body_of(answer: bytes) -> bytes:
    """Return the body of a whole answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"chunked" not in head.lower():
        return body
    parts: list[bytes] = []
    while True:
        size, _, body = body.partition(b"\r\n")
        if not (length := int(size, 16)):
            return b"".join(parts)
        parts.append(body[:length])
        body = body[length + 2 :]


def drive(address: str, requests: Sequence[bytes], *, clients: int, seconds: float) -> float:
    """Send requests for a while, each client one after another; return requests answered a second.

    At least one request a client is sent; the rest of the list is left when time is over.
    """
    connections = [Connection(address) for _ in range(clients)]
    try:
        waiting = iter(requests)
        if clients == 1:
            return _alone(connections[0], waiting, seconds)
        return _together(connections, waiting, seconds)
    finally:
        for connection in connections:
            connection.close()


def _alone(connection: Connection, waiting: Iterator[bytes], seconds: float) -> float:
    done = 0
    begun = time.perf_counter()
    for one in waiting:
        connection.call(one)
        done += 1
        if time.perf_counter() - begun >= seconds:
            break
    return done / (time.perf_counter() - begun)


def _together(connections: list[Connection], waiting: Iterator[bytes], seconds: float) -> float:
    """One thread for all, so that the client's threads do not fight over the interpreter."""
    selector = selectors.DefaultSelector()
    received = {connection.socket: bytearray() for connection in connections}
    done, open_requests = 0, 0
    begun = time.perf_counter()
    for connection in connections:
        if (one := next(waiting, None)) is not None:
            selector.register(connection.socket, selectors.EVENT_READ)
            connection.socket.sendall(one)
            open_requests += 1
    while open_requests:
        for ready, _ in selector.select(TIMEOUT):
            place = ready.fileobj
            assert isinstance(place, socket.socket)
            piece = place.recv(PIECE)
            if not piece:
                raise Failed("the server hung up")
            received[place] += piece
            if not is_whole(received[place]):
                continue
            _good(bytes(received[place]))
            received[place].clear()
            done += 1
            open_requests -= 1
            if time.perf_counter() - begun < seconds and (one := next(waiting, None)) is not None:
                place.sendall(one)
                open_requests += 1
    return done / (time.perf_counter() - begun)


def is_whole(received: bytearray) -> bool:
    """Whether an answer has come to its end."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    size = _announced(received[:end])
    if size is not None:
        return len(received) >= end + 4 + size
    return received.endswith(b"0\r\n\r\n")


def _announced(head: bytearray) -> int | None:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return None if at < 0 else int(lowered[at + 15 :].split(b"\r\n", 1)[0])


def _good(answer: bytes) -> bytes:
    if not answer.startswith(b"HTTP/1.1 200"):
        raise Failed(answer[:600].decode(errors="replace"))
    return answer
