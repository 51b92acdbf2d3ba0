"""How far two discrete distributions are apart.

Every function takes two vectors of the same length, of shares or of counts (they are divided by
their sums), and returns a number. Sources: Lin 1991 (Jensen-Shannon), Kullback & Leibler 1951,
Cramér 1946 with Bergsma's 2013 bias correction.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from mainstay.errors import BadInput

Floats = NDArray[np.float64]


def shares(counts: ArrayLike) -> Floats:
    """Return the counts divided by their sum.

    Raises:
        BadInput: a count is negative or not finite, or all are zero.
    """
    values = np.asarray(counts, dtype=np.float64)
    if values.ndim != 1 or not np.all(np.isfinite(values)) or np.any(values < 0):
        raise BadInput("counts must be one row of finite numbers, none below zero")
    total = float(values.sum())
    if total <= 0:
        raise BadInput("counts are all zero; there is nothing to compare")
    return values / total


def population_stability(current: ArrayLike, reference: ArrayLike) -> float:
    """Return PSI = Σ(a-e)·ln(a/e); infinite where one side alone has an empty bin.

    >>> round(population_stability([.1, .2, .3, .4], [.25, .25, .25, .25]), 6)
    0.228217
    """
    actual, expected = _both(current, reference)
    return kullback_leibler(actual, expected) + kullback_leibler(expected, actual)


def kullback_leibler(current: ArrayLike, reference: ArrayLike) -> float:
    """Return KL(current‖reference) in nats; infinite where only the reference is empty."""
    actual, expected = _both(current, reference)
    held = actual > 0
    if np.any(expected[held] == 0):
        return math.inf
    return max(0.0, float(np.sum(actual[held] * np.log(actual[held] / expected[held]))))


def jensen_shannon(current: ArrayLike, reference: ArrayLike, *, base: float = math.e) -> float:
    """Return the Jensen-Shannon *distance* (the root of the divergence), 0…√(ln 2 / ln base)."""
    actual, expected = _both(current, reference)
    middle = (actual + expected) / 2
    divergence = (kullback_leibler(actual, middle) + kullback_leibler(expected, middle)) / 2
    return math.sqrt(divergence / math.log(base))


def hellinger(current: ArrayLike, reference: ArrayLike) -> float:
    """Return √(1-Σ√(a·e)), 0…1."""
    actual, expected = _both(current, reference)
    return math.sqrt(max(0.0, 1.0 - float(np.sum(np.sqrt(actual * expected)))))


def total_variation(current: ArrayLike, reference: ArrayLike) -> float:
    """Return ½Σ|a-e|, 0…1."""
    actual, expected = _both(current, reference)
    return float(np.abs(actual - expected).sum()) / 2


def chebyshev(current: ArrayLike, reference: ArrayLike) -> float:
    """Return max|a-e|, 0…1: the largest change of one bin's share (L∞)."""
    actual, expected = _both(current, reference)
    return float(np.abs(actual - expected).max())


def chi_square(current: ArrayLike, reference: ArrayLike) -> tuple[float, int, float]:
    """Return (χ², degrees of freedom, p) of the two-sample test on counts, without Yates.

    Both sides are samples; taking the reference for the exact truth would raise false alarms.
    """
    table = np.asarray([current, reference], dtype=np.float64)
    shares(table[0])
    shares(table[1])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return 0.0, 0, 1.0
    found = stats.chi2_contingency(table, correction=False)
    return float(found.statistic), int(found.dof), float(found.pvalue)


def cramers_v(current: ArrayLike, reference: ArrayLike, *, corrected: bool = True) -> float:
    """Return Cramér's V of the 2-by-k table of counts, 0…1; bias-corrected unless told not to."""
    table = np.asarray([current, reference], dtype=np.float64)
    table = table[:, table.sum(axis=0) > 0]
    total = float(table.sum())
    statistic, _, _ = chi_square(current, reference)
    phi, rows, columns = statistic / total, 2.0, float(table.shape[1])
    if corrected:
        phi = max(0.0, phi - (columns - 1) * (rows - 1) / (total - 1))
        rows -= (rows - 1) ** 2 / (total - 1)
        columns -= (columns - 1) ** 2 / (total - 1)
    smaller = min(rows, columns) - 1
    return math.sqrt(phi / smaller) if smaller > 0 else 0.0


def _both(current: ArrayLike, reference: ArrayLike) -> tuple[Floats, Floats]:
    actual, expected = shares(current), shares(reference)
    if actual.shape != expected.shape:
        raise BadInput(
            f"current has {actual.size} bins and reference {expected.size}; they must be the same"
        )
    return actual, expected
