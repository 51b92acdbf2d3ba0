"""What is drawn of a fitted estimator, as pairs of path and plot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mainstay.autolog import plots
from mainstay.autolog.plots import Plot

CONFUSION = "training_confusion_matrix.json"
ROC = "plots/training_roc_curve.json"
PRECISION_RECALL = "plots/training_precision_recall_curve.json"

Drawn = Iterator[tuple[str, Plot]]


def confusion(targets: Any, predicted: Any) -> Drawn:
    """Yield the confusion matrix, where a row has one class."""
    from sklearn.metrics import confusion_matrix
    from sklearn.utils.multiclass import unique_labels

    truth = _column(targets)
    if truth is None:
        return
    labels = unique_labels(truth, predicted)
    yield CONFUSION, plots.confusion(labels, confusion_matrix(truth, predicted, labels=labels))


def curves(
    estimator: Any,
    features: Any,
    targets: Any,
    chances: Any,
    weights: Any,
    pos_label: int | str | None,
) -> Drawn:
    """Yield ROC and precision-recall curves, where there are scores and more than one class.

    ``chances`` are the probabilities if they are known already; an estimator without any is asked
    for its decision function.
    """
    truth = _column(targets)
    if truth is None or len(np.unique(truth)) < 2:
        return
    classes = np.asarray(getattr(estimator, "classes_", ()))
    scores = chances
    if scores is None and hasattr(estimator, "decision_function"):
        scores = estimator.decision_function(features)
    if scores is None:
        return
    lines = _lines(truth, np.asarray(scores), classes, pos_label)
    if not lines:
        return
    if next(iter(lines)) == "micro" and weights is not None:
        weights = np.repeat(np.asarray(weights), len(classes))
    yield ROC, plots.roc(lines, weights)
    yield PRECISION_RECALL, plots.precision_recall(lines, weights)


def importance(estimator: Any) -> Drawn:
    """Yield what a fitted model goes by: the importances of trees, or a linear model's weights."""
    model, names = _inner(estimator)
    found = getattr(model, "feature_importances_", None)
    if found is not None:
        values = np.asarray(found, dtype=float)
        if values.ndim == 1 and len(values):
            measure = _measure(model)
            named = dict(zip(_names(names, len(values)), values, strict=True))
            yield f"plots/feature_importance_{measure}.json", plots.importance(measure, named)
        return
    weights = getattr(model, "coef_", None)
    if weights is not None:
        yield from _weights(model, weights, names)


def _weights(model: Any, given: Any, names: Sequence[str] | None) -> Drawn:
    rows = np.atleast_2d(np.asarray(given.toarray() if hasattr(given, "toarray") else given))
    if rows.ndim != 2 or not rows.size or rows.dtype.kind not in "fiu":
        return
    known = _names(names, rows.shape[1])
    path = "plots/feature_importance_coefficient.json"
    if len(rows) == 1:
        yield path, plots.importance("coefficient", dict(zip(known, rows[0], strict=True)))
        return
    classes = getattr(model, "classes_", None)
    heads = range(len(rows)) if classes is None or len(classes) != len(rows) else classes
    mean = dict(zip(known, np.abs(rows).mean(axis=0), strict=True))
    by_class = dict(zip(heads, rows.tolist(), strict=True))
    yield path, plots.importance("coefficient", mean, by_class)


def _lines(
    truth: Any, scores: Any, classes: Any, pos_label: int | str | None
) -> dict[Any, tuple[Any, Any]]:
    """Return for each line whether a row is of its class, and the row's score."""
    if len(classes) == 2:
        place = 1 if pos_label is None else int(np.flatnonzero(classes == pos_label)[0])
        one = scores[:, place] if scores.ndim == 2 else scores if place == 1 else -scores
        return {plots.label(classes[place]): (truth == classes[place], one)}
    if scores.ndim != 2 or scores.shape[1] != len(classes):
        return {}  # one score for each pair of classes
    if len(classes) > plots.CLASSES:
        hits = truth[:, None] == classes[None, :]
        return {"micro": (hits.ravel(), scores.ravel())}
    return {
        plots.label(one): (truth == one, scores[:, place])
        for place, one in enumerate(classes)
        if 0 < np.count_nonzero(truth == one) < len(truth)
    }


def _inner(estimator: Any) -> tuple[Any, Sequence[str] | None]:
    """Return the model in searches and pipelines, and what its features are called."""
    model = getattr(estimator, "best_estimator_", estimator)
    steps = getattr(model, "steps", None)
    if not steps:
        return model, getattr(model, "feature_names_in_", None)
    last = model[-1]
    if hasattr(last, "feature_names_in_"):
        return last, last.feature_names_in_
    try:
        return last, model[:-1].get_feature_names_out()
    except (AttributeError, ValueError):  # a step that cannot say
        return last, None


def _names(known: Sequence[str] | None, count: int) -> list[str]:
    if known is not None and len(known) == count:
        return [str(name) for name in known]
    return [f"x{place}" for place in range(count)]


def _measure(model: Any) -> str:
    """Say what an estimator's importances are: scikit-learn's are of impurity."""
    told = getattr(model, "importance_type", None)
    if isinstance(told, str):
        return told
    return "impurity" if type(model).__module__.startswith("sklearn.") else "importance"


def _column(targets: Any) -> Any:
    """Return one class a row, or None of several outputs."""
    found = np.asarray(targets)
    if found.ndim == 2 and found.shape[1] == 1:
        return found[:, 0]
    return found if found.ndim == 1 else None
