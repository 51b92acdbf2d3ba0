"""Recording for scikit-learn: every outermost ``fit`` of a predictor, pipeline or search."""

from __future__ import annotations

from mainstay.autolog.framework import switch
from mainstay.autolog.options import LogPlots
from mainstay.autolog.sklearn.options import SklearnOptions


def autolog(
    log_input_examples: bool = True,
    log_model_signatures: bool = True,
    log_models: bool = True,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,  # noqa: ARG001 - no version is turned away
    silent: bool = False,
    max_tuning_runs: int | None = 5,
    log_post_training_metrics: bool = True,
    serialization_format: str | None = None,
    registered_model_name: str | None = None,
    pos_label: int | str | None = None,
    extra_tags: dict[str, str] | None = None,
    log_plots: LogPlots = True,
) -> None:
    """Record scikit-learn's fits by itself; the options are MLflow's (see ``SklearnOptions``)."""
    options = SklearnOptions(
        log_input_examples=log_input_examples,
        log_model_signatures=log_model_signatures,
        log_models=log_models,
        log_datasets=log_datasets,
        disable=disable,
        exclusive=exclusive,
        silent=silent,
        max_tuning_runs=max_tuning_runs,
        log_post_training_metrics=log_post_training_metrics,
        serialization_format=serialization_format,
        registered_model_name=registered_model_name,
        pos_label=pos_label,
        extra_tags=dict(extra_tags or {}),
        log_plots=log_plots,
    )
    switch("sklearn", options)
