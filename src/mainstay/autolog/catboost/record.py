"""What is recorded of one ``fit`` of CatBoost."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from catboost import Pool

from mainstay.autolog import origin
from mainstay.autolog.boosting import Boosting, Data
from mainstay.autolog.options import Options
from mainstay.autolog.recording import Recording

Original = Callable[..., Any]

LIVE = 2000
"""Up to so many iterations, points are logged while they are made. CatBoost copies the whole
history for a callback at each iteration, so longer trainings are logged at their end."""

ITERATIONS = ("iterations", "num_boost_round", "n_estimators", "num_trees")
TOLD = ("early_stopping_rounds", "use_best_model")
"""Arguments of ``fit`` that are parameters of the training."""


class _Points:
    """A callback that hands the evaluations of each iteration on."""

    def __init__(self, boosting: Boosting) -> None:
        self._boosting = boosting

    def after_iteration(self, info: Any) -> bool:
        """Log the last value of each series; never ask the training to stop."""
        with self._boosting.recording.part("the metrics of iterations"):
            rows = _rows(info.metrics)
            if len(rows) > len(self._boosting.history):
                self._boosting.point(rows[-1])
        return True


def fit(
    options: Options, original: Original, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Call ``fit`` with a callback more and record it."""
    recording = Recording.begin("catboost", options)
    if recording is None:
        return original(*arguments, **keywords)
    boosting, model = Boosting(recording), arguments[0]
    given = dict[str, Any]()
    with recording.part("the parameters"):
        given = dict(inspect.signature(original).bind(*arguments, **keywords).arguments)
        told = {name: given[name] for name in TOLD if given.get(name) is not None}
        boosting.describe({**model.get_params(), **told}, model)
        if _is_live(model):
            keywords = {
                **keywords,
                "callbacks": [_Points(boosting), *(given.get("callbacks") or ())],
            }
    with recording.training():
        result = original(*arguments, **keywords)
    with recording.part("the parameters"):
        boosting.describe(model.get_all_params(), model)
    with recording.part("the metrics of iterations"):
        for row in _rows(model.get_evals_result())[len(boosting.history) :]:
            boosting.point(row)
    with recording.part("the best iteration"):
        best = model.get_best_iteration()
        if best is not None and boosting.history:
            last = len(boosting.history) - 1
            boosting.stopped(stopped=last, best=best, best_index=best)
    made_of = origin.Origin(None)
    with recording.part("the data sets"):
        features = given["X"]
        made_of = origin.of(features) if isinstance(features, Pool) else origin.Origin(features)
        if options.log_datasets:
            boosting.data(_known(features, given.get("y"), "dataset"), "train")
            for index, held in enumerate(_held(given.get("eval_set"))):
                boosting.data(_known(*held, f"validation_{index}"), "eval")
    boosting.importance(
        "prediction_values_change",
        lambda: dict(zip(model.feature_names_, model.get_feature_importance(), strict=True)),
    )
    boosting.model(model, made_of)
    recording.finished()
    return result


def _is_live(model: Any) -> bool:
    """Say whether a callback may be given: not on a GPU, which takes none."""
    params = model.get_params()
    iterations = next((params[name] for name in ITERATIONS if name in params), 1000)
    return iterations <= LIVE and str(params.get("task_type", "CPU")).upper() == "CPU"


def _rows(metrics: Mapping[str, Mapping[str, Sequence[float]]]) -> list[dict[str, float]]:
    """Return the evaluations by iteration; a metric that is not taken each time counts its own."""
    series = {
        f"{data}-{metric}": values
        for data, found in metrics.items()
        for metric, values in found.items()
    }
    longest = max(map(len, series.values()), default=0)
    return [
        {key: values[row] for key, values in series.items() if row < len(values)}
        for row in range(longest)
    ]


def _known(features: Any, targets: Any, name: str) -> list[Data]:
    """Return features, labels and name of a data set, if somebody still holds its features."""
    if not isinstance(features, Pool):
        return [(features, targets, name)]
    whole = origin.of(features).whole
    return [] if whole is None else [(whole, features.get_label(), name)]


def _held(given: Any) -> list[tuple[Any, Any]]:
    """Return the evaluation sets as pairs; a pool has its labels inside."""
    if given is None:
        return []
    if isinstance(given, Pool):
        return [(given, None)]
    if isinstance(given, tuple) and len(given) == 2:
        return [(given[0], given[1])]
    return [pair for one in given for pair in _held(one)]
