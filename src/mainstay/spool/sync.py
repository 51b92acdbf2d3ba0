"""Send what other processes left in a spool folder: ``mainstay sync``, and a server beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import msgspec

from mainstay.entities.spool import Rejection
from mainstay.errors import MainstayError
from mainstay.spool import locks
from mainstay.spool.abandoned import drain_abandoned
from mainstay.spool.delivery import Delivery, StoreDelivery, Stores, is_ours
from mainstay.spool.drain import Drain, RunAwaited
from mainstay.spool.foreign import ForeignDelivery
from mainstay.spool.reports import Reports
from mainstay.spool.segment import Segment, Target, segments

LOST_ADDRESS = (
    "its target.json is damaged, so that nobody knows where its records go; "
    "`mainstay sync --to ADDRESS` sends them"
)


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A segment that waits: where to, from whom, how much, and whether it is being written."""

    segment: str
    uri: str
    host: str
    pid: int
    program: str
    created_at: int
    waiting_bytes: int
    size: int
    in_use: bool
    damaged: bool = False
    """It does not say any more where its records go; ``uri`` is empty."""


class Synced(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a segment."""

    segment: str
    uri: str
    state: str
    """``sent``, ``in use`` (a living process sends it), ``awaited`` (the run that it is about has
    not arrived), or ``failed``."""

    message: str = ""
    refused: list[Rejection] = []


def pending(root: Path) -> list[Pending]:
    """Return what waits in a spool folder, oldest first."""
    found = []
    for segment in segments(root):
        target = segment.target()
        if target is None and not segment.is_damaged():
            continue  # sent meanwhile
        about = target or Target(uri="")
        found.append(
            Pending(
                segment=segment.name,
                uri=about.uri,
                host=about.host,
                pid=about.pid,
                program=about.program,
                created_at=about.created_at,
                waiting_bytes=segment.waiting_bytes(),
                size=segment.size(),
                in_use=segment.is_written(),
                damaged=target is None,
            )
        )
    return found


def sync(
    root: Path,
    connect: Callable[[Target], Stores],
    *,
    uri: str | None = None,
    patient: bool = False,
    instead: Target | None = None,
) -> list[Synced]:
    """Send every segment below ``root``, or those for ``uri`` only.

    A segment that a living process writes is that process's to send, unless it runs offline:
    then what it has written so far is sent. One that fails keeps its records. A record about a run
    that is in none of these segments is for the target to refuse; ``patient`` leaves it for
    another time. ``instead`` is where a segment goes that does not say any more where; left out,
    such a one fails, and its message says what to do.
    """
    wanted, results = _wanted(root, uri, instead)
    known: dict[str, Stores] = {}

    def delivery(segment: Segment, target: Target) -> Delivery:
        if target.uri not in known:
            known[target.uri] = connect(target)
        stores = known[target.uri]
        return StoreDelivery(stores) if is_ours(stores) else ForeignDelivery(stores, segment)

    # Twice: a record may be about a run that a later segment creates.
    for patience in (math.inf, math.inf if patient else 0.0):
        for segment, target in wanted:
            if segment.name not in results or results[segment.name].state == "awaited":
                results[segment.name] = send(segment, target, delivery, patience=patience)
    return list(results.values())


def _wanted(
    root: Path, uri: str | None, instead: Target | None
) -> tuple[list[tuple[Segment, Target]], dict[str, Synced]]:
    """Return the segments to send, and what is said at once of those that cannot be."""
    wanted: list[tuple[Segment, Target]] = []
    hopeless: dict[str, Synced] = {}
    for segment in segments(root):
        target = segment.target()
        if target is None and segment.is_damaged():
            target = instead
            if target is None and uri is None:
                hopeless[segment.name] = Synced(
                    segment=segment.name, uri="", state="failed", message=LOST_ADDRESS
                )
        if target is not None and uri in (None, target.uri):
            wanted.append((segment, target))
    return wanted, hopeless


def send(
    segment: Segment,
    target: Target,
    delivery: Callable[[Segment, Target], Delivery],
    *,
    patience: float,
    busy: Callable[[], bool] = lambda: False,
) -> Synced:
    """Send one segment, as far as it is nobody else's to send, until the caller is ``busy``."""
    reports = Reports(quiet=True)

    def deliver(segment: Segment) -> Delivery:
        return delivery(segment, target)

    state, message = "in use", ""
    try:
        done = drain_abandoned(segment, deliver, reports, patience=patience, busy=busy)
        if not done and target.offline:
            done = _drain_living(segment, deliver, reports, patience, busy)
        if done:
            state = "sent"
    except RunAwaited as error:
        state, message = "awaited", error.message
    except MainstayError as error:
        state, message = "failed", error.message
    except OSError as error:
        state, message = "failed", f"{segment.folder} cannot be read: {error}"
    refused, _ = reports.take()
    return Synced(
        segment=segment.name, uri=target.uri, state=state, message=message, refused=refused
    )


def _drain_living(
    segment: Segment,
    delivery: Callable[[Segment], Delivery],
    reports: Reports,
    patience: float,
    busy: Callable[[], bool],
) -> bool:
    """Send what a process that does not send itself has written so far; say whether all of it."""
    held = locks.hold(segment.sender_lock) if segment.folder.exists() else None
    if held is None:
        return False
    try:
        drain = Drain(segment, delivery(segment), report=reports.refused, patience=patience)
        while drain.step():
            if busy():
                return False
        return True
    finally:
        held.release()
