"""Predictions run in a few threads, a bounded number waits, and time limits hold."""

from __future__ import annotations

import asyncio
import threading

import pytest

from mainstay.errors import TooManyRequests
from mainstay.serving.pool import Pool, TimedOut


async def until(condition: object, what: str) -> None:
    assert callable(condition)
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"waited in vain for: {what}")


def test_a_call_returns_and_its_errors_rise() -> None:
    async def play() -> None:
        pool = Pool(threads=1, max_waiting=1, timeout=10)
        assert await pool.run(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 // 0)
        pool.close()

    asyncio.run(play())


def test_more_calls_than_may_wait_are_refused_with_429() -> None:
    async def play() -> None:
        pool = Pool(threads=1, max_waiting=2, timeout=30)
        gate = threading.Event()
        held = [asyncio.create_task(pool.run(gate.wait)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequests):
            await pool.run(lambda: 1)
        gate.set()
        assert await asyncio.gather(*held) == [True] * 3
        assert await pool.run(lambda: 1) == 1
        pool.close()

    asyncio.run(play())


def test_a_call_that_outlives_its_time_counts_as_stuck_until_it_ends() -> None:
    async def play() -> None:
        pool = Pool(threads=1, max_waiting=5, timeout=0.05)
        gate = threading.Event()
        with pytest.raises(TimedOut) as raised:
            await pool.run(gate.wait)
        assert raised.value.status == 504
        assert pool.stuck
        with pytest.raises(TimedOut):
            await pool.run(lambda: 1)  # it never began, so it does not count as stuck
        gate.set()
        await until(lambda: not pool.stuck, "the thread to be free")
        assert await pool.run(lambda: 2) == 2
        pool.close()

    asyncio.run(play())
