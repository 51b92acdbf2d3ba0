"""How a server process keeps its memory: what it used is kept for the next request, in bounds."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
"""Names of glibc's settings, from its malloc.h."""

KEPT = 16 << 20
"""Bytes of free memory that go back to the system only when there are more."""

LARGEST = 4 << 20
"""Bytes of one piece above which it is the system's own, and goes back at once."""

ARENAS = 2


def settle() -> None:
    """Set up allocator and garbage collector for what is loaded now and is here to stay.

    An answer of many records would set the collector off dozens of times, to no purpose. And by
    itself glibc gives a few hundred kB back after each answer of that size and asks for them again,
    which costs as much as writing the answer: each page is cleared and mapped anew.
    """
    with suppress(AttributeError, OSError):  # another system's allocator
        library = ctypes.CDLL(None)
        library.mallopt(TRIM_THRESHOLD, KEPT)
        library.mallopt(MMAP_THRESHOLD, LARGEST)
        library.mallopt(ARENA_MAX, ARENAS)
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)
