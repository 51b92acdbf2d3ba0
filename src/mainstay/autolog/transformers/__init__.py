"""Recording for Hugging Face ``Trainer``, and the trainers that are derived from it."""

from __future__ import annotations

from mainstay.autolog.framework import switch
from mainstay.autolog.transformers.options import TransformersOptions


def autolog(
    log_input_examples: bool = False,
    log_model_signatures: bool = False,
    log_models: bool = False,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,  # noqa: ARG001 - no version is turned away
    silent: bool = False,
    extra_tags: dict[str, str] | None = None,
) -> None:
    """Record each ``Trainer.train``; the options are MLflow's (see ``TransformersOptions``)."""
    options = TransformersOptions(
        log_input_examples=log_input_examples,
        log_model_signatures=log_model_signatures,
        log_models=log_models,
        log_datasets=log_datasets,
        disable=disable,
        exclusive=exclusive,
        silent=silent,
        extra_tags=dict(extra_tags or {}),
    )
    switch("transformers", options)
