"""Distances of two samples of numbers, where the rows themselves are at hand."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from mainstay.errors import BadInput


def kolmogorov_smirnov(current: ArrayLike, reference: ArrayLike) -> tuple[float, float]:
    """Return (D, p) of the two-sample test, exact for small samples; NaN rows are left out."""
    found = stats.ks_2samp(_finite(current), _finite(reference))
    return float(found.statistic), float(found.pvalue)


def kolmogorov_critical(current_rows: int, reference_rows: int, alpha: float) -> float:
    """Return √(-½·ln(alpha/2))·√(1/n+1/m): the D that chance exceeds with probability ``alpha``."""
    return math.sqrt(-math.log(alpha / 2) / 2) * math.sqrt(1 / current_rows + 1 / reference_rows)


def wasserstein(current: ArrayLike, reference: ArrayLike, *, scaled: bool = False) -> float:
    """Return the earth mover's distance of two samples, in their unit.

    ``scaled`` divides it by the reference's IQR/1.349, a robust standard deviation: one outlier
    of 1e9 in the reference would blind the ordinary one.
    """
    sample = _finite(reference)
    distance = float(stats.wasserstein_distance(_finite(current), sample))
    if not scaled:
        return distance
    spread = float(np.subtract(*np.percentile(sample, [75, 25]))) / 1.349
    if spread > 0:
        return distance / spread
    return 0.0 if distance == 0 else math.inf


def nearest_rank(values: ArrayLike, share: float) -> float:
    """Return the smallest observed value that at least ``share`` (0…1] of the values are ≤ to.

    >>> nearest_rank([15, 20, 35, 40, 50], 0.4)
    20.0
    """
    ordered = np.sort(_finite(values))
    return float(ordered[max(1, math.ceil(share * ordered.size)) - 1])


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64).ravel()
    array = array[~np.isnan(array)]
    if array.size == 0:
        raise BadInput("the sample holds no numbers")
    return array
