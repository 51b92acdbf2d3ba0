"""Metrics under MLflow's names, from predictions; what they mean is scikit-learn's.

https://mlflow.org/docs/latest/ml/evaluation/ lists the names for classifiers and regressors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mainstay.evaluation.subject import ModelType

Array = np.ndarray[Any, Any]


def metrics(
    kind: ModelType,
    targets: Array,
    said: Array,
    *,
    odds: Array | None = None,
    classes: Array | None = None,
    average: str = "weighted",
    pos_label: Any = None,
    weights: Array | None = None,
) -> dict[str, float]:
    """Return the metrics of ``said`` against ``targets``, one value a row.

    ``odds`` are probabilities (rows x classes, in the order of ``classes``). Of two classes the
    greater label is the positive one, unless ``pos_label`` says otherwise; of more, values are
    averaged over classes by ``average``. ``weights`` are of the rows.
    """
    if kind == "regressor":
        return _regressor(targets.astype(float), said.astype(float), weights)
    found = _classifier(targets, said, average, pos_label, weights)
    if odds is not None and classes is not None:
        found |= _by_odds(targets, odds, classes, average, pos_label, weights)
    return found


def confusion(targets: Array, said: Array) -> dict[str, Any]:
    """Return the confusion matrix as data: labels, and rows of counts (true x predicted)."""
    from sklearn.metrics import confusion_matrix

    labels = np.unique(np.concatenate([targets, said]))
    matrix = confusion_matrix(targets, said, labels=labels)
    return {"labels": labels.tolist(), "matrix": matrix.tolist()}


def _regressor(targets: Array, said: Array, weights: Array | None) -> dict[str, float]:
    from sklearn import metrics as known

    squared = float(known.mean_squared_error(targets, said, sample_weight=weights))
    return {
        "example_count": float(len(targets)),
        "mean_absolute_error": float(
            known.mean_absolute_error(targets, said, sample_weight=weights)
        ),
        "mean_squared_error": squared,
        "root_mean_squared_error": squared**0.5,
        "sum_on_target": float(np.sum(targets)),
        "mean_on_target": float(np.mean(targets)),
        "r2_score": float(known.r2_score(targets, said, sample_weight=weights)),
        "max_error": float(known.max_error(targets, said)),
        "mean_absolute_percentage_error": float(
            known.mean_absolute_percentage_error(targets, said, sample_weight=weights)
        ),
    }


def _classifier(
    targets: Array, said: Array, average: str, pos_label: Any, weights: Array | None
) -> dict[str, float]:
    from sklearn import metrics as known

    labels = np.unique(np.concatenate([targets, said]))
    binary = len(labels) <= 2
    positive = labels[-1] if pos_label is None else pos_label
    how: dict[str, Any] = {"sample_weight": weights, "zero_division": 0}
    how |= {"average": "binary", "pos_label": positive} if binary else {"average": average}
    found = {
        "example_count": float(len(targets)),
        "accuracy_score": float(known.accuracy_score(targets, said, sample_weight=weights)),
        "precision_score": float(known.precision_score(targets, said, **how)),
        "recall_score": float(known.recall_score(targets, said, **how)),
        "f1_score": float(known.f1_score(targets, said, **how)),
    }
    if binary:
        is_true, is_said = targets == positive, said == positive
        found |= {
            "true_positives": float(np.sum(is_true & is_said)),
            "false_positives": float(np.sum(~is_true & is_said)),
            "false_negatives": float(np.sum(is_true & ~is_said)),
            "true_negatives": float(np.sum(~is_true & ~is_said)),
        }
    return found


def _by_odds(
    targets: Array,
    odds: Array,
    classes: Array,
    average: str,
    pos_label: Any,
    weights: Array | None,
) -> dict[str, float]:
    from sklearn import metrics as known

    found = {
        "log_loss": float(known.log_loss(targets, odds, labels=classes, sample_weight=weights))
    }
    if len(np.unique(targets)) < 2:  # one class alone has no curve
        return found
    if len(classes) == 2:
        place = 1 if pos_label is None else int(np.flatnonzero(classes == pos_label)[0])
        is_true, positive = targets == classes[place], odds[:, place]
        found["roc_auc"] = float(known.roc_auc_score(is_true, positive, sample_weight=weights))
        # MLflow's name for what scikit-learn calls the average precision: no trapezoids.
        found["precision_recall_auc"] = float(
            known.average_precision_score(is_true, positive, sample_weight=weights)
        )
    elif set(classes) == set(np.unique(targets)):
        found["roc_auc"] = float(
            known.roc_auc_score(
                targets, odds, average=average, multi_class="ovr", sample_weight=weights
            )
        )
    return found
