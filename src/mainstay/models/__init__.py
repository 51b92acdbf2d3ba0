"""Models: save, load and predict; signatures and what guards a load.

Names resolve on first use, so that importing this costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "EvaluationMetric": "mainstay.evaluation.face",
    "EvaluationResult": "mainstay.evaluation.result",
    "MLmodel": "mainstay.packaging.mlmodel",
    "MetricThreshold": "mainstay.evaluation.thresholds",
    "ModelConfig": "mainstay.models.from_code",
    "ModelInfo": "mainstay.models.info",
    "ModelSignature": "mainstay.packaging.signature",
    "PyFuncModel": "mainstay.models.predictor",
    "evaluate": "mainstay.evaluation.face",
    "get_model_info": "mainstay.models.info",
    "infer_signature": "mainstay.packaging.inference",
    "load_model": "mainstay.models.loading",
    "make_metric": "mainstay.evaluation.face",
    "register_model": "mainstay.fluent.registry",
    "set_model": "mainstay.models.from_code",
    "set_signature": "mainstay.models.info",
}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
