"""Small work that a run has done beside training: asking git, looking at where data are.

It never raises, never holds training up, and is waited for, bounded, before the run ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from mainstay.spool.reports import warn

WAIT = 3.0
"""Seconds that the end of a run waits for all of them."""


class Errands:
    """The threads of one run."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def run(self, name: str, work: Callable[[], None]) -> None:
        """Have ``work`` done by a thread; what it raises becomes a warning."""

        def guarded() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - training's border: an errand may not end it
                warn(f"{name} could not be found out ({type(error).__name__}: {error})")

        thread = threading.Thread(target=guarded, name=f"mainstay {name}", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the interpreter is going down
            return
        self._threads.append(thread)

    def wait(self, seconds: float = WAIT) -> None:
        """Wait for all that are under way, so long in all."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        self._threads = [thread for thread in self._threads if thread.is_alive()]
