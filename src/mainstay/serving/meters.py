"""The Prometheus series of a server.

Workers are several processes, and they come and go with versions. With
``PROMETHEUS_MULTIPROC_DIR`` set by the supervisor before this module is imported,
prometheus-client keeps its values in files of that folder, and whichever worker answers
``/metrics`` adds all of them up, those of ended workers included.
"""

from __future__ import annotations

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from mainstay.entities.monitoring import LATENCY_EDGES

CONTENT_TYPE = CONTENT_TYPE_LATEST.encode()

REQUESTS = Counter(
    "mainstay_serving_requests", "Answers to /invocations.", ("model", "version", "status")
)
ROWS = Counter("mainstay_serving_rows", "Rows predicted.", ("model", "version"))
SECONDS = Histogram(
    "mainstay_serving_request_seconds",
    "Time from the whole body read to the answer made.",
    ("model", "version"),
    buckets=LATENCY_EDGES,
)
IN_FLIGHT = Gauge(
    "mainstay_serving_in_flight",
    "Requests being answered.",
    ("model", "version"),
    multiprocess_mode="livesum",
)
DROPPED_ROWS = Counter(
    "mainstay_serving_uncounted_rows",
    "Rows left out of the feature counts, since too many waited to be counted.",
    ("model", "version"),
)


class Meters:
    """The series of one model version."""

    def __init__(self, model: str, version: int | None) -> None:
        labels = (model, "" if version is None else str(version))
        self._labels = labels
        self._rows = ROWS.labels(*labels)
        self._seconds = SECONDS.labels(*labels)
        self._statuses: dict[int, Counter] = {}
        self.in_flight = IN_FLIGHT.labels(*labels)
        self.dropped_rows = DROPPED_ROWS.labels(*labels)

    def answered(self, *, status: int, seconds: float, rows: int) -> None:
        """Count one answer."""
        if status not in self._statuses:
            self._statuses[status] = REQUESTS.labels(*self._labels, str(status))
        self._statuses[status].inc()
        self._seconds.observe(seconds)
        if rows:
            self._rows.inc(rows)


def render() -> bytes:
    """Return the text of all series, in the Prometheus exposition format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
