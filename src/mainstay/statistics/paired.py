"""Is one model better than another on the same rows?

McNemar 1947 for right and wrong answers, DeLong et al. 1988 for areas under ROC curves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from mainstay.errors import BadInput

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class McNemar:
    """χ² with one degree of freedom, its p-value, that of the exact test, and its mid-p."""

    statistic: float
    p_value: float
    exact: float
    mid_p: float


def mcnemar(only_first: int, only_second: int, *, corrected: bool = False) -> McNemar:
    """Compare how often only the one and only the other of two models was right.

    >>> mcnemar(3, 12).exact
    0.03515625
    """
    if only_first < 0 or only_second < 0:
        raise BadInput("counts of rows cannot be below zero")
    total = only_first + only_second
    if total == 0:
        return McNemar(0.0, 1.0, 1.0, 1.0)
    gap = max(0, abs(only_first - only_second) - (1 if corrected else 0))
    statistic = gap**2 / total
    least = min(only_first, only_second)
    tail = stats.binom(total, 0.5)
    exact = min(1.0, 2 * float(tail.cdf(least)))
    return McNemar(
        statistic=statistic,
        p_value=float(stats.chi2.sf(statistic, 1)),
        exact=exact,
        mid_p=2 * float(tail.cdf(least)) - float(tail.pmf(least)),
    )


@dataclass(frozen=True)
class DeLong:
    """Two areas under ROC curves, their covariance, the z of their difference and its p-value."""

    first: float
    second: float
    covariance: Floats
    z: float
    p_value: float


def delong(hits: ArrayLike, first: ArrayLike, second: ArrayLike) -> DeLong:
    """Compare the areas of two scores on the same rows, two-sided.

    Raises:
        BadInput: only one class is there, or a score is missing.
    """
    areas, covariance = roc_areas(hits, np.column_stack([first, second]))
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    gap = float(areas[0] - areas[1])
    if variance <= 0:
        z = 0.0 if gap == 0 else math.copysign(math.inf, gap)
    else:
        z = gap / math.sqrt(variance)
    return DeLong(float(areas[0]), float(areas[1]), covariance, z, 2 * float(stats.norm.sf(abs(z))))


def roc_areas(hits: ArrayLike, scores: ArrayLike) -> tuple[Floats, Floats]:
    """Return the area under the ROC curve of every column of ``scores``, and their covariance."""
    truth = np.asarray(hits).astype(bool)
    table = np.asarray(scores, dtype=np.float64)
    if np.isnan(table).any():
        raise BadInput("a score is missing")
    ones, zeros = table[truth], table[~truth]
    if len(ones) < 2 or len(zeros) < 2:
        raise BadInput("two rows of either class are needed to compare ROC curves")
    over_ones = np.column_stack([_placed(a, b) for a, b in zip(ones.T, zeros.T, strict=True)])
    over_zeros = 1 - np.column_stack([_placed(b, a) for a, b in zip(ones.T, zeros.T, strict=True)])
    spread = np.atleast_2d(np.cov(over_ones.T)) / len(ones)
    spread = spread + np.atleast_2d(np.cov(over_zeros.T)) / len(zeros)
    return over_ones.mean(axis=0), spread


def _placed(values: Floats, others: Floats) -> Floats:
    """Return for each value the share of ``others`` below it, ties counted half."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return np.asarray((below + up_to) / (2 * ordered.size))
