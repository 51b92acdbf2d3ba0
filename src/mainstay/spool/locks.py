"""Locks between processes: held as long as the file is open, gone when the process is."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Hold:
    """A held lock. ``release`` gives it back; a forked child must call ``forget`` instead."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    def release(self) -> None:
        """Let others have it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    # A lock belongs to the open file: closing the child's copy leaves it with the parent.
    forget = release


def hold(path: Path) -> Hold | None:
    """Take the lock of this file, or return None if another process (or opener) has it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        _take(handle)
    except OSError:
        os.close(handle)
        return None
    return Hold(handle)


def is_held(path: Path) -> bool:
    """Say whether somebody holds the lock of this file."""
    if not path.exists():
        return False
    with contextlib.suppress(FileNotFoundError):
        taken = hold(path)
        if taken is None:
            return True
        taken.release()
    return False
