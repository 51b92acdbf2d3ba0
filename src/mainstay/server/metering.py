"""Measurements of the server itself, for Prometheus: requests by endpoint, and how long they took.

Numbers are those of one process; with several workers each answers for itself.
"""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Histogram

UNKNOWN = "none"
"""The endpoint of requests that no row answers; a path of the caller's is never a label."""

requests = Counter(
    "mainstay_requests", "Requests answered, by endpoint and status.", ["endpoint", "status"]
)
seconds = Histogram(
    "mainstay_request_seconds",
    "Seconds from the first byte of a request to the start of its answer.",
    ["endpoint"],
    # OpenTelemetry's for http.server.request.duration.
    buckets=(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
)


def record(endpoint: str, status: int, taken: float) -> None:
    """Count one answer."""
    counter, histogram = _meters(endpoint, status)
    counter.inc()
    histogram.observe(taken)


@cache
def _meters(endpoint: str, status: int) -> tuple[Counter, Histogram]:
    """Return what counts one kind of answer; there are no more of them than rows x statuses."""
    return requests.labels(endpoint, str(status)), seconds.labels(endpoint)
