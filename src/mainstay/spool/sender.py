"""The thread that sends: own records first, then what earlier processes left behind."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

from mainstay.entities.runs import TERMINAL
from mainstay.entities.spool import CreateRun, Heartbeat, UpdateRun
from mainstay.errors import OutOfSpace
from mainstay.spool import locks
from mainstay.spool.abandoned import LeftBehind
from mainstay.spool.connection import Connection
from mainstay.spool.drain import Drain, RunAwaited
from mainstay.spool.flushing import flush
from mainstay.spool.reports import Reports, say
from mainstay.spool.writer import Writer

LINGER = 0.2
"""Seconds that the sender waits for company before it sends; nobody waits when flushed."""

IDLE = 1.0
"""Seconds between looks at the clock: power-cut safety, heartbeats, other segments."""

HEARTBEAT = 30.0
PATIENCE = 60.0
"""Seconds that a record of this process waits for a run that another process makes."""

ADOPT_EVERY = 5.0
BACKOFF = (0.2, 30.0)
HOPELESS = 4
"""Failures in a row after which one who waits while there is hope has seen enough, and one more."""

# Our own stream: waiting must not draw from the one that training seeded.
_JITTER = random.Random()


class Sender:
    """Sends one writer's segment as long as it lives. Nothing that goes wrong ends it."""

    def __init__(
        self,
        writer: Writer,
        connection: Connection,
        reports: Reports,
        *,
        uri: str,
        root: Path,
    ) -> None:
        self.confirmed = 0
        """The last sequence that the target has confirmed."""

        self._writer = writer
        self._connection = connection
        self._reports = reports
        self._uri = uri
        self._root = root
        self._hold = locks.hold(writer.segment.sender_lock)
        self._thread = threading.Thread(target=self._run, name="mainstay-sender", daemon=True)
        self._woken = threading.Event()
        self._urgent = threading.Event()
        self._stop = threading.Event()
        self._moved = threading.Condition()
        self._failures = 0
        self._attempts = 0
        self._gather_until = 0.0
        self._taking_over = False
        self._last_error: Exception | None = None
        self._beating: set[str] = set()
        self._left = LeftBehind(root, uri, writer.segment.name)

    def start(self) -> None:
        """Begin; where no thread can start any more, the next start of the program sends."""
        try:
            self._thread.start()
        except RuntimeError:
            self._stop.set()

    @property
    def trouble(self) -> str:
        """Why nothing arrives at the moment."""
        return say(self._last_error) if self._last_error is not None else "the target is slow"

    def wake(self) -> None:
        """Say that there is something to send."""
        if not self._woken.is_set():
            self._woken.set()

    def gather(self, seconds: float) -> None:
        """Say that more comes soon: what waits is sent with it, at the latest after ``seconds``."""
        self._gather_until = time.monotonic() + seconds

    def gathered(self) -> None:
        """Say that it has come: all of it is sent now."""
        self._gather_until = 0.0
        self._hurry()

    def follow(self, operation: CreateRun | UpdateRun) -> None:
        """Send heartbeats for a run from its beginning to its end."""
        if isinstance(operation, CreateRun) or operation.status == "RUNNING":
            self._beating.add(operation.run_id)
        elif operation.status in TERMINAL:
            self._beating.discard(operation.run_id)

    def wait_for(self, sequence: int, timeout: float, *, while_hopeful: bool = False) -> bool:
        """Wait until a record is confirmed; say whether it is. See ``Spool.flush``."""
        if self.confirmed >= sequence:
            return True
        if threading.current_thread() is self._thread:
            return False
        deadline = time.monotonic() + timeout
        seen = self._attempts
        with self._moved:
            while self.confirmed < sequence:
                self._hurry()
                left = deadline - time.monotonic()
                hopeless = self._failures >= HOPELESS and self._attempts > seen + 1
                if left <= 0 or (while_hopeful and hopeless) or not self._thread.is_alive():
                    return False
                self._moved.wait(min(left, 0.5))
        return True

    def take_over(self, timeout: float) -> bool:
        """Send what ended workers of this process left behind; say whether all of it is sent.

        A worker waits a bounded time at its end, and the run that it writes to may not have
        arrived by then. Nobody else would send that before the next start.
        """
        deadline = time.monotonic() + timeout
        self._taking_over = True
        with self._moved:
            while found := self._left.of_workers():
                left = deadline - time.monotonic()
                if left <= 0 or found <= self._left.failed or not self._thread.is_alive():
                    return False
                self._hurry()
                self._moved.wait(min(left, LINGER))
        return True

    def ours(self, timeout: float) -> bool:
        """Say whether the target is mainstay; yes, as long as it does not answer in time."""
        deadline = time.monotonic() + timeout
        with self._moved:
            self._hurry()
            while self._connection.ours is None and not self._failures:
                left = deadline - time.monotonic()
                if left <= 0 or not self._thread.is_alive():
                    break
                self._moved.wait(min(left, 0.5))
        return self._connection.ours is not False

    def stop(self, timeout: float) -> bool:
        """End after the batch that is under way; say whether the thread has ended."""
        self._stop.set()
        self._hurry()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)
        self.forget()
        return not self._thread.is_alive()

    def forget(self) -> None:
        """Let go of the lock; in a forked child the parent keeps it."""
        if self._hold is not None:
            self._hold.release()

    def _hurry(self) -> None:
        self._urgent.set()
        self._woken.set()

    def _busy(self) -> bool:
        return self._stop.is_set() or self._woken.is_set() or self._urgent.is_set()

    # -- the thread --------------------------------------------------------------------------
    def _run(self) -> None:
        drain, connection = None, self._connection
        beaten = adopted = 0.0
        while not self._stop.is_set():
            self._woken.wait(IDLE)
            self._woken.clear()
            if not self._stop.is_set():
                self._linger()
            flush(self._writer, self._reports)
            now = time.monotonic()
            if self._beating and now - beaten >= HEARTBEAT:
                beaten = now
                self._beat()
            try:
                if drain is None:
                    drain = self._drain()
                    self._moved_to(0)
                while not self._stop.is_set() and drain.step(self._writer.tail()):
                    self._moved_to(drain.position.sequence)
                    if self._gathers():
                        self._woken.set()
                        break
                self._went_well()
                if self._taking_over or now - adopted >= ADOPT_EVERY:
                    adopted = now
                    self._left.send(
                        connection.delivery,
                        self._reports,
                        busy=self._stop.is_set if self._taking_over else self._busy,
                        workers_only=self._taking_over,
                    )
                    self._moved_to(0)
            except RunAwaited:
                self._moved_to(drain.position.sequence if drain is not None else 0)
                self._stop.wait(LINGER)
                self._woken.set()
            except Exception as error:  # noqa: BLE001 - the worker's border: nothing may end it
                self._failed(error)

    def _linger(self) -> None:
        """Wait for company, unless somebody waits for what is there."""
        hurried = self._urgent.wait(LINGER)
        while not hurried and self._gathers():
            hurried = self._urgent.wait(self._gather_until - time.monotonic())
        self._urgent.clear()

    def _gathers(self) -> bool:
        return self._gather_until > time.monotonic() and not self._urgent.is_set()

    def _drain(self) -> Drain:
        return Drain(
            self._writer.segment,
            self._connection.delivery(self._writer.segment),
            report=self._reports.refused,
            freed=self._writer.freed,
            resumed=False,
            patience=PATIENCE,
        )

    def _moved_to(self, sequence: int) -> None:
        with self._moved:
            self.confirmed = max(self.confirmed, sequence)
            self._moved.notify_all()

    def _went_well(self) -> None:
        self._attempts += 1
        if self._failures:
            self._failures = 0
            self._last_error = None
            self._reports.over("send")

    def _failed(self, error: Exception) -> None:
        with self._moved:
            self._attempts += 1
            self._failures += 1
            self._last_error = error
            self._moved.notify_all()
        self._reports.trouble(
            "send",
            f"{self._uri} cannot take records at the moment ({say(error)}); they are kept in "
            f"{self._root} and sent later, by this process or by `mainstay sync`",
        )
        first, most = BACKOFF
        pause = min(most, first * 2 ** min(self._failures, 16)) * _JITTER.uniform(0.5, 1.0)
        # Somebody who waits makes the next try sooner, but not at once.
        if not self._stop.wait(first):
            self._urgent.wait(max(0.0, pause - first))
            self._woken.set()

    def _beat(self) -> None:
        at = time.time_ns() // 1_000_000
        for run_id in list(self._beating):
            try:
                self._writer.append(Heartbeat(run_id=run_id, at=at, every=HEARTBEAT))
            except OutOfSpace:
                return
