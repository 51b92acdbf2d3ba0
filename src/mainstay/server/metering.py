"""Measurements of the server itself: requests by endpoint and status, and how long they took.

They are counted with every request, so here are bare numbers; ``exposition`` writes them for
Prometheus when it asks. Numbers are those of one process; with several workers each answers for
itself. Only the thread of the event loop counts.
"""

from __future__ import annotations

from bisect import bisect_left

UNKNOWN = "none"
"""The endpoint of requests that no row answers; a path of the caller's is never a label."""

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Buckets of times, in seconds: OpenTelemetry's for http.server.request.duration."""


class Times:
    """How many requests of an endpoint took how long."""

    __slots__ = ("buckets", "total")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.total = 0.0


answered: dict[tuple[str, int], int] = {}
"""Requests by endpoint and status; there are no more of them than rows x statuses."""

times: dict[str, Times] = {}
"""Times by endpoint."""


def record(endpoint: str, status: int, taken: float) -> None:
    """Count one answer."""
    kind = endpoint, status
    answered[kind] = answered.get(kind, 0) + 1
    found = times.get(endpoint)
    if found is None:
        found = times[endpoint] = Times()
    found.buckets[bisect_left(BOUNDS, taken)] += 1
    found.total += taken
