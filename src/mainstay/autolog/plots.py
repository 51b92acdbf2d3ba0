"""Plots as data: the form of confusion matrices, curves and importances in ``docs/autolog.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mainstay.statistics import curves

POINTS = 200
"""Points of a line that are written."""

CLASSES = 10
"""Up to so many classes, each has a line of its own."""

FEATURES = 1000
"""Features whose importance is written."""

Plot = dict[str, Any]


def confusion(labels: Sequence[Any], matrix: Any) -> Plot:
    """Return a confusion matrix: rows are the truth, columns the predictions."""
    return {
        "kind": "confusion_matrix",
        "title": "Confusion matrix (training)",
        "labels": [label(one) for one in labels],
        "matrix": np.asarray(matrix).tolist(),
    }


def roc(lines: Mapping[Any, tuple[Any, Any]], weights: Any = None) -> Plot:
    """Return ROC curves of ``{class: (whether a row is of it, its score)}``.

    Raises: ValueError if a class has no rows, or all.
    """
    return {
        "kind": "curve",
        "title": "ROC curve (training)",
        "x_label": "false positive rate",
        "y_label": "true positive rate",
        "area_label": "AUC",
        "lines": [
            _line(name, curves.roc(hits, scores, weights), [0.0, 1.0])
            for name, (hits, scores) in lines.items()
        ],
    }


def precision_recall(lines: Mapping[Any, tuple[Any, Any]], weights: Any = None) -> Plot:
    """Return precision-recall curves, of the same. Raises: ValueError as ``roc``."""
    return {
        "kind": "curve",
        "title": "Precision-recall curve (training)",
        "x_label": "recall",
        "y_label": "precision",
        "area_label": "AP",
        "lines": [
            _line(
                name,
                curves.precision_recall(hits, scores, weights),
                [curves.share(hits, weights)] * 2,
            )
            for name, (hits, scores) in lines.items()
        ],
    }


def importance(
    measure: str,
    values: Mapping[str, float],
    by_class: Mapping[Any, Sequence[float]] | None = None,
) -> Plot:
    """Return an importance of features, the greatest magnitude first.

    ``by_class`` has, for each class, values in the order of ``values``.
    """
    names, numbers = list(values), [float(value) for value in values.values()]
    order = sorted(range(len(names)), key=lambda place: -abs(numbers[place]))[:FEATURES]
    found: Plot = {
        "kind": "importance",
        "title": f"Feature importance ({measure})",
        "measure": measure,
        "of": len(names),
        "names": [names[place] for place in order],
        "values": [numbers[place] for place in order],
    }
    if by_class is not None:
        found["classes"] = {
            str(label(name)): [float(own[place]) for place in order]
            for name, own in by_class.items()
        }
    return found


def label(one: Any) -> Any:
    """Return a class as JSON has it."""
    plain = one.item() if hasattr(one, "item") else one
    return plain if isinstance(plain, (str, int, float, bool)) else str(plain)


def _line(name: Any, curve: curves.Curve, baseline: list[float]) -> Plot:
    shown = curve.thinned(POINTS)
    return {
        "name": label(name),
        "area": curve.area,
        "x": shown.x.tolist(),
        "y": shown.y.tolist(),
        "thresholds": [float(at) if np.isfinite(at) else None for at in shown.thresholds],
        "baseline": baseline,
    }
