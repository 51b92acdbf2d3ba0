"""A measured value, what is kept of a series, and the points of a chart."""

from __future__ import annotations

from typing import Literal

import msgspec

KeyKind = Literal["metric", "param", "tag"]
"""What a key of a run names."""


class Metric(msgspec.Struct, frozen=True, gc=False):
    """One point of a series. ``value`` may be NaN or ±Inf; ``timestamp`` is in ms.

    There are many, and none can be part of a circle: the garbage collector need not look at them.
    """

    key: str
    value: float
    timestamp: int
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None
    run_id: str | None = None


class MetricSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a search and a table need of a series without reading it.

    ``last`` is the value at the greatest (step, timestamp, value); NaN counts as 0 in that
    comparison, as in MLflow. ``low`` and ``high`` leave NaN out and are NaN when nothing is left.
    """

    key: str
    last: float
    step: int
    timestamp: int
    low: float
    high: float
    count: int


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """A series for a chart: one entry a bucket, in order of step.

    ``step`` is the last step in the bucket; ``low`` and ``high`` keep every spike.
    ``width`` is the number of points a full bucket holds (1: nothing was merged).
    """

    run_id: str
    key: str
    width: int
    total: int
    step: list[int]
    timestamp: list[int]
    last: list[float]
    low: list[float]
    high: list[float]
    count: list[int]
