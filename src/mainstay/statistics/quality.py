"""How good predictions are: the metrics of classification and regression.

The numbers are scikit-learn's where it has them. Missing values are never passed over in silence:
a missing target is the caller's mistake, a missing prediction makes every metric that needs it
NaN, and a gate refuses NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn import metrics

from mainstay.errors import BadInput
from mainstay.statistics import calibration

CLASSIFICATION = ("accuracy", "precision", "recall", "f1")
WITH_PROBABILITIES = ("roc_auc", "log_loss", "brier", "ece")
REGRESSION = ("rmse", "mae", "r2", "max_error")

LOWER_IS_BETTER = frozenset({"log_loss", "brier", "ece", "rmse", "mae", "max_error"})
"""Metrics of which less is better; of all others more is."""


def classification(
    targets: ArrayLike,
    predictions: ArrayLike,
    *,
    probabilities: ArrayLike | None = None,
    classes: ArrayLike | None = None,
) -> dict[str, float]:
    """Return accuracy, precision, recall, f1 and, given probabilities, roc_auc, log_loss, brier,
    ece.

    Of two classes the greater is the positive one. Of more, precision, recall, f1 are means over
    the classes weighted by their rows, and roc_auc is that of one class against the rest, weighted
    the same. ``probabilities`` has one column a class, in the order of ``classes`` (default: the
    sorted classes of the targets), or one row of numbers for the positive class.

    Raises:
        BadInput: no rows, lengths that differ, a missing target, or columns that fit no classes.
    """
    truth, found = _labels(targets, predictions)
    known = _classes(truth, classes)
    missing = _missing(found)
    values = dict.fromkeys(CLASSIFICATION, float("nan"))
    if not missing.any():
        values = _labels_scored(truth, found, known)
    if probabilities is not None:
        values |= _probabilities_scored(truth, _columns(probabilities, known, truth.size), known)
    return values


def regression(targets: ArrayLike, predictions: ArrayLike) -> dict[str, float]:
    """Return rmse, mae, r2 and max_error.

    r2 is NaN where the targets do not vary: there is nothing to explain.

    Raises:
        BadInput: no rows, lengths that differ, or a missing target.
    """
    truth = np.asarray(targets, dtype=np.float64).ravel()
    found = np.asarray(predictions, dtype=np.float64).ravel()
    _same_length(truth.size, found.size)
    if not np.all(np.isfinite(truth)):
        raise BadInput(f"{int((~np.isfinite(truth)).sum())} targets are missing or infinite")
    if not np.all(np.isfinite(found)):
        return dict.fromkeys(REGRESSION, float("nan"))
    error = found - truth
    spread = float(np.sum((truth - truth.mean()) ** 2))
    return {
        "rmse": float(np.sqrt(np.mean(error**2))),
        "mae": float(np.mean(np.abs(error))),
        "r2": 1 - float(np.sum(error**2)) / spread if spread > 0 else float("nan"),
        "max_error": float(np.max(np.abs(error))),
    }


def confusion(targets: ArrayLike, predictions: ArrayLike) -> tuple[list[object], NDArray[np.int64]]:
    """Return the classes, sorted, and the matrix of counts: a row a true class."""
    truth, found = _labels(targets, predictions)
    labels = sorted({*truth.tolist(), *found.tolist()})
    matrix = metrics.confusion_matrix(truth, found, labels=labels)
    return labels, np.asarray(matrix, dtype=np.int64)


def _labels_scored(
    truth: NDArray[np.generic], found: NDArray[np.generic], known: NDArray[np.generic]
) -> dict[str, float]:
    if known.size <= 2:
        # By hand into right and wrong: a third label among the predictions is wrong for both.
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            truth == known[-1], found == known[-1], average="binary", zero_division=0.0
        )
    else:
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            truth, found, labels=known, average="weighted", zero_division=0.0
        )
    return {
        "accuracy": float(np.mean(truth == found)),
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(f1),
    }


def _probabilities_scored(
    truth: NDArray[np.generic], columns: NDArray[np.float64], known: NDArray[np.generic]
) -> dict[str, float]:
    if not np.all(np.isfinite(columns)):
        return dict.fromkeys(WITH_PROBABILITIES, float("nan"))
    hit = truth[:, None] == known[None, :]
    seen = np.flatnonzero(hit.any(axis=0))
    values = {
        "roc_auc": float("nan"),
        "log_loss": calibration.log_loss(hit, columns),
        "brier": calibration.brier(hit, columns),
        "ece": calibration.expected_calibration_error(
            *((hit[:, 1], columns[:, 1]) if known.size == 2 else _confidence(hit, columns))
        ),
    }
    if seen.size >= 2:  # with one class there is no order to judge
        areas = [float(metrics.roc_auc_score(hit[:, k], columns[:, k])) for k in seen]
        weights = hit[:, seen].sum(axis=0)
        values["roc_auc"] = (
            areas[-1] if known.size == 2 else float(np.average(areas, weights=weights))
        )
    return values


def _confidence(
    hit: NDArray[np.bool_], columns: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Of many classes: how sure of the chosen one, and whether it was right."""
    chosen = columns.argmax(axis=1)
    rows = np.arange(columns.shape[0])
    return hit[rows, chosen], columns[rows, chosen]


def _labels(
    targets: ArrayLike, predictions: ArrayLike
) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    truth, found = np.asarray(targets).ravel(), np.asarray(predictions).ravel()
    _same_length(truth.size, found.size)
    lacking = int(_missing(truth).sum())
    if lacking:
        raise BadInput(f"{lacking} of {truth.size} targets are missing; leave those rows out")
    if (truth.dtype.kind in "OUS") != (found.dtype.kind in "OUS"):
        truth, found = truth.astype(str), found.astype(str)
    return truth, found


def _classes(truth: NDArray[np.generic], classes: ArrayLike | None) -> NDArray[np.generic]:
    if classes is None:
        return np.unique(truth)
    known = np.asarray(classes).ravel()
    strange = set(truth.tolist()) - set(known.tolist())
    if strange:
        raise BadInput(f"the targets hold classes that the model does not know: {sorted(strange)}")
    return known


def _columns(
    probabilities: ArrayLike, known: NDArray[np.generic], rows: int
) -> NDArray[np.float64]:
    values = np.asarray(probabilities, dtype=np.float64)
    if values.ndim == 1:
        values = np.column_stack([1 - values, values])
    if values.shape != (rows, known.size):
        raise BadInput(
            f"probabilities have the shape {values.shape}; expected {rows} rows and a column for "
            f"each of the {known.size} classes"
        )
    return values


def _missing(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values.astype(np.float64)))
    if values.dtype.kind == "O":
        return np.asarray([value is None or value != value for value in values], dtype=bool)
    return np.zeros(values.shape, dtype=bool)


def _same_length(targets: int, predictions: int) -> None:
    if targets != predictions:
        raise BadInput(f"{targets} targets but {predictions} predictions")
    if targets == 0:
        raise BadInput("there are no rows to judge")
