"""``mainstay.evaluate``: MLflow's call, and behind it the evidence that gates decide from."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mainstay import context
from mainstay.errors import BadInput, NotImplementedHere
from mainstay.evaluation import dataset, named
from mainstay.evaluation.evaluator import DEFAULT_MEASURES, EvaluationStores
from mainstay.evaluation.evaluator import evaluate as measure
from mainstay.evaluation.measures import quality
from mainstay.evaluation.result import EvaluationResult
from mainstay.evaluation.subject import ModelType
from mainstay.fluent import artifacts, inputs, logging
from mainstay.fluent.session import session
from mainstay.models.loading import load_model
from mainstay.models.predictor import PyFuncModel

TYPES = ("classifier", "regressor")
EVALUATORS = (None, "default", "classifier", "regressor")


class EvaluationMetric(msgspec.Struct, frozen=True, kw_only=True):
    """A metric of one's own: ``eval_fn`` of ``predictions``, ``targets``, ``metrics`` to a number.

    It is given those of the three that its arguments name.
    """

    eval_fn: Callable[..., Any]
    greater_is_better: bool
    name: str


def make_metric(
    *,
    eval_fn: Callable[..., Any],
    greater_is_better: bool,
    name: str | None = None,
    long_name: str | None = None,  # noqa: ARG001 - MLflow's names, which nothing here shows
    version: str | None = None,  # noqa: ARG001
    **_: Any,
) -> EvaluationMetric:
    """Make a metric for ``extra_metrics``, by default under the function's name."""
    return EvaluationMetric(
        eval_fn=eval_fn, greater_is_better=greater_is_better, name=name or eval_fn.__name__
    )


def evaluate(
    model: Any = None,
    data: Any = None,
    targets: Any = None,
    *,
    model_type: str | None = None,
    predictions: str | None = None,
    dataset_path: str | None = None,  # noqa: ARG001 - MLflow's name; a described data set knows
    feature_names: Sequence[str] | None = None,
    evaluators: Any = None,
    evaluator_config: Mapping[str, Any] | None = None,
    extra_metrics: Sequence[EvaluationMetric] | None = None,
    custom_artifacts: Sequence[Callable[..., Any]] | None = None,
    env_manager: str = "local",
    model_config: Mapping[str, Any] | None = None,
    inference_params: Mapping[str, Any] | None = None,
    model_id: str | None = None,
    stores: EvaluationStores | None = None,
    baseline: str | None = None,
    measures: Sequence[str] = DEFAULT_MEASURES,
    calls: int = 200,
) -> EvaluationResult:
    """Measure a model on rows with known targets.

    ``model`` is an address, a loaded model, a function of rows, or None where the column
    ``predictions`` of ``data`` holds what was said. Metrics go to the active run, if there is one,
    under MLflow's names. Of an address the evidence is made too, and recorded if it is a registered
    version's: see ``mainstay.evaluation.evaluator.evaluate`` for ``baseline``, ``measures``,
    ``calls`` and ``stores``.

    ``data`` is a frame, an array, a file, or a described data set, which brings its targets.
    ``evaluator_config`` may hold ``metric_prefix``, ``pos_label``, ``average``, ``sample_weights``.

    Raises: what ``evaluator.evaluate`` raises; NotImplementedHere: evaluators, model types and
    environments that are not here.
    """
    _known(evaluators, model_type, env_manager)
    config = dict(evaluator_config or {})
    described = data if hasattr(data, "record") else None
    if described is not None:
        data, targets = described.df, described.targets if targets is None else targets
    if targets is None:
        raise BadInput("evaluate needs targets: a column's name, or one value a row")
    if feature_names is not None and not isinstance(data, pd.DataFrame):
        data = pd.DataFrame(np.asarray(data), columns=list(feature_names))
    data = dataset.read(Path(data)) if isinstance(data, (str, Path)) else data
    held = dataset.make(data, targets)
    kind: ModelType = "regressor" if model_type == "regressor" else "classifier"
    kind = kind if model_type is not None else quality.model_type(held.targets)
    result = EvaluationResult(evidence=[], recorded=False)
    if isinstance(model, str):
        result = measure(
            model,
            data,
            targets,
            stores=stores,
            baseline=baseline,
            measures=measures,
            model_type=kind,
            calls=calls,
        )
        where = session().stores if stores is None else stores
        model = load_model(model, stores=where, model_config=dict(model_config or {}) or None)
    said, odds, classes = _said(model, held.rows, predictions, inference_params)
    if kind == "classifier" and odds is None and quality.looks_like_odds(said, held.targets):
        classes = np.unique(held.targets)
        odds, said = np.column_stack([1 - said, said]), classes[(said >= quality.HALF).astype(int)]
    weights = _weights(config.get("sample_weights"))
    values = _own_score(model, held, weights) | named.metrics(
        kind,
        held.targets,
        said,
        odds=odds,
        classes=classes,
        average=config.get("average", "weighted"),
        pos_label=config.get("pos_label"),
        weights=weights,
    )
    for metric in extra_metrics or ():
        values |= _extra(metric, said, held.targets, values)
    prefix = config.get("metric_prefix") or ""
    values = {f"{prefix}{name}": value for name, value in values.items()}
    made = _artifacts(kind, held, said, values, custom_artifacts, prefix)
    run_id = _log(described, values, made, model_id)
    return msgspec.structs.replace(result, named=values, artifacts=made, run_id=run_id)


def _known(evaluators: Any, model_type: str | None, env_manager: str) -> None:
    for one in evaluators if isinstance(evaluators, (list, tuple)) else [evaluators]:
        if one not in EVALUATORS:
            raise NotImplementedHere(f"there is no evaluator {one!r}; there is 'default'")
    if model_type is not None and model_type not in TYPES:
        raise NotImplementedHere(
            f"models of the type {model_type!r} are not measured; give {' or '.join(TYPES)}"
        )
    if env_manager != "local":
        raise NotImplementedHere(
            "evaluate measures in this process; `mainstay evaluate` or a project runs elsewhere"
        )


def _said(
    model: Any, rows: pd.DataFrame, predictions: str | None, params: Mapping[str, Any] | None
) -> tuple[Any, Any, Any]:
    """Return predictions, and where the model gives them probabilities and classes."""
    if model is None:
        if predictions is None or predictions not in rows.columns:
            raise BadInput("without a model, predictions= names the column that holds them")
        return rows[predictions].to_numpy(), None, None
    if not isinstance(model, PyFuncModel):
        return np.asarray(model(rows)).ravel(), None, None
    said = model.predict(rows, params=dict(params)) if params else model.predict(rows)
    if isinstance(said, pd.DataFrame):
        said = said[predictions] if predictions in said.columns else said.iloc[:, 0]
    native = model.unwrap()
    if not (hasattr(native, "predict_proba") and hasattr(native, "classes_")):
        return np.asarray(said).ravel(), None, None
    odds = np.asarray(native.predict_proba(model.decoder.fit(rows)), dtype=float)
    classes = np.asarray(native.classes_)
    said = np.asarray(said)
    if said.ndim == 2 and said.shape[1] == len(classes) > 1:  # it gives probabilities itself
        return classes[np.argmax(said, axis=1)], odds, classes
    return said.ravel(), odds, classes


def _own_score(model: Any, held: dataset.Dataset, weights: Any) -> dict[str, float]:
    """Return what a scikit-learn estimator says of itself on the rows, as ``score``."""
    native = model.unwrap() if isinstance(model, PyFuncModel) else None
    if native is None or not (hasattr(native, "score") and hasattr(native, "get_params")):
        return {}
    weighted = {} if weights is None else {"sample_weight": weights}
    return {"score": float(native.score(model.decoder.fit(held.rows), held.targets, **weighted))}


def _weights(given: Any) -> Any:
    return None if given is None else np.asarray(given, dtype=float)


def _extra(metric: Any, said: Any, targets: Any, values: dict[str, float]) -> dict[str, float]:
    """Call a metric with what it asks for; a number, or values by name, come back."""
    offered = {
        "predictions": pd.Series(said, name="prediction"),
        "targets": pd.Series(targets, name="target"),
        "metrics": dict(values),
    }
    asked = inspect.signature(metric.eval_fn).parameters
    found = metric.eval_fn(**{name: value for name, value in offered.items() if name in asked})
    if hasattr(found, "aggregate_results"):
        return {f"{metric.name}/{key}": float(v) for key, v in found.aggregate_results.items()}
    return {metric.name: float(found)}


def _artifacts(
    kind: ModelType,
    held: dataset.Dataset,
    said: Any,
    values: dict[str, float],
    custom: Sequence[Callable[..., Any]] | None,
    prefix: str,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if kind == "classifier":
        found[f"{prefix}confusion_matrix"] = named.confusion(held.targets, said)
    frame = pd.DataFrame({"prediction": said, "target": held.targets})
    for make in custom or ():
        with tempfile.TemporaryDirectory(prefix="mainstay-evaluation-") as folder:
            made = make(frame.copy(), dict(values), folder) or {}
            for name, one in made.items():
                # What lies in the folder goes with it.
                path = Path(one) if isinstance(one, (str, Path)) else None
                kept = path.read_bytes() if path is not None and path.is_file() else one
                found[str(path.name if path is not None and path.is_file() else name)] = kept
    return found


def _log(
    described: Any, values: dict[str, float], made: dict[str, Any], model_id: str | None
) -> str | None:
    run = context.active()
    if run is None:
        return None
    logging.log_metrics(values, model_id=model_id)
    if described is not None:
        inputs.log_input(described, context="evaluation")
    for name, one in made.items():
        if isinstance(one, bytes):
            run.owner.client.log_bytes(run.run_id, one, name)
        elif isinstance(one, pd.DataFrame):
            artifacts.log_text(one.to_csv(index=False), f"{name}.csv")
        elif hasattr(one, "savefig"):
            artifacts.log_figure(one, f"{name}.png")
        else:
            artifacts.log_dict(one, f"{name}.json")
    return run.run_id
