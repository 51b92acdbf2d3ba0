"""How true predicted probabilities are.

``hits`` says of each row (and class) whether it came true, ``probabilities`` what was predicted.
Sources: Brier 1950, Spiegelhalter 1986, Naeini et al. 2015 (expected calibration error).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Binning = Literal["mass", "width"]


def brier(hits: ArrayLike, probabilities: ArrayLike) -> float:
    """Return the mean squared error of the probabilities, 0 best.

    Two columns count as one event (0…1); more are summed over the classes (0…2).

    >>> round(brier([0, 1, 1, 0], [.1, .9, .8, .3]), 4)
    0.0375
    """
    truth = np.asarray(hits, dtype=np.float64)
    error = (np.asarray(probabilities, dtype=np.float64) - truth) ** 2
    if error.ndim == 1:
        return float(error.mean())
    return float(error[:, 1].mean() if error.shape[1] == 2 else error.sum(axis=1).mean())


def log_loss(hits: ArrayLike, probabilities: ArrayLike) -> float:
    """Return the mean negative log probability of what came true, in nats, 0 best.

    Probabilities are kept away from 0 and 1 by the smallest double step, as scikit-learn does.
    """
    truth = np.asarray(hits, dtype=np.float64)
    values = np.asarray(probabilities, dtype=np.float64)
    if values.ndim == 1:
        values = np.column_stack([1 - values, values])
        truth = np.column_stack([1 - truth, truth])
    step = np.finfo(np.float64).eps
    values = np.clip(values, step, 1 - step)
    return float(-np.sum(truth * np.log(values), axis=1).mean())


def expected_calibration_error(
    hits: ArrayLike, probabilities: ArrayLike, *, bins: int = 15, by: Binning = "mass"
) -> float:
    """Return Σ n_b/N·|mean hit - mean probability| over bins of equal mass or equal width."""
    gaps, weights = _gaps(hits, probabilities, bins, by)
    return float(np.average(gaps, weights=weights))


def maximum_calibration_error(
    hits: ArrayLike, probabilities: ArrayLike, *, bins: int = 15, by: Binning = "mass"
) -> float:
    """Return the largest gap of any bin."""
    gaps, _ = _gaps(hits, probabilities, bins, by)
    return float(gaps.max())


def spiegelhalter(hits: ArrayLike, probabilities: ArrayLike) -> float:
    """Return Spiegelhalter's z: standard normal where the probabilities are true."""
    y = np.asarray(hits, dtype=np.float64)
    p = np.asarray(probabilities, dtype=np.float64)
    above = float(np.sum((y - p) * (1 - 2 * p)))
    return above / float(np.sqrt(np.sum((1 - 2 * p) ** 2 * p * (1 - p))))


def _gaps(
    hits: ArrayLike, probabilities: ArrayLike, bins: int, by: Binning
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    y = np.asarray(hits, dtype=np.float64)
    p = np.asarray(probabilities, dtype=np.float64)
    if by == "width":
        place = np.minimum((p * bins).astype(np.int64), bins - 1)
    else:
        # Equal probabilities share a bin: their order among themselves says nothing.
        _, place, counts = np.unique(p, return_inverse=True, return_counts=True)
        start = np.cumsum(counts) - counts
        place = (start * bins // p.size)[place]
    number = np.bincount(place, minlength=bins)
    held = number > 0
    gap = np.abs(np.bincount(place, y - p, minlength=bins)[held]) / number[held]
    return gap, number[held]
