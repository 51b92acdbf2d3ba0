"""A real receiver of webhooks on loopback: keeps what it is sent, answers what it is told."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mainstay.webhooks import signing


class Received:
    """One request: its path, headers (lower case) and body."""

    def __init__(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        self.path = path
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    @property
    def kind(self) -> str:
        said = self.json
        return f"{said['entity']}.{said['action']}"

    @property
    def data(self) -> dict[str, Any]:
        found = self.json["data"]
        assert isinstance(found, dict)
        return found

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found

    @property
    def delivery_id(self) -> str:
        return self.headers["x-mlflow-delivery-id"]

    def signed_with(self, secret: str) -> bool:
        return signing.verify(
            secret,
            self.headers.get("x-mlflow-signature", ""),
            delivery_id=self.delivery_id,
            timestamp=self.headers["x-mlflow-timestamp"],
            body=self.body,
        )


Reply = Callable[[Received], tuple[int, dict[str, str], bytes]]


class Receiver:
    """The receiver; ``reply`` decides each answer (default: 200). Use it as a context manager."""

    def __init__(self, reply: Reply | None = None, *, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                item = Received(self.path, dict(self.headers.items()), body)
                receiver.received.append(item)
                status, headers, content = reply(item) if reply else (200, {}, b"thanks")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True
        scheme = "https" if tls is not None else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def wait_for(self, count: int, seconds: float = 120.0) -> list[Received]:
        """Return what came once there are so many."""
        return self.wait_until(lambda received: len(received) >= count, seconds)

    def wait_until(
        self, enough: Callable[[list[Received]], bool], seconds: float = 40.0
    ) -> list[Received]:
        """Return what came once it is enough."""
        deadline = time.monotonic() + seconds
        while not enough(list(self.received)):
            assert time.monotonic() < deadline, f"only {len(self.received)} came"
            time.sleep(0.02)
        return list(self.received)

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
