"""The spool of one process and one target: append and go on; a thread sends.

A forked child begins a segment of its own. Nothing here raises into training for the sake of the
target, the network or the disk: what cannot be done is said once, by a warning.
"""

from __future__ import annotations

import math
import os
import random
import socket
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import msgspec

from mainstay import settings
from mainstay.entities.runs import TERMINAL
from mainstay.entities.spool import (
    CreateRun,
    Heartbeat,
    LogBatch,
    Operation,
    UpdateRun,
    UploadArtifact,
)
from mainstay.errors import MainstayError, NotYetSent, OutOfSpace, TooLarge
from mainstay.spool import locks
from mainstay.spool.delivery import Delivery, StoreDelivery, Stores, is_ours
from mainstay.spool.drain import Drain, RunAwaited
from mainstay.spool.foreign import ForeignDelivery
from mainstay.spool.reports import Reports
from mainstay.spool.segment import Segment, Target, segments
from mainstay.spool.writer import Writer

LINGER = 0.05
"""Seconds that the sender waits for company before it sends; nobody waits when flushed."""

IDLE = 1.0
"""Seconds between looks at the clock: power-cut safety, heartbeats, other segments."""

HEARTBEAT = 30.0
PATIENCE = 60.0
"""Seconds that a record of this process waits for a run that another process makes."""

ADOPT_EVERY = 5.0
BACKOFF = (0.2, 30.0)

# Our own stream: waiting must not draw from the one that training seeded.
_JITTER = random.Random()


class Spool:
    """Everything between a log call and the target, for this process."""

    def __init__(
        self,
        uri: str,
        connect: Callable[[], Stores],
        *,
        registry_uri: str | None = None,
        root: Path | None = None,
        offline: bool | None = None,
    ) -> None:
        """Prepare; nothing is written, connected or started before the first record."""
        self.uri = uri
        self.reports = Reports()
        self.root = root if root is not None else settings.SPOOL_DIR.get()
        self.offline = settings.OFFLINE.get() if offline is None else offline
        self._registry_uri = registry_uri
        self._connect = connect
        self._inherited: list[object] = []
        self._begin()
        _ALL.add(self)

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self._writer: Writer | None = None
        self._sender_hold: locks.Hold | None = None
        self._thread: threading.Thread | None = None
        self._stores: Stores | None = None
        self._ours: bool | None = None
        self._woken = threading.Event()
        self._urgent = threading.Event()
        self._moved = threading.Condition()
        self._stop = threading.Event()
        self._confirmed = 0
        self._failures = 0
        self._attempts = 0
        self._last_error: Exception | None = None
        self._beating: set[str] = set()
        self._left_alone: set[str] = set()

    # -- writing -----------------------------------------------------------------------------
    def append(self, operation: Operation) -> int | None:
        """Keep a record, and return its sequence; None if it could not be kept (a warning said so).

        It is in the operating system's hands on return (a killed process loses nothing), on the
        disk's platter within about a second, and at the target as soon as that answers.
        """
        writer = self._writer
        try:
            if writer is None:
                writer = self._start()
            sequence = writer.append(operation)
        except (OutOfSpace, TooLarge, OSError) as error:
            message = error.message if isinstance(error, MainstayError) else str(error)
            self.reports.trouble("append", f"log calls are being lost: {message}")
            return None
        if isinstance(operation, (CreateRun, UpdateRun)):
            self._follow(operation)
        if not self._woken.is_set():
            self._woken.set()
        return sequence

    def add_file(
        self,
        source: Path | bytes,
        path: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
    ) -> int | None:
        """Keep a copy of a file, or bytes, for upload below a run's or model's root.

        A file that does not fit is uploaded at once, if the target answers; else None is returned
        and a warning says that it is lost. Raises: OSError if ``source`` cannot be read.
        """
        record = UploadArtifact(blob="", path=path, run_id=run_id, model_id=model_id)
        if isinstance(source, Path):
            source.open("rb").close()  # what cannot be read is the caller's to know, at once
        try:
            writer = self._writer or self._start()
            if isinstance(source, Path):
                blob, size, digest = writer.copy_in(source)
            else:
                blob, size, digest = writer.keep(path, len(source), [source])
        except (OutOfSpace, OSError) as error:
            if not (isinstance(source, Path) and self._send_at_once(record, source)):
                self.reports.trouble(f"media {path}", f"{path} was not kept: {_say(error)}")
            return None
        return self.append(msgspec.structs.replace(record, blob=blob, size=size, sha256=digest))

    def _send_at_once(self, record: UploadArtifact, source: Path) -> bool:
        writer = self._writer
        if writer is None or self.offline or not self.flush(settings.READ_WAIT.get()):
            return False
        try:
            self._delivery(writer.segment).upload([(record, source)])
        except Exception:  # noqa: BLE001 - training's border: the caller says that it is lost
            return False
        return True

    def _start(self) -> Writer:
        with self._lock:
            if self._writer is None:
                self._writer = self._new_writer()
                self._sender_hold = (
                    None if self.offline else locks.hold(self._writer.segment.sender_lock)
                )
                _flush_when_worker_ends()
            if self._thread is None and not self.offline:
                self._thread = threading.Thread(
                    target=self._run, args=(self._writer, self._stop), name="mainstay-sender"
                )
                self._thread.daemon = True
                try:
                    self._thread.start()
                except RuntimeError:  # the interpreter is going down: the next start sends it
                    self._thread = None
            return self._writer

    def _new_writer(self) -> Writer:
        target = Target(
            uri=self.uri,
            registry_uri=self._registry_uri,
            pid=os.getpid(),
            host=socket.gethostname(),
            program=sys.argv[0] if sys.argv else "",
            created_at=time.time_ns() // 1_000_000,
        )
        cap = settings.SPOOL_CAP.get()
        try:
            return Writer(self.root, target, cap=cap)
        except OSError as error:
            other = Path(tempfile.gettempdir()) / f"mainstay-spool-{_user()}"
            self.reports.trouble(
                "folder",
                f"the spool folder {self.root} cannot be used ({error}); using {other}; "
                "set MAINSTAY_SPOOL_DIR",
            )
            return Writer(other, target, cap=cap)

    def _follow(self, operation: CreateRun | UpdateRun) -> None:
        if isinstance(operation, CreateRun) or operation.status == "RUNNING":
            self._beating.add(operation.run_id)
        elif operation.status in TERMINAL:
            self._beating.discard(operation.run_id)

    # -- waiting -----------------------------------------------------------------------------
    def flush(self, timeout: float) -> bool:
        """Wait until everything appended so far is confirmed; say whether it is.

        Gives up early when the target has failed again and again, and failed once more now.
        """
        writer = self._writer
        if writer is None or self._confirmed >= (target := writer.tail().sequence):
            return True
        if self.offline or threading.current_thread() is self._thread:
            return False
        deadline = time.monotonic() + timeout
        seen = self._attempts
        with self._moved:
            while self._confirmed < target:
                self._urgent.set()
                self._woken.set()
                left = deadline - time.monotonic()
                hopeless = self._failures >= 4 and self._attempts > seen + 1
                if left <= 0 or hopeless or self._thread is None:
                    return False
                self._moved.wait(min(left, 0.5))
        return True

    def settle(self) -> None:
        """Wait, bounded, before a read. Raises: NotYetSent if records still wait after that."""
        if self.flush(settings.READ_WAIT.get()):
            return
        if self.offline:
            why = "MAINSTAY_OFFLINE is set"
        else:
            why = str(self._last_error or "the target is slow")
        raise NotYetSent(
            f"records of this process still wait in the spool ({why}), so reading now would miss "
            "them; try again later, or send them with `mainstay sync`"
        )

    def stores(self) -> Stores:
        """Return the connected other end. Raises: what connecting raises."""
        with self._lock:
            if self._stores is None:
                self._stores = self._connect()
            return self._stores

    def ours(self, timeout: float) -> bool:
        """Say whether the target is mainstay; yes, as long as it does not answer in time."""
        if self.offline or not self.uri.startswith("http"):
            return True
        deadline = time.monotonic() + timeout
        with self._moved:
            self._start()
            self._woken.set()
            self._urgent.set()
            while self._ours is None and not self._failures:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._moved.wait(left)
        return self._ours is not False

    def theirs(self, run_id: str) -> str:
        """Return the id under which a foreign server knows a run; ours if it is the same."""
        writer = self._writer
        return writer.segment.ids().get(run_id, run_id) if writer is not None else run_id

    def close(self, timeout: float) -> bool:
        """Flush, stop, and delete the segment if nothing is left in it; say whether so."""
        done = self.flush(timeout)
        self._stop.set()
        self._woken.set()
        self._urgent.set()
        thread, writer = self._thread, self._writer
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=1.0 if done else 0.2)
        if writer is not None:
            writer.close()
            if done and self._confirmed >= writer.tail().sequence:
                writer.segment.remove()
        if self._sender_hold is not None:
            self._sender_hold.release()
        self._begin()
        return done

    # -- sending (the thread) ----------------------------------------------------------------
    def _run(self, writer: Writer, stop: threading.Event) -> None:
        drain: Drain | None = None
        beaten = adopted = 0.0
        while not stop.is_set():
            self._woken.wait(IDLE)
            self._woken.clear()
            if not stop.is_set():
                self._urgent.wait(LINGER)
                self._urgent.clear()
            writer.sync()
            now = time.monotonic()
            if self._beating and now - beaten >= HEARTBEAT:
                beaten = now
                self._beat(writer)
            try:
                if drain is None:
                    drain = Drain(
                        writer.segment,
                        self._delivery(writer.segment),
                        report=self.reports.refused,
                        freed=writer.freed,
                        resumed=False,
                        patience=PATIENCE,
                    )
                    self._moved_to(writer, 0)
                while drain.step(writer.tail()):
                    self._moved_to(writer, drain.position.sequence)
                    if stop.is_set():
                        return
                self._recovered()
                if now - adopted >= ADOPT_EVERY:
                    adopted = now
                    self._adopt(writer.segment)
            except RunAwaited:
                self._moved_to(writer, drain.position.sequence if drain is not None else 0)
                time.sleep(LINGER)
                self._woken.set()
            except Exception as error:  # noqa: BLE001 - the worker's border: nothing may end it
                self._failed(error)

    def _delivery(self, segment: Segment) -> Delivery:
        stores = self.stores()
        self._ours = is_ours(stores)
        return StoreDelivery(stores) if self._ours else ForeignDelivery(stores, segment)

    def _moved_to(self, writer: Writer, sequence: int) -> None:
        with self._moved:
            if writer is self._writer:  # else closed meanwhile: these sequences are another life's
                self._confirmed = max(self._confirmed, sequence)
            self._moved.notify_all()

    def _recovered(self) -> None:
        self._attempts += 1
        if self._failures:
            self._failures = 0
            self._last_error = None
            self.reports.over("send")

    def _failed(self, error: Exception) -> None:
        with self._moved:
            self._attempts += 1
            self._failures += 1
            self._last_error = error
            self._moved.notify_all()
        self.reports.trouble(
            "send",
            f"{self.uri} cannot take records at the moment ({_say(error)}); they are kept in "
            f"{self.root} and sent later, by this process or by `mainstay sync`",
        )
        first, most = BACKOFF
        pause = min(most, first * 2 ** min(self._failures, 16)) * _JITTER.uniform(0.5, 1.0)
        # Somebody who waits makes the next try sooner, but not at once.
        if not self._stop.wait(first):
            self._urgent.wait(max(0.0, pause - first))
            self._woken.set()

    def _beat(self, writer: Writer) -> None:
        at = time.time_ns() // 1_000_000
        for run_id in list(self._beating):
            try:
                writer.append(Heartbeat(run_id=run_id, at=at, every=HEARTBEAT))
            except OutOfSpace:
                return

    def _adopt(self, own: Segment) -> None:
        """Send what killed or earlier processes left behind for the same target.

        Our own records come first: a segment that is not done when one arrives is left for later.
        """
        for segment in segments(self.root):
            if self._busy():
                return
            target = segment.target()
            if segment.name in {own.name, *self._left_alone} or target is None:
                continue
            if target.uri != self.uri:
                continue
            try:
                drain_abandoned(
                    segment, self._delivery, self.reports, busy=self._busy, patience=math.inf
                )
            except RunAwaited:
                continue  # its run may be in a segment that comes later
            except Exception as error:  # noqa: BLE001 - another process's segment is not our trouble
                self._left_alone.add(segment.name)
                self.reports.trouble(
                    f"adopt {segment.name}",
                    f"what an earlier process left in {segment.folder} cannot be sent "
                    f"({_say(error)}); it stays there for `mainstay sync`",
                )

    def _busy(self) -> bool:
        return self._stop.is_set() or self._woken.is_set() or self._urgent.is_set()

    def _after_fork(self) -> None:
        """In the child: leave the parent's files and connections alone, and begin afresh."""
        # Kept, never closed: closing the parent's database or sockets would disturb the parent.
        self._inherited += [self._stores, self._thread]
        if self._writer is not None:
            self._writer.forget()
        if self._sender_hold is not None:
            self._sender_hold.forget()
        self.reports = Reports()
        self._begin()


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


def close_all(timeout: float) -> bool:
    """Flush and close every spool of this process, within ``timeout`` seconds in all."""
    deadline = time.monotonic() + timeout
    done = [spool.close(max(0.1, deadline - time.monotonic())) for spool in list(_ALL)]
    return all(done)


_ALL: weakref.WeakSet[Spool] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for spool in list(_ALL):
        spool._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


def _flush_when_worker_ends() -> None:
    """A multiprocessing worker ends without ``atexit``; it has its own list of last things."""
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        from multiprocessing.util import Finalize

        Finalize(None, close_all, args=(settings.END_WAIT.get(),), exitpriority=10)


def _say(error: Exception) -> str:
    text = error.message if isinstance(error, MainstayError) else f"{type(error).__name__}: {error}"
    return text if len(text) < 300 else text[:300] + "…"


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"


__all__ = ["LogBatch", "Spool", "close_all", "drain_abandoned"]
