"""Named points at which a process dies when a test asks for it, as if the power had gone.

``MAINSTAY_KILL_AT=database.before_commit`` kills the process the first time it gets there;
``database.before_commit:3`` the third time.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

from mainstay import settings

POINTS = ("database.before_commit", "database.after_commit")
"""Every point there is."""

_passed: Counter[str] = Counter()


def reach(point: str) -> None:
    """Die here, without any tidying, if this is the point that was asked for."""
    asked = settings.KILL_AT.get()
    if asked is None:
        return
    name, _, times = asked.partition(":")
    if name == point:
        _passed[point] += 1
        if _passed[point] >= int(times or 1):
            os.kill(os.getpid(), signal.SIGKILL)
