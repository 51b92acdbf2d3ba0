"""Counts of several windows added up: exactly, and in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce

import msgspec

from mainstay.entities.monitoring import LATENCY_EDGES, WindowCounts
from mainstay.errors import BadInput

Counts = tuple[int, ...]


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What some windows hold together; ``NOTHING`` is the neutral one.

    ``start`` and ``end`` bound them (ms since 1970). The rest is as in ``WindowCounts``.
    """

    start: int | None = None
    end: int | None = None
    requests: int = 0
    rows: int = 0
    errors: int = 0
    rejected: int = 0
    latency: Counts = ()
    features: dict[str, Counts] = {}
    predictions: Counts = ()

    @property
    def judged(self) -> int:
        """Requests that could have failed: the caller's own mistakes are left out."""
        return self.requests - self.rejected

    @property
    def error_rate(self) -> float:
        """The share of those that failed; 0 without requests."""
        return self.errors / self.judged if self.judged else 0.0


NOTHING = Totals()


def fitting(window: WindowCounts, bins: Mapping[str, int], predictions: int = 0) -> WindowCounts:
    """Return the window without counts that are in other bins than expected, or below zero.

    ``bins`` are places by feature, ``predictions`` those of the predictions. One worker that
    counts wrongly must not stop the monitor of all.
    """
    return msgspec.structs.replace(
        window,
        requests=max(0, window.requests),
        rows=max(0, window.rows),
        errors=min(max(0, window.errors), max(0, window.requests)),
        rejected=min(max(0, window.rejected), max(0, window.requests - window.errors)),
        latency=_sound(window.latency, len(LATENCY_EDGES) + 1),
        features={
            name: counts
            for name, counts in window.features.items()
            if name in bins and _sound(counts, bins[name])
        },
        predictions=_sound(window.predictions, predictions),
    )


def of(window: WindowCounts) -> Totals:
    """Return the counts of one window."""
    return Totals(
        start=window.start,
        end=window.end,
        requests=window.requests,
        rows=window.rows,
        errors=window.errors,
        rejected=window.rejected,
        latency=window.latency,
        features=dict(window.features),
        predictions=window.predictions,
    )


def add(one: Totals, other: Totals) -> Totals:
    """Add two; associative and commutative.

    Raises:
        BadInput: a feature was counted in different bins.
    """
    return Totals(
        start=_extreme(min, one.start, other.start),
        end=_extreme(max, one.end, other.end),
        requests=one.requests + other.requests,
        rows=one.rows + other.rows,
        errors=one.errors + other.errors,
        rejected=one.rejected + other.rejected,
        latency=_sum("latency", one.latency, other.latency),
        features=_features(one.features, other.features),
        predictions=_sum("the predictions", one.predictions, other.predictions),
    )


def merge(windows: Iterable[WindowCounts]) -> Totals:
    """Add windows up. Raises: BadInput as ``add``."""
    return reduce(add, map(of, windows), NOTHING)


def _sound(counts: Counts, places: int) -> Counts:
    return counts if len(counts) == places and min(counts, default=0) >= 0 else ()


def _features(one: Mapping[str, Counts], other: Mapping[str, Counts]) -> dict[str, Counts]:
    names = sorted({*one, *other})
    return {name: _sum(name, one.get(name, ()), other.get(name, ())) for name in names}


def _sum(what: str, one: Counts, other: Counts) -> Counts:
    if not one or not other:
        return one or other
    if len(one) != len(other):
        raise BadInput(
            f"{what} was counted in {len(one)} and in {len(other)} bins; "
            "windows of one version must use one profile"
        )
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _extreme(choose: Callable[[list[int]], int], one: int | None, other: int | None) -> int | None:
    known = [value for value in (one, other) if value is not None]
    return choose(known) if known else None
