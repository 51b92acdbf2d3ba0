"""Recording for Spark ML: every outermost ``Estimator.fit``, and evaluators afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.autolog.framework import switch
from mainstay.autolog.spark.options import SparkOptions


def autolog(
    log_models: bool = True,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,  # noqa: ARG001 - no version is turned away
    silent: bool = False,
    log_post_training_metrics: bool = True,
    registered_model_name: str | None = None,
    log_input_examples: bool = True,
    log_model_signatures: bool = True,
    log_model_allowlist: Sequence[str] | None = None,
    extra_tags: dict[str, str] | None = None,
) -> None:
    """Record Spark ML's fits by itself; the options are MLflow's (see ``SparkOptions``)."""
    allowed = log_model_allowlist
    options = SparkOptions(
        log_models=log_models,
        log_datasets=log_datasets,
        disable=disable,
        exclusive=exclusive,
        silent=silent,
        log_post_training_metrics=log_post_training_metrics,
        registered_model_name=registered_model_name,
        log_input_examples=log_input_examples,
        log_model_signatures=log_model_signatures,
        log_model_allowlist=None if allowed is None else tuple(allowed),
        extra_tags=dict(extra_tags or {}),
    )
    switch("pyspark.ml", options)
