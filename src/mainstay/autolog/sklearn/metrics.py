"""How well a fitted estimator does on what it was fitted on, under MLflow's names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

PREFIX = "training_"


@dataclass(frozen=True)
class Judged:
    """What an estimator says of its training data, and how good that is."""

    metrics: dict[str, float] = field(default_factory=dict)
    predicted: Any = None
    chances: Any = None
    """A classifier's probabilities, where it has some."""


def training_metrics(
    estimator: Any, features: Any, targets: Any, weights: Any, pos_label: int | str | None
) -> Judged:
    """Return metrics by name, and the predictions that they were computed from.

    Classifiers: precision, recall, F1 (weighted over classes, or of ``pos_label``), accuracy, log
    loss and area under the ROC curve where there are probabilities. Regressors: mean squared,
    root mean squared and mean absolute error, R². ``score`` is the estimator's own.
    """
    from sklearn.base import is_classifier, is_regressor

    if getattr(targets, "ndim", 1) == 2 and targets.shape[1] == 1:
        targets = np.asarray(targets)[:, 0]  # a table of one column
    found: dict[str, float] = {}
    predicted = chances = None
    if targets is not None and (is_classifier(estimator) or is_regressor(estimator)):
        predicted = estimator.predict(features)
        if is_classifier(estimator):
            if hasattr(estimator, "predict_proba") and np.ndim(targets) == 1:
                chances = estimator.predict_proba(features)
            found |= _classification(estimator, targets, predicted, chances, weights, pos_label)
        else:
            found |= _regression(targets, predicted, weights)
    if not hasattr(estimator, "score"):
        return Judged(found, predicted, chances)
    if is_classifier(estimator) and f"{PREFIX}accuracy_score" in found and _plain(estimator):
        score = found[f"{PREFIX}accuracy_score"]  # what `score` would compute once more
    elif targets is None:
        score = float(estimator.score(features))
    else:
        score = float(estimator.score(features, targets))
    return Judged({**found, f"{PREFIX}score": score}, predicted, chances)


def _classification(
    estimator: Any,
    targets: Any,
    predicted: Any,
    chances: Any,
    weights: Any,
    pos_label: int | str | None,
) -> dict[str, float]:
    from sklearn import metrics

    how: dict[str, Any] = {"zero_division": 0, "sample_weight": weights}
    how |= {"average": "weighted"} if pos_label is None else {"pos_label": pos_label}
    found = {
        "precision_score": metrics.precision_score(targets, predicted, **how),
        "recall_score": metrics.recall_score(targets, predicted, **how),
        "f1_score": metrics.f1_score(targets, predicted, **how),
        "accuracy_score": metrics.accuracy_score(targets, predicted, sample_weight=weights),
    }
    if chances is not None:
        known = list(getattr(estimator, "classes_", []))
        found["log_loss"] = metrics.log_loss(
            targets, chances, labels=known or None, sample_weight=weights
        )
        if len(np.unique(np.asarray(targets))) > 1:
            binary = chances.shape[1] == 2
            found["roc_auc"] = metrics.roc_auc_score(
                targets,
                chances[:, 1] if binary else chances,
                average="weighted",
                multi_class="ovo" if not binary else "raise",
                sample_weight=weights if binary else None,
            )
    return {f"{PREFIX}{name}": float(value) for name, value in found.items()}


def _regression(targets: Any, predicted: Any, weights: Any) -> dict[str, float]:
    from sklearn import metrics

    squared = float(metrics.mean_squared_error(targets, predicted, sample_weight=weights))
    return {
        f"{PREFIX}mean_squared_error": squared,
        f"{PREFIX}root_mean_squared_error": float(np.sqrt(squared)),
        f"{PREFIX}mean_absolute_error": float(
            metrics.mean_absolute_error(targets, predicted, sample_weight=weights)
        ),
        f"{PREFIX}r2_score": float(metrics.r2_score(targets, predicted, sample_weight=weights)),
    }


def _plain(estimator: Any) -> bool:
    """Say whether ``score`` is scikit-learn's plain accuracy."""
    from sklearn.base import ClassifierMixin

    return getattr(type(estimator), "score", None) is ClassifierMixin.score
