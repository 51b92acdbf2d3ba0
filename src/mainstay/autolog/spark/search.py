"""A parameter search of Spark ML: what each candidate reached, and which was best."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from mainstay.autolog.children import log_child
from mainstay.autolog.recording import PARAM_LENGTH, Recording
from mainstay.autolog.spark import params


def is_search(model: Any) -> bool:
    """Say whether a fitted model is a search's: it has measured candidates."""
    return hasattr(model, "bestModel") and (
        hasattr(model, "avgMetrics") or hasattr(model, "validationMetrics")
    )


def log(recording: Recording, estimator: Any, model: Any) -> None:
    """Log the best candidate, a table with a row for each, and a child run for each."""
    average = getattr(model, "avgMetrics", None) or getattr(model, "validationMetrics", [])
    spread = getattr(model, "stdMetrics", None) or [None] * len(average)
    evaluator = estimator.getEvaluator()
    name = evaluator.getOrDefault("metricName")
    grid = [params.combination(chosen) for chosen in estimator.getEstimatorParamMaps()]
    choose = max if evaluator.isLargerBetter() else min
    best = choose(range(len(average)), key=average.__getitem__)
    recording.describe({f"best_{key}": value for key, value in grid[best].items()}, estimator)
    recording.metrics({f"best_{name}": average[best]})
    recording.json(grid[best], "best_parameters.json")
    recording.text(_table(name, grid, average, spread), "search_results.csv")
    with recording.part("the candidates"):
        _log_children(recording, estimator, _reached(model, name))


def _reached(model: Any, name: str) -> dict[str, Sequence[float]]:
    """Return what the candidates reached, under MLflow's names: a value for each."""
    if hasattr(model, "avgMetrics"):
        spread = getattr(model, "stdMetrics", None) or ()
        return {f"avg_{name}": model.avgMetrics, **({f"std_{name}": spread} if spread else {})}
    return {name: model.validationMetrics}


def _log_children(
    recording: Recording, estimator: Any, reached: dict[str, Sequence[float]]
) -> None:
    for row, chosen in enumerate(estimator.getEstimatorParamMaps()):
        candidate = estimator.getEstimator().copy(chosen)
        log_child(
            recording.run,
            {key: str(value)[:PARAM_LENGTH] for key, value in params.of(candidate).items()},
            {key: float(values[row]) for key, values in reached.items()},
            {**recording.options.extra_tags, **recording.estimator_tags(candidate)},
        )


def _table(
    name: str, grid: list[dict[str, Any]], average: Sequence[float], spread: Sequence[Any]
) -> str:
    keys = sorted({key for row in grid for key in row})
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["params", f"avg_{name}", f"std_{name}", *(f"param.{key}" for key in keys)])
    for row, mean, deviation in zip(grid, average, spread, strict=True):
        values = [row.get(key, "") for key in keys]
        writer.writerow([json.dumps(row, default=str), mean, deviation, *values])
    return out.getvalue()
