"""A few recent request bodies, in memory only, on which the next version is warmed up."""

from __future__ import annotations

import threading
import time
from collections import deque

from mainstay.serving.channel import Sample

KEPT = 32
MAX_BYTES = 64 << 10
SPACING = 0.05
"""Seconds between two samples once all places are taken, so that they span more than a burst."""


class Sampler:
    """Keeps the last ``KEPT`` bodies that were answered with 200. Safe to call from any thread."""

    def __init__(self) -> None:
        self._kept: deque[Sample] = deque(maxlen=KEPT)
        self._next = 0.0
        self._lock = threading.Lock()

    def offer(self, content_type: str, body: bytes) -> None:
        """Keep the body, unless it is large, or comes too soon to push another out."""
        now = time.monotonic()
        if len(body) > MAX_BYTES or (now < self._next and len(self._kept) == KEPT):
            return
        with self._lock:
            self._next = now + SPACING
            self._kept.append(Sample(content_type, body))

    def samples(self) -> list[Sample]:
        """Return what is kept, oldest first."""
        with self._lock:
            return list(self._kept)
