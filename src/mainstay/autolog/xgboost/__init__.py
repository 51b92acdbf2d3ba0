"""Recording for XGBoost: ``xgboost.train`` and the estimators of ``xgboost.sklearn``."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.autolog.framework import switch
from mainstay.autolog.options import LogPlots
from mainstay.autolog.xgboost.options import IMPORTANCE, XgboostOptions


def autolog(
    importance_types: Sequence[str] | None = None,
    log_input_examples: bool = True,
    log_model_signatures: bool = True,
    log_models: bool = True,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,  # noqa: ARG001 - no version is turned away
    silent: bool = False,
    registered_model_name: str | None = None,
    model_format: str = "ubj",
    extra_tags: dict[str, str] | None = None,
    log_plots: LogPlots = True,
) -> None:
    """Record XGBoost's training by itself; the options are MLflow's (see ``XgboostOptions``)."""
    options = XgboostOptions(
        importance_types=tuple(importance_types or IMPORTANCE),
        log_input_examples=log_input_examples,
        log_model_signatures=log_model_signatures,
        log_models=log_models,
        log_datasets=log_datasets,
        disable=disable,
        exclusive=exclusive,
        silent=silent,
        registered_model_name=registered_model_name,
        model_format=model_format,
        extra_tags=dict(extra_tags or {}),
        log_plots=log_plots,
    )
    switch("xgboost", options)
