"""The parameters of Spark ML's estimators, of pipelines and searches too, under MLflow's names."""

from __future__ import annotations

from typing import Any

from pyspark.ml import Estimator, Pipeline
from pyspark.ml.evaluation import Evaluator
from pyspark.ml.param import Params


def of(estimator: Any) -> dict[str, Any]:
    """Return an estimator's parameters; those of stages are ``<Class>.<parameter>``."""
    found: dict[str, Any] = {}
    own = {param.name: value for param, value in estimator.extractParamMap().items()}
    for name, value in own.items():
        if name == "estimatorParamMaps":
            continue
        found[name] = _shown(value)
    for part in [*_parts(estimator, own), *_judge(own)]:
        prefix = _unused(type(part).__name__, found)
        for name, value in of(part).items():
            found[name if "." in name else f"{prefix}.{name}"] = value
    if isinstance(estimator, Pipeline):
        return {name: value for name, value in found.items() if not name.endswith(".stages")}
    return found


def hierarchy(estimator: Any) -> dict[str, Any]:
    """Return the classes of an estimator and of what it consists of."""
    own = {param.name: value for param, value in estimator.extractParamMap().items()}
    parts = [hierarchy(part) for part in _parts(estimator, own)]
    name = {"name": type(estimator).__name__}
    return {**name, "stages": parts} if parts else name


def combination(chosen: Any) -> dict[str, Any]:
    """Return one row of a search's grid: ``<Class>.<parameter>`` to its value."""
    return {f"{param.parent.partition('_')[0]}.{param.name}": v for param, v in chosen.items()}


def _parts(estimator: Any, own: dict[str, Any]) -> list[Any]:
    if isinstance(estimator, Pipeline):
        return list(own.get("stages", ()))
    inner = own.get("estimator")
    return [inner] if isinstance(inner, Estimator) else []


def _judge(own: dict[str, Any]) -> list[Any]:
    """Return the evaluator of a search, whose parameters are the search's too."""
    found = own.get("evaluator")
    return [found] if isinstance(found, Evaluator) else []


def _shown(value: Any) -> Any:
    if isinstance(value, Params | Evaluator):
        return type(value).__name__
    if isinstance(value, list) and any(isinstance(one, Params) for one in value):
        return [type(one).__name__ for one in value]
    return value


def _unused(name: str, found: dict[str, Any]) -> str:
    """Return a stage's name, with a number where another of its class came before."""
    count, unused = 1, name
    while any(key.startswith(f"{unused}.") for key in found):
        count += 1
        unused = f"{name}_{count}"
    return unused
