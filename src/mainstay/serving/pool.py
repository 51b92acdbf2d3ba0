"""The threads in which a worker predicts, with a bounded queue and a time limit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from mainstay.errors import MainstayError, TooManyRequests

T = TypeVar("T")


class TimedOut(MainstayError):
    """The model did not answer in time."""

    code = "TEMPORARILY_UNAVAILABLE"
    status = 504


class Pool:
    """Runs calls in ``threads`` threads; at most ``max_waiting`` calls wait for one."""

    def __init__(self, *, threads: int, max_waiting: int, timeout: float) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="mainstay-predict")
        self._limit = threads + max_waiting
        self._threads = threads
        self._timeout = timeout
        self._lock = threading.Lock()
        self._inside = 0
        self._overdue = 0

    @property
    def stuck(self) -> bool:
        """Whether every thread is busy with a call that nobody waits for any more."""
        return self._overdue >= self._threads

    async def run(self, call: Callable[[], T]) -> T:
        """Return what ``call`` returns.

        Raises:
            TooManyRequests: too many calls wait already.
            TimedOut: it took longer than the time limit. A call that has begun cannot be
                interrupted: it goes on in its thread, and counts as stuck until it ends.
        """
        if self._inside >= self._limit:
            raise TooManyRequests(
                f"{self._inside} requests are being answered or wait already; try again shortly"
            )
        self._count(inside=1)
        future: Future[T] = self._executor.submit(call)
        future.add_done_callback(lambda _: self._count(inside=-1))
        try:
            return await asyncio.wait_for(
                asyncio.shield(asyncio.wrap_future(future)), self._timeout
            )
        except TimeoutError:
            if future.done() and not future.cancelled():
                return future.result()
            if not future.cancel():
                self._count(overdue=1)
                future.add_done_callback(lambda _: self._count(overdue=-1))
            raise TimedOut(f"the model did not answer within {self._timeout:g} s") from None

    def close(self) -> None:
        """Take no more calls; those under way end by themselves."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _count(self, *, inside: int = 0, overdue: int = 0) -> None:
        with self._lock:
            self._inside += inside
            self._overdue += overdue
