"""Segments whose processes are gone: sent to their end, and deleted."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Callable
from pathlib import Path

from mainstay.spool import locks
from mainstay.spool.delivery import Delivery
from mainstay.spool.drain import Drain, RunAwaited
from mainstay.spool.reports import Reports, say
from mainstay.spool.segment import Segment, segments


class LeftBehind:
    """What other processes left in a spool folder for the same target."""

    def __init__(self, root: Path, uri: str, own: str) -> None:
        """Look below ``root``; the segment named ``own`` is a living sender's."""
        self._root = root
        self._uri = uri
        self._own = own
        self.failed: set[str] = set()
        """Segments that could not be sent; `mainstay sync` may try again."""

    def of_workers(self) -> set[str]:
        """Return the segments that ended workers of this process left."""
        here = os.getpid(), platform.node()
        return {
            segment.name
            for segment in segments(self._root)
            if (target := segment.target()) is not None
            and (target.parent, target.host, target.uri) == (*here, self._uri)
            and not segment.is_written()
        }

    def send(
        self,
        delivery: Callable[[Segment], Delivery],
        reports: Reports,
        *,
        busy: Callable[[], bool],
        workers_only: bool = False,
    ) -> None:
        """Send what killed or earlier processes left, until the caller is ``busy``.

        A segment about a run that has not arrived is left for later.
        """
        workers = self.of_workers() if workers_only else set()
        for segment in segments(self._root):
            if busy():
                return
            target = segment.target()
            if target is None and segment.is_damaged():
                reports.trouble(
                    f"damaged {segment.name}",
                    f"the segment {segment.folder} that another process left does not say any "
                    "more where its records go (target.json is damaged); `mainstay sync --to "
                    "ADDRESS` sends them",
                )
            if target is None or target.uri != self._uri:
                continue
            if segment.name == self._own or segment.name in self.failed:
                continue
            if workers_only and segment.name not in workers:
                continue
            try:
                drain_abandoned(segment, delivery, reports, busy=busy, patience=math.inf)
            except RunAwaited:
                continue  # its run may be in a segment that comes later
            except Exception as error:  # noqa: BLE001 - another process's segment is not our trouble
                self.failed.add(segment.name)
                reports.trouble(
                    f"adopt {segment.name}",
                    f"what an earlier process left in {segment.folder} cannot be sent "
                    f"({say(error)}); it stays there for `mainstay sync`",
                )


def drain_abandoned(
    segment: Segment,
    delivery: Callable[[Segment], Delivery],
    reports: Reports,
    *,
    busy: Callable[[], bool] = lambda: False,
    patience: float = 0.0,
) -> bool:
    """Send all of a segment that no process writes, and delete it.

    Returns False if it is in use, or as soon as the caller has become ``busy``. Raises: what the
    target raises when it cannot take the records; they stay.
    """
    written = locks.hold(segment.writer_lock) if segment.folder.exists() else None
    if written is None:
        return False
    sent = locks.hold(segment.sender_lock)
    try:
        if sent is None:
            return False
        drain = Drain(segment, delivery(segment), report=reports.refused, patience=patience)
        while drain.step():
            if busy():
                return False
        drain.finish()
        segment.remove()
        return True
    finally:
        written.release()
        if sent is not None:
            sent.release()
