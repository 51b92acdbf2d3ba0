"""A parameter search: a child run for each of the best candidates."""

from __future__ import annotations

import csv
import io
from typing import Any

from mainstay.autolog.children import log_child
from mainstay.fluent.active import ActiveRun


def is_search(estimator: Any) -> bool:
    """Say whether a fitted estimator is a parameter search with results."""
    return hasattr(estimator, "cv_results_") and hasattr(estimator, "best_params_")


def best(estimator: Any) -> tuple[dict[str, str], dict[str, float]]:
    """Return the parameters ``best_…`` and the metric ``best_cv_score``."""
    params = {f"best_{key}": str(value) for key, value in estimator.best_params_.items()}
    score = getattr(estimator, "best_score_", None)
    return params, {} if score is None else {"best_cv_score": float(score)}


def table(estimator: Any) -> str:
    """Return the search's results as CSV, a row a candidate."""
    results = {
        key: values for key, values in estimator.cv_results_.items() if not key.startswith("param_")
    }
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(results)
    writer.writerows(zip(*results.values(), strict=True))
    return out.getvalue()


def log_children(parent: ActiveRun, estimator: Any, most: int | None, tags: dict[str, str]) -> int:
    """Log the best candidates as finished child runs, and return how many there are."""
    results = estimator.cv_results_
    order = sorted(range(len(results["params"])), key=lambda row: int(_rank(results)[row]))
    chosen = order if most is None else order[:most]
    for row in chosen:
        log_child(parent, results["params"][row], _numbers(results, row), tags)
    return len(chosen)


def _numbers(results: dict[str, Any], row: int) -> dict[str, float]:
    """Return a candidate's times, scores and ranks."""
    found = {}
    for key, values in results.items():
        if key.startswith(("mean_", "std_", "rank_", "split")):
            found[key] = float(values[row])
    return found


def _rank(results: dict[str, Any]) -> Any:
    for key in ("rank_test_score", *(key for key in results if key.startswith("rank_test_"))):
        if key in results:
            return results[key]
    return range(len(results["params"]))
