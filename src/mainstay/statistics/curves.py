"""ROC and precision-recall curves of scores: what is caught at each threshold, and at what cost.

``hits`` says of each row whether it is of the class, ``scores`` how sure the model was (any scale).
Sources: Fawcett 2006, An introduction to ROC analysis; Manning et al. 2008, ch. 8 (average
precision as the sum of precision over the gains in recall, without interpolation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A curve from its least ``x`` to its greatest; ``thresholds`` has NaN where there is none."""

    x: Floats
    y: Floats
    thresholds: Floats
    area: float

    def thinned(self, points: int) -> Curve:
        """Return at most so many points, the ends among them.

        Half are evenly spread over ``x``, half along the curve, so that neither a steep rise nor
        a noisy start takes all of them.
        """
        if len(self.x) <= points:
            return self
        steps = np.abs(np.diff(self.x)) + np.abs(np.diff(self.y))
        along = np.concatenate([[0.0], np.cumsum(steps)])
        half = points // 2
        kept = np.unique(
            np.concatenate(
                [
                    np.searchsorted(self.x, np.linspace(0.0, self.x[-1], half)),
                    np.searchsorted(along, np.linspace(0.0, along[-1], half - 1)),
                    [len(self.x) - 1],
                ]
            )
        )
        return Curve(self.x[kept], self.y[kept], self.thresholds[kept], self.area)


def roc(hits: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None) -> Curve:
    """Return the true positive rate over the false positive rate; the area is the ROC AUC.

    Raises: ValueError if the rows are all of one kind or a score is no number.

    >>> roc([0, 0, 1, 1], [.1, .4, .35, .8]).area
    0.75
    """
    thresholds, true, false = _counts(hits, scores, weights)
    x = np.concatenate([[0.0], false / false[-1]])
    y = np.concatenate([[0.0], true / true[-1]])
    area = float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))
    return Curve(x, y, np.concatenate([[np.nan], thresholds]), area)


def precision_recall(hits: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None) -> Curve:
    """Return precision over recall, from recall 0; the area is the average precision.

    Raises: ValueError if the rows are all of one kind or a score is no number.

    >>> round(precision_recall([0, 0, 1, 1], [.1, .4, .35, .8]).area, 4)
    0.8333
    """
    thresholds, true, false = _counts(hits, scores, weights)
    recall = true / true[-1]
    precision = true / (true + false)
    area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    # All that could be caught is caught here: what follows only loses precision.
    last = int(np.searchsorted(true, true[-1])) + 1
    return Curve(
        np.concatenate([[0.0], recall[:last]]),
        np.concatenate([[1.0], precision[:last]]),
        np.concatenate([[np.nan], thresholds[:last]]),
        area,
    )


def share(hits: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the share of rows that are of the class: the precision of guessing."""
    return float(np.average(np.asarray(hits, dtype=np.float64), weights=_plain(weights)))


def _counts(
    hits: ArrayLike, scores: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Return falling thresholds, and the weights of true and false rows at or above each."""
    truth = np.asarray(hits, dtype=bool)
    values = np.asarray(scores, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("a curve needs scores that are numbers; some are NaN or infinite")
    if truth.all() or not truth.any():
        raise ValueError("a curve needs rows of the class and rows of others")
    given = _plain(weights)
    weight = np.ones(len(values)) if given is None else given
    order = np.argsort(-values, kind="stable")
    values, truth, weight = values[order], truth[order], weight[order]
    ends = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)
    true = np.cumsum(weight * truth)[ends]
    false = np.cumsum(weight * ~truth)[ends]
    held = true + false > 0  # rows without weight, at the top, say nothing
    return values[ends][held], true[held], false[held]


def _plain(weights: ArrayLike | None) -> Floats | None:
    return None if weights is None else np.asarray(weights, dtype=np.float64)
