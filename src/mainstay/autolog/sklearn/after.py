"""After the training: a ``score`` of a recorded model is a metric of its run."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from mainstay.autolog.variables import name_of
from mainstay.fluent.active import ActiveRun

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
        key = f"{type(estimator).__name__}_score_{name_of(features, 'sklearn')}"
        count = _names[estimator][key] = _names[estimator].get(key, 0) + 1
    name = key if count == 1 else f"{key}-{count}"
    run.owner.client.log_metric(run.run_id, name, float(value))
