"""Measure model versions and record the evidence that gates decide from.

Names resolve on first use, so that importing this loads no heavy library.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "EvaluationMetric": "mainstay.evaluation.face",
    "EvaluationResult": "mainstay.evaluation.result",
    "MetricThreshold": "mainstay.evaluation.thresholds",
    "ValidationFailed": "mainstay.evaluation.thresholds",
    "evaluate": "mainstay.evaluation.evaluator",
    "make_metric": "mainstay.evaluation.face",
    "validate_evaluation_results": "mainstay.evaluation.thresholds",
}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
