"""What is recorded of one training of XGBoost."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from xgboost import Booster, DMatrix
from xgboost.callback import TrainingCallback

from mainstay.autolog import origin
from mainstay.autolog.boosting import Boosting
from mainstay.autolog.nesting import fitting
from mainstay.autolog.recording import Recording
from mainstay.autolog.xgboost.options import XgboostOptions

Original = Callable[..., Any]
NOT_PARAMETERS = frozenset(
    ("params", "dtrain", "evals", "obj", "evals_result", "xgb_model", "callbacks")
)


class _Points(TrainingCallback):  # type: ignore[misc]
    """Hands the evaluations of each iteration on."""

    def __init__(self, boosting: Boosting) -> None:
        super().__init__()
        self._boosting = boosting

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
        """Log the last value of each series; never ask the training to stop."""
        self._boosting.point(
            {
                f"{data}-{metric}": series[-1][0] if isinstance(series[-1], tuple) else series[-1]
                for data, found in evals_log.items()
                for metric, series in found.items()
            }
        )
        return False


def train(
    options: XgboostOptions,
    original: Original,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Any:
    """Call ``xgboost.train`` and record it."""
    recording = Recording.begin("xgboost", options)
    if recording is None:
        return original(*arguments, **keywords)
    boosting = Boosting(recording)
    with recording.training():
        booster = train_inside(boosting, original, arguments, keywords)
    made_of = origin.Origin(None)
    with recording.part("the data sets"):
        given = inspect.signature(original).bind(*arguments, **keywords).arguments
        train_set = given["dtrain"]
        made_of = origin.of(train_set)
        if options.log_datasets:
            boosting.data([(*_content(train_set), "dataset")], "train")
            evals = given.get("evals") or ()
            boosting.data([(*_content(data), name) for data, name in evals], "eval")
    _finish(boosting, options, booster, lambda: booster, made_of)
    return booster


def fit(
    options: XgboostOptions,
    original: Original,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Any:
    """Call an estimator's ``fit`` and record it."""
    recording = Recording.begin("xgboost", options)
    if recording is None:
        return original(*arguments, **keywords)
    boosting = Boosting(recording)
    estimator = arguments[0]
    with recording.part("the parameters"):
        boosting.describe({}, estimator)
    token = fitting.set(boosting)
    try:
        with recording.training():
            result = original(*arguments, **keywords)
    finally:
        fitting.reset(token)
    made_of = origin.Origin(None)
    with recording.part("the data sets"):
        given = inspect.signature(original).bind(*arguments, **keywords).arguments
        features = given["X"]
        made_of = origin.Origin(features)
        if options.log_datasets:
            boosting.data([(features, given.get("y"), "dataset")], "train")
            pairs = enumerate(given.get("eval_set") or ())
            named = [(*pair, f"validation_{index}") for index, pair in pairs]
            boosting.data(named, "eval")
    _finish(boosting, options, estimator, estimator.get_booster, made_of)
    return result


def train_inside(
    boosting: Boosting, original: Original, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Call ``xgboost.train`` with a callback more; log its parameters and how it stopped."""
    with boosting.recording.part("the parameters"):
        bound = inspect.signature(original).bind(*arguments, **keywords)
        bound.apply_defaults()
        others = {key: value for key, value in bound.arguments.items() if key not in NOT_PARAMETERS}
        boosting.describe({**dict(bound.arguments["params"]), **others})
        given = bound.arguments.get("callbacks") or ()
        # The first: a callback that stops the training keeps those after it from being called.
        keywords = {**keywords, "callbacks": [_Points(boosting), *given]}
    booster = original(*arguments, **keywords)
    with boosting.recording.part("the best iteration"):
        best = booster.attr("best_iteration")
        if best is not None and boosting.history:
            last = len(boosting.history) - 1
            boosting.stopped(stopped=last, best=int(best), best_index=int(best))
    return booster


def _finish(
    boosting: Boosting,
    options: XgboostOptions,
    model: Any,
    booster: Callable[[], Booster],
    made_of: origin.Origin,
) -> None:
    for kind in options.importance_types:
        boosting.importance(kind, partial(_importance, booster, kind))
    boosting.model(model, made_of, {"model_format": options.model_format})
    boosting.recording.finished()


def _importance(booster: Callable[[], Booster], kind: str) -> dict[str, float]:
    found = booster().get_score(importance_type=kind)
    return {
        feature: float(value) if not isinstance(value, list) else sum(map(abs, value))
        for feature, value in found.items()
    }


def _content(matrix: DMatrix) -> tuple[Any, Any]:
    """Return features and labels of a matrix: what it was made of, else what it holds."""
    whole = origin.of(matrix).whole
    labels = matrix.get_label()
    return matrix.get_data() if whole is None else whole, labels if labels.size else None
