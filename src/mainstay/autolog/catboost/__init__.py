"""Recording for CatBoost: every ``fit``, and ``catboost.train``, which calls it."""

from __future__ import annotations

from mainstay.autolog.framework import switch
from mainstay.autolog.options import LogPlots, Options


def autolog(
    log_input_examples: bool = True,
    log_model_signatures: bool = True,
    log_models: bool = True,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,  # noqa: ARG001 - no version is turned away
    silent: bool = False,
    registered_model_name: str | None = None,
    extra_tags: dict[str, str] | None = None,
    log_plots: LogPlots = True,
) -> None:
    """Record CatBoost's training by itself; the options are those of LightGBM's autolog."""
    options = Options(
        log_input_examples=log_input_examples,
        log_model_signatures=log_model_signatures,
        log_models=log_models,
        log_datasets=log_datasets,
        disable=disable,
        exclusive=exclusive,
        silent=silent,
        registered_model_name=registered_model_name,
        extra_tags=dict(extra_tags or {}),
        log_plots=log_plots,
    )
    switch("catboost", options)
