"""Comparing two shares: an error rate with that of the version before."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from mainstay.errors import BadInput


def fisher_greater(hits: int, trials: int, other_hits: int, other_trials: int) -> float:
    """Return the one-sided exact p-value that the first share is not above the second (Fisher).

    1.0 where a side has no trials: nothing is known.
    """
    if not 0 <= hits <= trials or not 0 <= other_hits <= other_trials:
        raise BadInput("hits must be between 0 and the number of trials")
    if trials == 0 or other_trials == 0:
        return 1.0
    table = np.array([[hits, trials - hits], [other_hits, other_trials - other_hits]])
    return float(stats.fisher_exact(table, alternative="greater").pvalue)


def wilson(hits: int, trials: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval (1927) of a share, each bound in 0…1; (0, 1) without trials.

    >>> low, high = wilson(10, 100)
    >>> round(low, 4), round(high, 4)
    (0.0552, 0.1744)
    """
    if trials == 0:
        return 0.0, 1.0
    z = float(stats.norm.isf((1 - confidence) / 2))
    share = hits / trials
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    middle = share + z * z / (2 * trials)
    scale = 1 + z * z / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
