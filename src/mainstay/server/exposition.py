"""What a server says of itself, in Prometheus's text format. Loaded when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from mainstay.server import metering


def exposition(stores: Callable[[], Iterator[Metric]]) -> bytes:
    """Return what was counted, what ``stores`` measures now, and what the process uses."""
    place = CollectorRegistry()
    place.register(_Measured(_requests))
    place.register(_Measured(stores))
    return generate_latest(REGISTRY) + generate_latest(place)


class _Measured(Collector):
    """Measures when it is asked."""

    def __init__(self, measure: Callable[[], Iterator[Metric]]) -> None:
        self._measure = measure

    def describe(self) -> list[Metric]:
        """Return nothing: what there is to measure depends on the moment."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Measure."""
        return self._measure()


def _requests() -> Iterator[Metric]:
    counted = CounterMetricFamily(
        "mainstay_requests",
        "Requests answered, by endpoint and status.",
        labels=["endpoint", "status"],
    )
    # Copied first: the event loop goes on counting.
    for (endpoint, status), count in list(metering.answered.items()):
        counted.add_metric([endpoint, str(status)], count)
    yield counted
    seconds = HistogramMetricFamily(
        "mainstay_request_seconds",
        "Seconds from the first byte of a request to the start of its answer.",
        labels=["endpoint"],
    )
    bounds = [*map(str, metering.BOUNDS), "+Inf"]
    for endpoint, found in list(metering.times.items()):
        sums = accumulate(list(found.buckets))
        seconds.add_metric([endpoint], list(zip(bounds, sums, strict=True)), found.total)
    yield seconds
