"""What is measured, how often, and what is to be reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

Samples = list[dict[str, Any]]


@dataclass(frozen=True)
class Part:
    """One number of a work: how it comes from the samples, and its bar."""

    title: str
    unit: str
    of: Callable[[dict[str, Any]], float]
    bar: float | None
    at_least: bool = False

    def value(self, samples: Samples) -> float:
        """Return the median over the rounds."""
        return median(self.of(one) for one in samples)

    def met(self, value: float) -> bool:
        """Say whether the bar is reached."""
        return self.bar is None or (value >= self.bar if self.at_least else value <= self.bar)

    def text(self, samples: Samples) -> str:
        """Return the number with its unit."""
        value = self.value(samples)
        shown = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        return f"{shown} {self.unit}".strip()

    @property
    def bar_text(self) -> str:
        """The bar as it is written in the table."""
        sign = "≥" if self.at_least else "≤"
        return "" if self.bar is None else f"{sign} {self.bar:,g} {self.unit}".strip()


@dataclass(frozen=True)
class Row:
    """One work, with the number of calls for us and for a slower peer."""

    work: str
    count: int
    peer_count: int
    parts: tuple[Part, ...]
    server: bool = True
    counted: bool = False
    offline_count: int = 0
    """The number of calls of peers that write to the local disk alone."""


def rank(samples: list[float], share: float) -> float:
    """Return the sample below which a share of them lies."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def added(one: dict[str, Any]) -> float:
    """Return the median fit with recording less the median fit without."""
    return median(one["ms"]) - median(one["plain_ms"])


ROWS = (
    Row(
        "import",
        1,
        1,
        (
            Part("import, with the names a script uses", "s", lambda one: one["seconds"], 0.15),
            Part("memory after the import", "MB", lambda one: one["mb"], 45),
        ),
        server=False,
        offline_count=1,
    ),
    Row(
        "log_metric",
        20_000,
        200,
        (
            Part("`log_metric`, median", "µs", lambda one: median(one["us"]), 20),
            Part("`log_metric`, p99", "µs", lambda one: rank(one["us"], 0.99), 200),
        ),
        offline_count=5_000,
    ),
    Row(
        "log_metrics",
        20_000,
        200,
        (
            Part("`log_metrics` of 10, median", "µs", lambda one: median(one["us"]), 50),
            Part("`log_metrics` of 10, p99", "µs", lambda one: rank(one["us"], 0.99), None),
        ),
        offline_count=5_000,
    ),
    Row(
        "million",
        1_000_000,
        5_000,
        (
            Part(
                "1 M points in `log_metrics` of 10, until the server has them",
                "points/s",
                lambda one: one["points_per_second"],
                60_000,
                at_least=True,
            ),
        ),
        offline_count=100_000,
    ),
    Row(
        "empty",
        20,
        10,
        (Part("start and end of an empty run", "ms", lambda one: median(one["ms"]), 60),),
        offline_count=5,
    ),
    Row(
        "autolog",
        7,
        3,
        (
            Part("scikit-learn autolog, added to a 15 ms fit", "ms", added, 150),
            Part("the same, requests a fit", "", lambda one: one["requests"], 6),
        ),
        counted=True,
    ),
    Row(
        "away",
        10_000_000,
        0,
        (Part("memory added by 10 M points, server away", "MB", lambda one: one["mb"], 30),),
        server=False,
    ),
)
