"""After the training: a ``score`` of a recorded model is a metric of its run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from mainstay.fluent.active import ActiveRun

UNKNOWN = "unknown_dataset"

_lock = threading.Lock()
_runs: WeakKeyDictionary[Any, ActiveRun] = WeakKeyDictionary()
_names: WeakKeyDictionary[Any, dict[str, int]] = WeakKeyDictionary()


def remember(estimator: Any, run: ActiveRun) -> None:
    """Keep in which run an estimator was fitted last, as long as it lives."""
    with _lock:
        _runs[estimator] = run
        _names[estimator] = {}


def log_score(
    estimator: Any, arguments: tuple[Any, ...], keywords: Mapping[str, Any], value: float
) -> None:
    """Log ``<class>_score_<variable>``: the variable is what the caller calls the features.

    A second score under the same name gets ``-2`` at its end, as in MLflow.
    """
    with _lock:
        run = _runs.get(estimator)
        if run is None:
            return
        features = keywords.get("X", arguments[0] if arguments else None)
        key = f"{type(estimator).__name__}_score_{_variable(features)}"
        count = _names[estimator][key] = _names[estimator].get(key, 0) + 1
    name = key if count == 1 else f"{key}-{count}"
    run.owner.client.log_metric(run.run_id, name, float(value))


def _variable(value: Any) -> str:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(
        ("mainstay.autolog", "sklearn.")
    ):
        frame = frame.f_back
    if frame is None:
        return UNKNOWN
    for names in (frame.f_locals, frame.f_globals):
        for name, held in names.items():
            if held is value and name.isidentifier():
                return name
    return UNKNOWN
