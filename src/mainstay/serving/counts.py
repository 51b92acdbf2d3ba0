"""What a worker counts of its traffic, in the bins of the profile packaged with the model.

Requests, errors and latencies are added up under a lock, in microseconds. Features and predictions
are put aside and counted in bulk by a background thread, which hands a window over about once a
second. Nothing here ever waits in a request: what does not fit is dropped, and the drops counted.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from mainstay.entities.monitoring import LATENCY_EDGES, WindowCounts
from mainstay.packaging.profile import Profile
from mainstay.serving import gather

log = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
MAX_PENDING_ROWS = 50_000
MAX_UNSENT_WINDOWS = 600


class Counter:
    """The counts of one worker since they were last taken. Safe to call from any thread."""

    def __init__(
        self, deployment: str, name: str, version: int, profile: Profile | None = None
    ) -> None:
        self._deployment = deployment
        self._name = name
        self._version = version
        self._profile = profile
        self._lock = threading.Lock()
        self._pending: list[tuple[Any, Any]] = []
        self._pending_rows = 0
        self._clear()

    def _clear(self) -> None:
        self._start = _now()
        self._requests = self._rows = self._errors = self._rejected = 0
        self._latency = [0] * (len(LATENCY_EDGES) + 1)

    def answered(self, *, status: int, seconds: float, rows: int = 0) -> None:
        """Count one answer: ``errors`` from status 500 on, ``rejected`` from 400 to 499."""
        with self._lock:
            self._requests += 1
            self._rows += rows
            self._errors += status >= 500
            self._rejected += 400 <= status < 500
            self._latency[bisect_left(LATENCY_EDGES, seconds)] += 1

    def saw(self, data: Any, predictions: Any, rows: int) -> int:
        """Put rows aside to be counted; return how many were dropped, since too many wait."""
        if self._profile is None:
            return 0
        with self._lock:
            if self._pending_rows + rows > MAX_PENDING_ROWS:
                return rows
            self._pending.append((data, predictions))
            self._pending_rows += rows
            return 0

    def take(self) -> WindowCounts | None:
        """Return what was counted since the last call, or None if nothing happened."""
        with self._lock:
            pending, self._pending, self._pending_rows = self._pending, [], 0
            if not self._requests:
                return None
            counted = {
                "start": self._start,
                "end": _now(),
                "requests": self._requests,
                "rows": self._rows,
                "errors": self._errors,
                "rejected": self._rejected,
                "latency": tuple(self._latency),
            }
            self._clear()
        features, predictions = self._count(pending)
        return WindowCounts(
            window_id=uuid.uuid4().hex,
            deployment=self._deployment,
            name=self._name,
            version=self._version,
            features=features,
            predictions=predictions,
            **counted,  # type: ignore[arg-type]
        )

    def _count(
        self, pending: list[tuple[Any, Any]]
    ) -> tuple[dict[str, tuple[int, ...]], tuple[int, ...]]:
        if self._profile is None or not pending:
            return {}, ()
        try:
            columns = gather.columns([data for data, _ in pending])
            features = self._profile.count(columns) if columns else {}
            values = gather.values([predictions for _, predictions in pending])
            return features, self._profile.count_predictions(values)
        except Exception:
            # Odd data must not cost the counts of requests and errors of the same second.
            log.exception("%d requests could not be counted into the bins", len(pending))
            return {}, ()


class Flusher:
    """A thread that takes a counter's windows and sends them; it keeps those that do not go out.

    A window has an id, so sending it twice has no second effect. When more than
    ``MAX_UNSENT_WINDOWS`` wait, the oldest is dropped and counted.
    """

    def __init__(
        self,
        counter: Counter,
        send: Callable[[Sequence[WindowCounts]], None],
        *,
        every: float = FLUSH_SECONDS,
    ) -> None:
        self._counter = counter
        self._send = send
        self._every = every
        self._unsent: deque[WindowCounts] = deque()
        self._stop = threading.Event()
        self._failing = False
        self.dropped_windows = 0
        self._thread = threading.Thread(target=self._run, name="mainstay-counts", daemon=True)

    def start(self) -> Flusher:
        """Begin to flush."""
        self._thread.start()
        return self

    def stop(self, timeout: float = 10.0) -> None:
        """Flush a last time and end; gives up after ``timeout`` seconds."""
        self._stop.set()
        self._thread.join(timeout)

    def flush(self) -> None:
        """Take what was counted and send all that is unsent; on failure keep it for later."""
        window = self._counter.take()
        if window is not None:
            self._unsent.append(window)
        if len(self._unsent) > MAX_UNSENT_WINDOWS:
            self._unsent.popleft()
            self.dropped_windows += 1
        if not self._unsent:
            return
        self._send(list(self._unsent))
        self._unsent.clear()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self._try()
        self._try()

    def _try(self) -> None:
        try:
            self.flush()
            self._failing = False
        except Exception as error:  # noqa: BLE001 - a worker loop: counting must outlive any outage
            if not self._failing:
                log.warning("counts are kept, since they cannot be sent: %s", error)
            self._failing = True


def _now() -> int:
    return time.time_ns() // 1_000_000
