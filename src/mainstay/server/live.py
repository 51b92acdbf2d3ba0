"""Live events: one reader of the outbox for all listeners of this process, sent as SSE."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
from starlette.responses import StreamingResponse

from mainstay.entities.events import Event
from mainstay.errors import MainstayError, TooManyRequests
from mainstay.stores.base import ReleaseStore

POLL_SECONDS = 0.25
PING_SECONDS = 15.0
MOST_LISTENERS = 256
BEHIND = 1000
"""A listener that is this many events behind is let go; it comes back with its last id."""

_CLOSED = None


class Live:
    """Tells listeners what happens. It reads the outbox only while somebody listens."""

    def __init__(self, release: ReleaseStore, last: Callable[[], int]) -> None:
        self._release = release
        self._last = last
        self._listeners: set[asyncio.Queue[Event | None]] = set()
        self._reader: asyncio.Task[None] | None = None
        self._closed = False

    async def stream(self, after: int | None) -> StreamingResponse:
        """Return a response that goes on until the client leaves or the server stops.

        Events above ``after`` come first; None begins with what happens next.
        """
        if len(self._listeners) >= MOST_LISTENERS:
            raise TooManyRequests(f"{MOST_LISTENERS} listeners are connected already")
        start = after if after is not None else await asyncio.to_thread(self._last)
        headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
        return StreamingResponse(
            self._events(start), media_type="text/event-stream", headers=headers
        )

    def close(self) -> None:
        """End every stream; the server is stopping."""
        self._closed = True
        for queue in self._listeners:
            queue.put_nowait(_CLOSED)
        if self._reader is not None:
            self._reader.cancel()

    async def _events(self, after: int) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[Event | None] = asyncio.Queue(BEHIND)
        self._listeners.add(queue)
        try:
            yield b"retry: 1000\n\n"
            # Listen first, then catch up: what is seen twice is passed over by its id.
            for event in await asyncio.to_thread(self._above, after):
                after = event.event_id
                yield _frame(event)
            self._read_on()
            while not self._closed:
                try:
                    event_ = await asyncio.wait_for(queue.get(), PING_SECONDS)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if event_ is _CLOSED:
                    return
                if event_.event_id > after:
                    after = event_.event_id
                    yield _frame(event_)
        finally:
            self._listeners.discard(queue)

    def _read_on(self) -> None:
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        position = await asyncio.to_thread(self._last)
        # One step back: an event may have come between a listener's catching up and now.
        position = max(0, position - BEHIND // 2)
        while self._listeners and not self._closed:
            try:
                events = await asyncio.to_thread(self._above, position)
            except MainstayError:  # the database is away for a moment; listeners wait
                events = []
            for event in events:
                position = event.event_id
                for queue in tuple(self._listeners):
                    self._offer(queue, event)
            await asyncio.sleep(POLL_SECONDS)

    def _offer(self, queue: asyncio.Queue[Event | None], event: Event) -> None:
        if queue.full():
            self._listeners.discard(queue)
            queue.get_nowait()
            queue.put_nowait(_CLOSED)
        else:
            queue.put_nowait(event)

    def _above(self, after: int) -> list[Event]:
        found: list[Event] = []
        while page := self._release.list_events(after=after, limit=1000):
            found += page
            after = page[-1].event_id
        return found


def _frame(event: Event) -> bytes:
    data = msgspec.json.encode(event)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.event_id, event.kind.encode(), data)
