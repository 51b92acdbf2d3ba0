"""Say what the spool could not do: once when it happens, and again when the run ends."""

from __future__ import annotations

import contextlib
import sys
import threading
import warnings

from mainstay.entities.spool import Rejection
from mainstay.errors import MainstayError

KEPT = 100
"""Refusals remembered for the end of the run; beyond that only their number is."""


class SpoolWarning(UserWarning):
    """A log call was refused, or cannot be sent or kept at the moment."""


class Reports:
    """Collects refusals and troubles. Never raises into the caller's training."""

    def __init__(self, *, quiet: bool = False) -> None:
        """``quiet`` collects without warning."""
        self._quiet = quiet
        self._lock = threading.Lock()
        self._rejections: list[Rejection] = []
        self._count = 0
        self._said: set[str] = set()

    def refused(self, rejection: Rejection) -> None:
        """A record will never be applied."""
        with self._lock:
            self._count += 1
            if len(self._rejections) < KEPT:
                self._rejections.append(rejection)
        if not self._quiet:
            warn(f"not recorded: {rejection.message}", where=rejection.where)

    def trouble(self, cause: str, message: str) -> None:
        """Something is wrong for now; said once a cause until ``over`` is called."""
        with self._lock:
            if cause in self._said:
                return
            self._said.add(cause)
        warn(message)

    def over(self, cause: str) -> None:
        """The trouble is over; the next one of its kind is news again."""
        with self._lock:
            self._said.discard(cause)

    def take(self) -> tuple[list[Rejection], int]:
        """Return the refusals since the last time, and how many there were; forget them."""
        with self._lock:
            taken, count = self._rejections, self._count
            self._rejections, self._count = [], 0
            return taken, count

    def summarise(self) -> None:
        """Say again what was refused since the last time."""
        taken, count = self.take()
        if not count:
            return
        lines = [f"  {r.where or 'record ' + str(r.sequence)}: {r.message}" for r in taken[:10]]
        if count > 10:
            lines.append(f"  … and {count - 10} more")
        warn(f"{count} log call(s) of this process were refused:\n" + "\n".join(lines))


def say(error: BaseException) -> str:
    """Return an error as text of bounded length; its class where it is not one of ours."""
    text = error.message if isinstance(error, MainstayError) else f"{type(error).__name__}: {error}"
    return text if len(text) < 300 else text[:300] + "…"


def warn(message: str, *, where: str = "") -> None:
    """Warn, pointing at the caller's line ``file:line`` if it is known."""
    file, _, line = where.rpartition(":")
    if not (file and line.isdigit()):
        file, line = "mainstay", "1"
    with contextlib.suppress(SpoolWarning, ValueError, AttributeError):
        # Suppressed: with ``-W error`` a warning is raised, here in a thread that must go on.
        if sys.stderr is not None:
            warnings.warn_explicit(message, SpoolWarning, file, int(line))
