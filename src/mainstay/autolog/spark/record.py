"""What is recorded of one ``Estimator.fit`` of Spark ML, and of evaluations after it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fnmatch import fnmatch
from typing import Any
from weakref import WeakKeyDictionary

from pyspark.ml.linalg import VectorUDT

from mainstay.autolog import models
from mainstay.autolog.recording import Recording
from mainstay.autolog.spark import params, search
from mainstay.autolog.spark.options import SparkOptions
from mainstay.autolog.variables import name_of

Original = Callable[..., Any]

COLUMNS = ("inputCol", "inputCols", "featuresCol")
"""Parameters that name what a stage reads."""

_runs: WeakKeyDictionary[Any, Recording] = WeakKeyDictionary()
"""In which run a model was fitted."""

_answers: WeakKeyDictionary[Any, tuple[Recording, str]] = WeakKeyDictionary()
"""Which frames are answers of a recorded model, and what the caller calls what it was asked."""

_evaluations: WeakKeyDictionary[Recording, dict[str, Any]] = WeakKeyDictionary()


def fit(
    options: SparkOptions,
    original: Original,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Any:
    """Call ``fit`` and record it; a fit of several parameter maps at once is not recorded."""
    given = dict(zip(("self", "dataset", "params"), arguments, strict=False)) | keywords
    several = isinstance(given.get("params"), list | tuple)
    recording = None if several else Recording.begin("pyspark.ml", options)
    if recording is None:
        return original(*arguments, **keywords)
    estimator, data = given["self"], given.get("dataset")
    with recording.part("the parameters"):
        if given.get("params"):
            estimator = estimator.copy(given["params"])
        recording.describe(params.of(estimator), estimator)
        shape = params.hierarchy(estimator)
        if "stages" in shape:
            recording.json({"hierarchy": shape}, "estimator_info.json")
    with recording.training():
        model = original(*arguments, **keywords)
    if search.is_search(model):
        with recording.part("the search"):
            search.log(recording, estimator, model)
    if options.log_datasets:
        with recording.part("the data set"):
            _log_data(recording, data, "train")
    if options.log_models and _allowed(options, model):
        with recording.part("the model"):
            _log_model(options, model, data)
    with recording.part("the end of the run"):
        _runs[model] = recording
    recording.finished()
    return model


def transformed(
    options: SparkOptions,  # noqa: ARG001 - the signature of what is told afterwards
    original: Original,  # noqa: ARG001
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    answers: Any,
) -> None:
    """Remember that a frame holds a recorded model's answers."""
    recording = _runs.get(arguments[0])
    if recording is not None:
        data = keywords.get("dataset", arguments[1] if len(arguments) > 1 else None)
        _answers[answers] = (recording, name_of(data, "pyspark"))


def evaluated(
    options: SparkOptions,
    original: Original,  # noqa: ARG001 - the signature of what is told afterwards
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    value: Any,
) -> None:
    """Log what an evaluator says of a recorded model's answers: ``<metric>_<variable>``.

    A second value under the same name gets ``-2`` at its end, as in MLflow.
    """
    answers = keywords.get("dataset", arguments[1] if len(arguments) > 1 else None)
    found = _answers.get(answers)
    if found is None or not options.log_post_training_metrics or not isinstance(value, float):
        return
    (recording, variable), evaluator = found, arguments[0]
    known = _evaluations.setdefault(recording, {})
    base = f"{evaluator.getOrDefault('metricName')}_{variable}"
    count = 1 + sum(key == base or key.startswith(f"{base}-") for key in known)
    key = base if count == 1 else f"{base}-{count}"
    recording.metrics({key: value})
    kind = type(evaluator)
    known[key] = {
        "evaluator_class": f"{kind.__module__}.{kind.__name__}",
        "params": {param.name: shown for param, shown in evaluator.extractParamMap().items()},
    }
    recording.json(known, "metric_info.json")


def _log_data(recording: Recording, data: Any, purpose: str) -> None:
    """Record the frame by its plan: reading all of it would be one more job over the data."""
    from mainstay.data import from_spark

    plan = f"{data.semanticHash()} {data.schema.simpleString()}"
    digest = hashlib.sha256(plan.encode()).hexdigest()[:16]
    recording.dataset(from_spark(data, name="dataset", digest=digest), purpose)


def _log_model(options: SparkOptions, model: Any, data: Any) -> None:
    rows = _rows(model, data) if options.log_model_signatures else None
    models.log_fitted(
        options,
        "spark",
        _best(model),
        rows=rows,
        answers=None if rows is None else models.answers("spark", _best(model), rows),
    )


def _best(model: Any) -> Any:
    return getattr(model, "bestModel", model)


def _rows(model: Any, data: Any) -> Any:
    """Return a few rows of the columns that the model reads; None where they hold vectors."""
    best = _best(model)
    read: list[str] = []
    for stage in getattr(best, "stages", [best]):
        for name in COLUMNS:
            if stage.hasParam(name) and stage.isDefined(name):
                value = stage.getOrDefault(name)
                read += [value] if isinstance(value, str) else value
    known = [name for name in data.columns if name in read]
    if not known or any(isinstance(data.schema[name].dataType, VectorUDT) for name in known):
        return None
    return data.select(*known).limit(models.EXAMPLE_ROWS).toPandas()


def _allowed(options: SparkOptions, model: Any) -> bool:
    name = f"{type(model).__module__}.{type(model).__name__}"
    allowed = options.log_model_allowlist
    return allowed is None or any(fnmatch(name, pattern) for pattern in allowed)
