"""A parameter search of Spark ML: what each candidate reached, and which was best."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from mainstay.autolog.recording import Recording
from mainstay.autolog.spark import params


def is_search(model: Any) -> bool:
    """Say whether a fitted model is a search's: it has measured candidates."""
    return hasattr(model, "bestModel") and (
        hasattr(model, "avgMetrics") or hasattr(model, "validationMetrics")
    )


def log(recording: Recording, estimator: Any, model: Any) -> None:
    """Log the best candidate, and a table with a row for each."""
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
