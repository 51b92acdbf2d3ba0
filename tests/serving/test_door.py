"""Doors of several workers share one socket: one opens, another closes, and no caller notices."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mainstay.serving import door as door_module
from mainstay.serving.door import Door
from mainstay.serving.listener import listen

Play = Callable[[socket.socket], Awaitable[None]]


def app_named(name: bytes, closing: Callable[[], bool], gate: asyncio.Event | None = None) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if gate is not None:
            await gate.wait()
        headers = [(b"content-length", str(len(name)).encode())]
        if closing():
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": name})

    return app


def named(name: bytes, listener: socket.socket, gate: asyncio.Event | None = None) -> Door:
    doors: list[Door] = []
    doors.append(Door(app_named(name, lambda: not doors[0].is_open, gate), listener))
    return doors[0]


class Caller:
    """One keep-alive connection."""

    def __init__(self, listener: socket.socket) -> None:
        self._address = listener.getsockname()

    async def __aenter__(self) -> Caller:
        self.reader, self.writer = await asyncio.open_connection(*self._address)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def get(self) -> tuple[bytes, bool]:
        """Return the body, and whether the server said that it closes."""
        self.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        return await self.answer()

    async def answer(self) -> tuple[bytes, bool]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
        return await self.reader.readexactly(length), b"connection: close" in head


def play(story: Play) -> None:
    async def whole() -> None:
        listener = listen("127.0.0.1", 0)
        try:
            await asyncio.wait_for(story(listener), 60)
        finally:
            listener.close()

    asyncio.run(whole())


def test_new_connections_go_to_the_open_door_and_held_ones_are_told_to_move() -> None:
    async def story(listener: socket.socket) -> None:
        old, new = named(b"old", listener), named(b"new", listener)
        await old.open()
        async with Caller(listener) as held:
            assert await held.get() == (b"old", False)
            await new.open()
            old.close()
            for _ in range(20):
                async with Caller(listener) as caller:
                    assert await caller.get() == (b"new", False)
            assert await held.get() == (b"old", True)
            assert await held.reader.read() == b""
        await asyncio.gather(old.drain(5), new.drain(5))
        assert old.held == new.held == 0

    play(story)


def test_a_closed_door_opens_again() -> None:
    async def story(listener: socket.socket) -> None:
        door = named(b"again", listener)
        for _ in range(3):
            await door.open()
            async with Caller(listener) as caller:
                assert await caller.get() == (b"again", False)
            door.close()
        await door.open()
        async with Caller(listener) as caller:
            assert await caller.get() == (b"again", False)
        await door.drain(5)

    play(story)


def test_connections_that_come_while_no_door_is_open_wait_and_are_answered() -> None:
    async def story(listener: socket.socket) -> None:
        first, second = named(b"first", listener), named(b"second", listener)
        await first.open()
        first.close()
        async with Caller(listener) as caller:
            asked = asyncio.create_task(caller.get())
            await asyncio.sleep(0)
            await second.open()
            assert await asked == (b"second", False)
        await asyncio.gather(first.drain(5), second.drain(5))

    play(story)


def test_draining_lets_a_request_under_way_end() -> None:
    async def story(listener: socket.socket) -> None:
        gate = asyncio.Event()
        door = named(b"slow", listener, gate)
        await door.open()
        async with Caller(listener) as caller:
            asked = asyncio.create_task(caller.get())
            while not door.held:
                await asyncio.sleep(0.01)
            drained = asyncio.create_task(door.drain(30))
            while door.is_open:
                await asyncio.sleep(0)
            gate.set()
            assert await asked == (b"slow", True)
            await drained
        assert door.held == 0

    play(story)


def test_idle_connections_of_a_closed_door_are_hung_up_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door_module, "LINGER", 0.05)

    async def story(listener: socket.socket) -> None:
        door = named(b"idle", listener)
        await door.open()
        async with Caller(listener) as caller:
            assert await caller.get() == (b"idle", False)
            door.close()
            assert await caller.reader.read() == b""
        await door.drain(5)

    play(story)
