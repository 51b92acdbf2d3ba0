"""A segment whose process is gone: sent to its end, and deleted."""

from __future__ import annotations

from collections.abc import Callable

from mainstay.spool import locks
from mainstay.spool.delivery import Delivery
from mainstay.spool.drain import Drain
from mainstay.spool.reports import Reports
from mainstay.spool.segment import Segment


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
