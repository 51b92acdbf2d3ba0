"""Keep some room on the disk, so that a full one is an answer and not an accident.

Below the reserve new writes are refused with 507, while reads and deletions go on: a deletion needs
a little room itself. Nothing has to be restarted when there is room again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from mainstay.errors import OutOfSpace
from mainstay.wire.endpoint import Action, Endpoint

SECONDS = 0.5
"""How long one look at the disk is believed."""

_READING = (Action.PUBLIC, Action.READ)


class Space:
    """The room that the folders of a server have; ``reserve`` is in bytes."""

    def __init__(self, folders: Iterable[Path] = (), *, reserve: int = 0) -> None:
        self._folders = tuple(folders)
        self._reserve = reserve
        self._looked_at = float("-inf")
        self._short: str | None = None

    def admit(self, endpoint: Endpoint) -> None:
        """Let a request through that reads or deletes. Raises: OutOfSpace for others, if short."""
        if endpoint.permission.action in _READING or "delete" in endpoint.name:
            return
        short = self.short()
        if short is not None:
            raise OutOfSpace(short)

    def short(self) -> str | None:
        """Say what is short of room; None if nothing is."""
        now = time.monotonic()
        if now - self._looked_at >= SECONDS:
            self._short = self._look()
            self._looked_at = now
        return self._short

    def _look(self) -> str | None:
        for folder in self._folders:
            free = _free(folder)
            if free is not None and free < self._reserve:
                return (
                    f"the disk of {folder} has {free >> 20} MiB left, and {self._reserve >> 20} "
                    "MiB are kept free (MAINSTAY_DISK_RESERVE); nothing was written. Make room: "
                    "reading and deleting work, writing goes on by itself"
                )
        return None


def _free(folder: Path) -> int | None:
    """Return the free bytes at a folder, or above it while it is not there yet."""
    for place in (folder, *folder.parents):
        try:
            about = os.statvfs(place)
        except FileNotFoundError:
            continue
        except OSError:
            return None
        return about.f_bavail * about.f_frsize
    return None
