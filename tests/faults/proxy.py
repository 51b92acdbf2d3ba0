"""A proxy on TCP that does to requests what networks do: one plan, one fault a request.

It reads whole HTTP/1.1 requests and answers (with Content-Length, or in chunks), so that it knows
exactly what reached the server and what came back.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["none", "refuse", "cut", "lost", "twice", "late", "stall", "broken"]
"""What happens to a request:

refuse  the connection ends before a byte goes on
cut     a share of it goes on (half, if not said), then both connections are reset
lost    it goes on, is answered, and the answer is thrown away
twice   it goes on two times at once, and one of the answers comes back
late    it goes on, is answered, and once more after the request that follows it
broken  it goes on, and half of the answer comes back
stall   it goes on, and the answer is kept back until the client gives up
"""


class FaultProxy:
    """Forwards to ``target``; ``plan`` names the fault of each request by its number, from 0.

    ``share`` says how much of a request that is cut goes on.
    """

    def __init__(
        self, target: str, plan: Callable[[int], Fault], *, share: Callable[[], float] = lambda: 0.5
    ) -> None:
        place = urlsplit(target)
        self._target = (place.hostname or "", place.port or 0)
        self._plan, self._share = plan, share
        self._lock = threading.Lock()
        self._requests = 0
        self._late: list[bytes] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self._stalled = threading.Event()
        self._threads: list[threading.Thread] = []
        self.faults: Counter[Fault] = Counter()
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._start(self._accept)

    def aim(self, target: str) -> None:
        """Forward to another server from now on."""
        place = urlsplit(target)
        self._target = (place.hostname or "", place.port or 0)

    def close(self) -> None:
        """Take no more, and let go of who waits."""
        self._stalled.set()
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, work: Callable[..., object], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        thread.start()
        return thread

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            client.settimeout(60)
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            while (request := _read(client)) and self._pass_on(client, request):
                pass

    def _pass_on(self, client: socket.socket, request: bytes) -> bool:
        """Do what the plan says with one request; tell whether the connection goes on."""
        with self._lock:
            fault = self._plan(self._requests)
            self._requests += 1
            self.faults[fault] += 1
            late, self._late = self._late, [request] if fault == "late" else []
        if fault == "refuse":
            return False
        if fault == "cut":
            self._cut(request)
            _reset(client)
            return False
        other = self._start(self._ask, request) if fault == "twice" else None
        answer = self._ask(request)
        if other is not None:
            other.join()
        for earlier in late:
            self._ask(earlier)
        if fault == "stall":
            self._stalled.wait(20)
        if fault in ("lost", "stall") or not answer:
            return False
        if fault == "broken":
            client.sendall(answer[: len(answer) // 2])
            return False
        client.sendall(answer)
        return True

    def _ask(self, request: bytes) -> bytes:
        """Send a request on a connection of its own and return the answer; b"" if none came."""
        with suppress(OSError), socket.create_connection(self._target, timeout=60) as server:
            server.sendall(request)
            return _read(server)
        return b""

    def _cut(self, request: bytes) -> None:
        with suppress(OSError):
            server = socket.create_connection(self._target, timeout=60)
            server.sendall(request[: int(len(request) * self._share())])
            _reset(server)


def _read(connection: socket.socket) -> bytes:
    """Return one message with its body; b"" if the connection ended before that."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(1 << 16)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    fields = [line.partition(b":") for line in head.lower().split(b"\r\n")[1:]]
    headers = {name.strip(): value.strip() for name, _, value in fields}
    length = int(headers.get(b"content-length", b"0"))
    chunked = headers.get(b"transfer-encoding") == b"chunked"
    while not (_ends(body) if chunked else len(body) >= length):
        more = connection.recv(1 << 16)
        if not more:
            return b""
        body += more
    return head + b"\r\n\r\n" + body


def _ends(body: bytes) -> bool:
    """Say whether the last chunk of a body in chunks is there."""
    at = 0
    while (line := body.find(b"\r\n", at)) >= 0:
        size = int(body[at:line], 16)
        at = line + 2 + size + 2
        if len(body) < at:
            return False
        if size == 0:
            return True
    return False


def _reset(connection: socket.socket) -> None:
    """Close without the usual farewell."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
