"""How good the predictions are: the metrics of a classifier or a regressor, and the rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from mainstay.errors import BadInput
from mainstay.evaluation.subject import ModelType, Subject, beside
from mainstay.statistics import quality

MANY_CLASSES = 20
"""Whole numbers with more different values than this are taken for quantities, not labels."""

HALF = 0.5
"""From this probability on, a model that gives only probabilities says the positive class."""


class Quality:
    """The measure ``quality``."""

    kind = "quality"

    def measure(self, subject: Subject) -> dict[str, Any]:
        """Return the metrics of ``statistics.quality`` and ``rows``."""
        return beside(subject, _values)


MEASURE = Quality()


def model_type(targets: np.ndarray[Any, Any]) -> ModelType:
    """Tell classes from quantities by the targets, where nobody said which they are."""
    if targets.dtype.kind not in "iuf":
        return "classifier"
    known = targets[np.isfinite(targets.astype(np.float64))]
    whole = bool(np.all(known == np.floor(known)))
    return "classifier" if whole and np.unique(known).size <= MANY_CLASSES else "regressor"


def _values(subject: Subject) -> dict[str, Any]:
    targets = subject.data.targets
    kind = subject.model_type or model_type(targets)
    said: np.ndarray[Any, Any] = np.asarray(subject.predict(subject.data.rows))
    if kind == "regressor":
        numbers = _one_column(said, subject)
        if numbers.dtype.kind not in "iufb":
            raise BadInput(f"{subject} predicts {numbers.dtype}, not numbers; is it a classifier?")
        return {**quality.regression(targets, numbers), "rows": len(targets)}
    classes = _classes(subject)
    odds: np.ndarray[Any, Any] | None = None
    if classes is not None and said.ndim == 2 and said.shape[1] == len(classes):
        odds, said = said, classes[np.argmax(said, axis=1)]
    else:
        said = _one_column(said, subject)
        odds = _odds(subject) if classes is not None else None
    if classes is None and looks_like_odds(said, targets):
        odds, classes = said, np.unique(targets)
        said = classes[(said >= HALF).astype(int)]
    values = quality.classification(targets, said, probabilities=odds, classes=classes)
    return {**values, "rows": len(targets)}


def _classes(subject: Subject) -> np.ndarray[Any, Any] | None:
    """Return the labels of a model that gives probabilities in scikit-learn's manner."""
    native = subject.model.unwrap()
    found = getattr(native, "classes_", None)
    return None if found is None or not hasattr(native, "predict_proba") else np.asarray(found)


def _odds(subject: Subject) -> np.ndarray[Any, Any]:
    rows = subject.model.decoder.fit(subject.data.rows)
    return np.asarray(subject.model.unwrap().predict_proba(rows), dtype=np.float64)


def looks_like_odds(said: np.ndarray[Any, Any], targets: np.ndarray[Any, Any]) -> bool:
    """Say whether floats between 0 and 1 were given for labels of two classes."""
    if said.dtype.kind != "f" or np.unique(targets).size != 2:
        return False
    inside = bool(np.all((said >= 0) & (said <= 1)))
    return inside and not bool(np.all(np.isin(said, targets)))


def _one_column(said: np.ndarray[Any, Any], subject: Subject) -> np.ndarray[Any, Any]:
    found = said[:, 0] if said.ndim == 2 and said.shape[1] == 1 else said
    if found.ndim != 1:
        raise BadInput(f"{subject} gives {found.shape[1:]} values a row; quality needs one")
    return found
