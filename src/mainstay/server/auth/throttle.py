"""Slow down whoever guesses passwords: after a few wrong ones, wait, longer each time.

Counted by user name and address together, so that nobody can lock somebody else out.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from mainstay.errors import TooManyRequests

FREE = 5
LONGEST_SECONDS = 60.0
REMEMBERED = 10_000


class Throttle:
    """Keeps, in this process, how often somebody was wrong in a row."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, name: str, address: str) -> None:
        """Let a try through.

        Raises:
            TooManyRequests: it comes too soon after the last wrong one.
        """
        with self._lock:
            _, until = self._wrong.get((name, address), (0, 0.0))
        left = until - self._clock()
        if left > 0:
            raise TooManyRequests(
                f"too many wrong passwords; try again in {math.ceil(left)} seconds",
                retry_after=math.ceil(left),
            )

    def note(self, name: str, address: str, *, right: bool) -> None:
        """Remember how a try ended."""
        key = (name, address)
        with self._lock:
            if right:
                self._wrong.pop(key, None)
                return
            count = self._wrong.pop(key, (0, 0.0))[0] + 1
            pause = min(2.0 ** (count - FREE), LONGEST_SECONDS) if count >= FREE else 0.0
            self._wrong[key] = (count, self._clock() + pause)
            while len(self._wrong) > REMEMBERED:
                self._wrong.popitem(last=False)
