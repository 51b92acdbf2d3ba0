"""A few recent request bodies, in memory only, on which the next version is warmed up."""

from __future__ import annotations

import threading
import time
from collections import deque

from mainstay.serving.channel import Sample

KEPT = 32
MAX_BYTES = 64 << 10
SPACING = 0.05
"""Seconds between two samples, so that those kept span more than one burst."""


class Sampler:
    """Keeps the last ``KEPT`` bodies that were answered with 200. Safe to call from any thread."""

    def __init__(self) -> None:
        self._kept: deque[Sample] = deque(maxlen=KEPT)
        self._next = 0.0
        self._lock = threading.Lock()

    def offer(self, content_type: str, body: bytes) -> None:
        """Keep the body, unless it is large or follows the last one too soon."""
        now = time.monotonic()
        if now < self._next or len(body) > MAX_BYTES:
            return
        with self._lock:
            self._next = now + SPACING
            self._kept.append(Sample(content_type, body))

    def samples(self) -> list[Sample]:
        """Return what is kept, oldest first."""
        with self._lock:
            return list(self._kept)
