"""Measure model versions and record the evidence that gates decide from.

Names resolve on first use, so that importing this loads no heavy library.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "EvaluationResult": "mainstay.evaluation.result",
    "evaluate": "mainstay.evaluation.evaluator",
}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
