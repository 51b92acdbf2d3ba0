"""Connections: uvicorn's, with a short way for small requests.

uvicorn starts a task for each request as soon as its headers are there. Those that the event loop
answers itself (``swift``) are held until they are whole, which most are at once, and answered
without a task. The others, and those whose rest does not come at once, go uvicorn's way.
"""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from functools import partial
from typing import Any, cast

from starlette.types import Scope
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from mainstay.server.swift import SMALL, Swift
from mainstay.server.whole import Whole

PATIENCE = 0.1
"""Seconds for which a request is held whose body is on its way."""


class Connection(HttpToolsProtocol):
    """One connection; ``swift`` has the short ways."""

    def __init__(self, swift: Swift, **given: Any) -> None:
        super().__init__(**given)
        self._swift = swift
        self._reading = False
        self._held: RequestResponseCycle | None = None
        self._patience: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Take bytes; a request that they make whole is answered."""
        self._reading = True
        try:
            super().data_received(data)
        finally:
            self._reading = False
        held = self._held
        if held is None:
            return
        if not held.more_body or len(held.body) > SMALL or self.transport.is_closing():
            self._go_on()
            return
        self.flow.resume_reading()
        if self._patience is None:
            self._patience = self.loop.call_later(PATIENCE, self._go_on)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a request whose rest will not come."""
        self._held = None
        self._lose_patience()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if (
            self._reading  # what waited behind another request has its turn later, and a task
            and app is self.app
            and not cycle.waiting_for_100_continue
            and not self.flow.write_paused
            and self._swift.knows(_scope(cycle))
        ):
            self._held = cycle
        else:
            super()._start_asgi_task(cycle, app)

    def _go_on(self) -> None:
        """Let the held request go its way: the short one if it is whole."""
        held, self._held = self._held, None
        self._lose_patience()
        if held is None:
            return
        if not held.more_body and not self.transport.is_closing():
            answer = partial(self._answer, held)
            if copy_context().run(self._swift.begin, _scope(held), bytes(held.body), answer):
                return
        super()._start_asgi_task(held, self.app)

    def _lose_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _answer(self, cycle: RequestResponseCycle, whole: Whole) -> None:
        """Write an answer and make ready for the next request, as uvicorn's cycle does."""
        if cycle.disconnected:
            return
        cycle.response_started = cycle.response_complete = True
        parts = [STATUS_LINE[whole.status]]
        for name, value in cycle.default_headers:
            parts += (name, b": ", value, b"\r\n")
        if not cycle.keep_alive:
            parts.append(b"connection: close\r\n")
        parts.append(whole.rest)
        cycle.transport.write(b"".join(parts))
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()


def _scope(cycle: RequestResponseCycle) -> Scope:
    """Return a request's scope as Starlette calls it."""
    return cast(Scope, cycle.scope)
