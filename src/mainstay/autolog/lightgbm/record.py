"""What is recorded of one training of LightGBM."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from lightgbm import Booster

from mainstay.autolog import origin
from mainstay.autolog.boosting import Boosting, Data
from mainstay.autolog.nesting import fitting
from mainstay.autolog.options import Options
from mainstay.autolog.recording import Recording

Original = Callable[..., Any]

NOT_PARAMETERS = frozenset(
    ("params", "train_set", "valid_sets", "valid_names", "feval", "init_model", "callbacks")
)
IMPORTANCE = ("split", "gain")


class _Points:
    """A callback that hands the evaluations of each iteration on."""

    order = 15
    """Before early stopping (30), which raises at the last iteration."""

    before_iteration = False

    def __init__(self, boosting: Boosting) -> None:
        self._boosting = boosting

    def __call__(self, told: Any) -> None:
        found = told.evaluation_result_list or ()
        self._boosting.point({f"{one[0]}-{one[1]}": one[2] for one in found})


def train(
    options: Options, original: Original, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Call ``lightgbm.train`` and record it."""
    recording = Recording.begin("lightgbm", options)
    if recording is None:
        return original(*arguments, **keywords)
    boosting = Boosting(recording)
    with recording.training():
        booster = train_inside(boosting, original, arguments, keywords)
    made_of = origin.Origin(None)
    with recording.part("the data sets"):
        given = inspect.signature(original).bind(*arguments, **keywords).arguments
        made_of = origin.of(given["train_set"])
        if options.log_datasets:
            boosting.data(_known(given["train_set"], "dataset"), "train")
            for index, valid in enumerate(_listed(given.get("valid_sets"))):
                names = _listed(given.get("valid_names"))
                boosting.data(
                    _known(valid, names[index] if index < len(names) else f"valid_{index}"), "eval"
                )
    _finish(boosting, booster, lambda: booster, made_of)
    return booster


def fit(
    options: Options, original: Original, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Call an estimator's ``fit`` and record it."""
    recording = Recording.begin("lightgbm", options)
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
        made_of = origin.Origin(given["X"])
        if options.log_datasets:
            boosting.data([(given["X"], given.get("y"), "dataset")], "train")
            names = _listed(given.get("eval_names"))
            for index, pair in enumerate(_listed(given.get("eval_set"))):
                name = names[index] if index < len(names) else f"valid_{index}"
                boosting.data([(*pair, name)], "eval")
    _finish(boosting, estimator, lambda: estimator.booster_, made_of)
    return result


def train_inside(
    boosting: Boosting, original: Original, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Call ``lightgbm.train`` with a callback more; log its parameters and how it stopped."""
    with boosting.recording.part("the parameters"):
        bound = inspect.signature(original).bind(*arguments, **keywords)
        bound.apply_defaults()
        others = {key: value for key, value in bound.arguments.items() if key not in NOT_PARAMETERS}
        boosting.describe({**dict(bound.arguments["params"]), **others})
        bound.arguments["callbacks"] = [*(bound.arguments["callbacks"] or ()), _Points(boosting)]
        arguments, keywords = bound.args, bound.kwargs
    booster = original(*arguments, **keywords)
    with boosting.recording.part("the best iteration"):
        best = booster.best_iteration  # a number of iterations, so it counts from 1; 0: unknown
        if best > 0 and boosting.history:
            boosting.stopped(stopped=len(boosting.history), best=best, best_index=best - 1)
    return booster


def _finish(
    boosting: Boosting, model: Any, booster: Callable[[], Booster], made_of: origin.Origin
) -> None:
    for kind in IMPORTANCE:
        boosting.importance(kind, partial(_importance, booster, kind))
    boosting.model(model, made_of)
    boosting.recording.finished()


def _importance(booster: Callable[[], Booster], kind: str) -> dict[str, float]:
    values = booster().feature_importance(importance_type=kind)
    return dict(zip(booster().feature_name(), map(float, values), strict=True))


def _known(dataset: Any, name: str) -> list[Data]:
    """Return features, labels and name of a data set, if somebody still holds its features."""
    whole = origin.of(dataset).whole
    return [] if whole is None else [(whole, dataset.get_label(), name)]


def _listed(given: Any) -> list[Any]:
    if given is None:
        return []
    return list(given) if isinstance(given, (list, tuple)) else [given]
