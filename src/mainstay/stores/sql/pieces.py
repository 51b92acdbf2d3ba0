"""Points of one series that came together: in order, each once, with what is kept of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mainstay.entities.metrics import Metric
from mainstay.stores.sql import chunks
from mainstay.stores.sql.chunks import Point
from mainstay.stores.sql.rules import stored


class Piece(NamedTuple):
    """Points in order of (timestamp, step, value), at least one.

    ``last`` is the greatest by (step, timestamp, value), where NaN counts as 0; ``low`` and
    ``high`` leave NaN out and are NaN where nothing else is.
    """

    points: Sequence[Point]
    first_step: int
    last_step: int
    last: Point
    low: float
    high: float

    @property
    def newest(self) -> int:
        """The latest time."""
        return self.points[-1][0]


def of(points: Sequence[Point]) -> Piece:
    """Return points, which are all different, as a piece."""
    _, steps, values = zip(*points, strict=True)
    last_step = max(steps)
    if len(set(steps)) == len(steps):
        ordered = sorted(points)  # no two steps are equal, so that values are never compared
        last = points[steps.index(last_step)]
    else:
        ordered = sorted(points, key=chunks.order)
        last = max(points, key=_greatness)
    if any(map(math.isnan, values)):
        values = tuple(value for value in values if not math.isnan(value))
    low, high = (min(values), max(values)) if values else (math.nan, math.nan)
    return Piece(ordered, min(steps), last_step, last, low, high)


def by_key(metrics: Iterable[Metric]) -> dict[str, list[Point]]:
    """Group points by key, in order, each point once."""
    found: dict[str, list[Point]] = {}
    for metric in metrics:
        point = (metric.timestamp, metric.step, float(metric.value))
        if (points := found.get(metric.key)) is None:
            found[metric.key] = [point]
        else:
            points.append(point)
    for key, points in found.items():
        if len({point[1] for point in points}) < len(points):
            found[key] = list({identity(point): point for point in points}.values())
    return found


def identity(point: Point) -> tuple[int, int, float | None]:
    """Return what makes two points the same."""
    return point[0], point[1], stored(point[2])


def rank(value: float) -> float:
    """Return a value as it counts when points are compared: NaN as 0, as in MLflow."""
    return 0.0 if math.isnan(value) else value


def _greatness(point: Point) -> tuple[int, int, float]:
    return point[1], point[0], rank(point[2])
