"""The time that the store writes where the caller gave none."""

from __future__ import annotations

import time


def now() -> int:
    """Return milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000
