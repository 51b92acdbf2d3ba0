"""A door before a server that counts the requests that pass."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from typing import Self

_REQUEST = re.compile(rb"(?:GET|POST|PUT|PATCH|DELETE|HEAD) (\S+) HTTP/1\.[01]\r\n")


class CountingDoor:
    """Listens on a free port and passes bytes on. ``targets`` holds what was asked for."""

    def __init__(self, host: str, port: int) -> None:
        self.targets: list[str] = []
        self._to = (host, port)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._socket.accept()
            except OSError:
                return
            far = socket.create_connection(self._to)
            for one, other, counted in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pass, args=(one, other, counted), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(1 << 16):
                if counted:
                    self.targets += [found.decode() for found in _REQUEST.findall(block)]
                sink.sendall(block)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
