"""The HTTP door of a worker: it opens on the shared listening socket, closes, and opens again.

uvicorn's own server accepts from its start to its end. A worker must be able to stop accepting,
answer what it holds, stay warm, and accept again after a rollback, so the door drives uvicorn's
HTTP protocol (httptools) on a duplicate of the inherited socket. Connections that wait in the
kernel's queue belong to the socket, which all workers share: closing a door loses none of them.
"""

from __future__ import annotations

import asyncio
import socket
import time
from email.utils import formatdate
from typing import Any

import uvicorn
from uvicorn.server import ServerState

KEEP_ALIVE = 65.0
"""Seconds an idle connection is held: longer than the 60 s of common load balancers."""
LINGER = 3.0
"""Seconds a closed door waits for the next request of an idle connection, to answer it with
``Connection: close``; hanging up at once could cross a request that is on its way."""


class Door:
    """Accepts connections for ``app`` on ``listener``, or does not."""

    def __init__(self, app: Any, listener: socket.socket) -> None:
        self._listener = listener
        self._config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=int(KEEP_ALIVE),
        )
        self._config.load()
        self._state = ServerState()
        self._server: asyncio.AbstractServer | None = None
        self._clock: asyncio.Task[None] | None = None
        self._lingering: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether new connections are accepted."""
        return self._server is not None

    @property
    def held(self) -> int:
        """How many connections are held."""
        return len(self._state.connections)

    async def open(self) -> None:
        """Accept connections."""
        if self._server is not None:
            return
        if self._lingering is not None:
            self._lingering.cancel()
        if self._clock is None:
            self._tick()
            self._clock = asyncio.create_task(self._run_clock())
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._protocol, sock=self._listener.dup(), backlog=self._config.backlog
        )

    def close(self) -> None:
        """Accept no more; held connections stay, and are hung up when idle after ``LINGER``."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        self._lingering = asyncio.create_task(self._hang_up_after(LINGER))

    async def drain(self, grace: float) -> None:
        """Close, and return when no connection is left, or after ``grace`` seconds."""
        self.close()
        end = time.monotonic() + grace
        while (self._state.connections or self._state.tasks) and time.monotonic() < end:
            await asyncio.sleep(0.02)
        if self._clock is not None:
            self._clock.cancel()

    def _protocol(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self._config.http_protocol_class(  # type: ignore[call-arg]
            config=self._config, server_state=self._state, app_state={}
        )
        return protocol

    async def _hang_up_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        for connection in list(self._state.connections):
            connection.shutdown()  # idle: closed; busy: closed after its answer

    async def _run_clock(self) -> None:
        while True:
            self._tick()
            await asyncio.sleep(1.0)

    def _tick(self) -> None:
        now = formatdate(time.time(), usegmt=True).encode()
        self._state.default_headers = [(b"date", now)]
