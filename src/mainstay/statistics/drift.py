"""Is the change of a distribution larger than chance would make it?

Counts are in the bins of a reference profile: its quantile or category bins, then ``unseen``,
then ``null``. A fixed "PSI > 0.1" alarms on most small windows and sleeps through real shifts in
large ones; here the critical value shrinks with the sample: for two samples of n and m rows in B
bins, PSI/(1/n+1/m) follows χ² with B-1 degrees of freedom (Yurdakul & Naranjo 2020). The same
holds, to second order, of 8·JS² and 8·Hellinger².
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from mainstay.errors import BadInput
from mainstay.statistics import distances

ADDED = 0.5
"""Added to every bin, so that an empty one is rare and not impossible."""

MIN_EXPECTED = 4.0
"""Neighbouring bins that expect fewer rows than this in the window are taken together."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DriftScore:
    """A distance with what chance would make of it.

    ``score`` is the distance; ``critical`` what it exceeds by chance with probability ``alpha``;
    ``effect`` the distance less its expectation under no change, never below 0; ``p_value`` the
    probability of a distance this large under no change.
    """

    score: float
    critical: float
    effect: float
    p_value: float


class Formula(Protocol):
    """What compares reference counts with current ones."""

    def __call__(
        self, reference: ArrayLike, current: ArrayLike, *, alpha: float = 0.05
    ) -> DriftScore:
        """Score the change; ``critical`` of the result is at ``alpha``."""
        ...


def critical_value(current_rows: float, reference_rows: float, bins: int, alpha: float) -> float:
    """Return the PSI that two samples of one distribution exceed with probability ``alpha``.

    >>> round(critical_value(1000, 1000, 10, 0.05), 6)
    0.033838
    """
    return _scale(current_rows, reference_rows) * float(stats.chi2.isf(alpha, max(1, bins - 1)))


def psi(reference: ArrayLike, current: ArrayLike, *, alpha: float = 0.05) -> DriftScore:
    """Score counts by the population stability index with its calibrated critical value."""
    return _calibrated(reference, current, alpha, distances.population_stability, 1.0, 1.0)


def jensen_shannon(reference: ArrayLike, current: ArrayLike, *, alpha: float = 0.05) -> DriftScore:
    """Score counts by the Jensen-Shannon distance (nats) with its calibrated critical value."""
    return _calibrated(reference, current, alpha, distances.jensen_shannon, 8.0, 2.0)


def hellinger(reference: ArrayLike, current: ArrayLike, *, alpha: float = 0.05) -> DriftScore:
    """Score counts by the Hellinger distance with its calibrated critical value."""
    return _calibrated(reference, current, alpha, distances.hellinger, 8.0, 2.0)


def chi_square(reference: ArrayLike, current: ArrayLike, *, alpha: float = 0.05) -> DriftScore:
    """Score counts by bias-corrected Cramér's V, with the p-value of the two-sample χ² test."""
    expected, actual = _pooled(reference, current)
    statistic, freedom, p_value = distances.chi_square(actual, expected)
    total = float(expected.sum() + actual.sum())
    critical = math.sqrt(float(stats.chi2.isf(alpha, max(1, freedom))) / total)
    return DriftScore(
        score=math.sqrt(statistic / total),
        critical=critical,
        effect=distances.cramers_v(actual, expected),
        p_value=p_value,
    )


def missing(reference: ArrayLike, current: ArrayLike, *, alpha: float = 0.05) -> DriftScore:
    """Score the change of the share of nulls (the last bin) by Fisher's exact test, two-sided."""
    expected, actual = _checked(reference, current)
    table = [[c[-1], c.sum() - c[-1]] for c in (expected, actual)]
    before, after = (row[0] / (row[0] + row[1]) for row in table)
    pooled = (table[0][0] + table[1][0]) / (expected.sum() + actual.sum())
    error = math.sqrt(pooled * (1 - pooled) * _scale(actual.sum(), expected.sum()))
    change = abs(after - before)
    return DriftScore(
        score=change,
        critical=float(stats.norm.isf(alpha / 2)) * error,
        effect=change,
        p_value=float(stats.fisher_exact(np.asarray(table, dtype=np.int64)).pvalue),
    )


def benjamini_hochberg(p_values: Sequence[float], q: float = 0.05) -> list[bool]:
    """Say which hypotheses to reject so that at most ``q`` of the rejected are false on average.

    Step-up rule of Benjamini & Hochberg 1995. A NaN is never rejected and counts as a hypothesis.

    >>> benjamini_hochberg([0.01, 0.02, 0.5, float("nan")])
    [True, True, False, False]
    """
    values = np.asarray(p_values, dtype=np.float64)
    values = np.where(np.isnan(values), 1.0, values)
    if values.size == 0:
        return []
    ordered = np.sort(values)
    passing = np.flatnonzero(ordered <= q * np.arange(1, values.size + 1) / values.size)
    if passing.size == 0:
        return [False] * int(values.size)
    return [bool(value) for value in values <= ordered[passing[-1]]]


def _calibrated(
    reference: ArrayLike,
    current: ArrayLike,
    alpha: float,
    distance: Callable[[Floats, Floats], float],
    factor: float,
    power: float,
) -> DriftScore:
    """Score by a distance of which ``factor · distance**power`` is about (1/n+1/m)·χ²."""
    expected, actual = _pooled(reference, current)
    if expected.size < 2:
        return DriftScore(score=0.0, critical=0.0, effect=0.0, p_value=1.0)
    scale = _scale(actual.sum(), expected.sum())
    freedom = expected.size - 1
    score = distance(actual + ADDED, expected + ADDED)
    quadratic = factor * score**power
    return DriftScore(
        score=score,
        critical=(scale * float(stats.chi2.isf(alpha, freedom)) / factor) ** (1 / power),
        effect=(max(0.0, quadratic - scale * freedom) / factor) ** (1 / power),
        p_value=float(stats.chi2.sf(quadratic / scale, freedom)),
    )


def _pooled(reference: ArrayLike, current: ArrayLike) -> tuple[Floats, Floats]:
    """Leave out bins that both sides lack, and take neighbouring rare bins together.

    χ² is no guide where a bin expects next to nothing, and ½ added to hundreds of empty bins
    would outweigh a small window. ``unseen`` and ``null`` stay by themselves: that nulls begin
    is news however rare they were.
    """
    expected, actual = _checked(reference, current)
    wanted = expected * (actual.sum() / expected.sum())
    rare = wanted < MIN_EXPECTED
    rare[-2:] = False
    if rare.any():
        group = (np.cumsum(wanted[rare]) // MIN_EXPECTED).astype(np.int64)
        expected = np.append(expected[~rare], np.bincount(group, expected[rare]))
        actual = np.append(actual[~rare], np.bincount(group, actual[rare]))
    held = (expected + actual) > 0
    return expected[held], actual[held]


def _checked(reference: ArrayLike, current: ArrayLike) -> tuple[Floats, Floats]:
    expected = np.asarray(reference, dtype=np.float64)
    actual = np.asarray(current, dtype=np.float64)
    distances.shares(expected)
    distances.shares(actual)
    if expected.shape != actual.shape:
        raise BadInput(
            f"the window has {actual.size} bins and the profile {expected.size}; "
            "they were counted with another profile"
        )
    return expected, actual


def _scale(current_rows: float, reference_rows: float) -> float:
    return 1.0 / float(current_rows) + 1.0 / float(reference_rows)
