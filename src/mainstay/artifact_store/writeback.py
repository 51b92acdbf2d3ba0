"""Let the disk begin while a file is still coming, so that its flush at the end waits for less.

Nothing is promised by it: what is acknowledged was flushed (``fsync``) all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache

STEP = 16 << 20
"""Bytes after which the disk is told; less made it no quicker."""

_START = 2  # SYNC_FILE_RANGE_WRITE of <linux/fs.h>: begin with dirty pages, wait for none


class Writeback:
    """The pages of one file that the disk was told of. Does nothing where it cannot be told."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._told = 0

    def reached(self, size: int) -> None:
        """Say that ``size`` bytes of the file are written."""
        if size - self._told >= STEP:
            _starter()(self._handle, self._told, size - self._told, _START)
            self._told = size


@cache
def _starter() -> Callable[[int, int, int, int], int]:
    """Return Linux's sync_file_range (man 2 sync_file_range), which Python has no name for."""
    if sys.platform != "linux":
        return _nothing
    import ctypes  # small files, and so most servers' starts, do without it

    try:
        start: Callable[[int, int, int, int], int] = ctypes.CDLL(None).sync_file_range
    except (OSError, AttributeError):
        return _nothing
    start.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]  # type: ignore[attr-defined]
    return start


def _nothing(_handle: int, _start: int, _length: int, _flags: int) -> int:
    return 0
