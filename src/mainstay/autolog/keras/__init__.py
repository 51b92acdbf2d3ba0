"""Recording for Keras on any backend: every ``Model.fit``, also of ``tensorflow.keras``."""

from __future__ import annotations

from typing import Any

from mainstay.autolog.framework import switch
from mainstay.autolog.keras.options import KerasOptions


def autolog(
    log_every_epoch: bool = True,
    log_every_n_steps: int | None = None,
    log_models: bool = True,
    log_model_signatures: bool = True,
    save_exported_model: bool = False,  # noqa: ARG001 - the model is kept as one that can train
    log_datasets: bool = True,
    log_input_examples: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,  # noqa: ARG001 - no version is turned away
    silent: bool = False,
    registered_model_name: str | None = None,
    save_model_kwargs: dict[str, Any] | None = None,
    extra_tags: dict[str, str] | None = None,
) -> None:
    """Record Keras's training by itself; the options are MLflow's (see ``KerasOptions``)."""
    options = KerasOptions(
        log_every_epoch=log_every_epoch,
        log_every_n_steps=log_every_n_steps,
        log_models=log_models,
        log_model_signatures=log_model_signatures,
        log_datasets=log_datasets,
        log_input_examples=log_input_examples,
        disable=disable,
        exclusive=exclusive,
        silent=silent,
        registered_model_name=registered_model_name,
        saving={"save_model_kwargs": save_model_kwargs} if save_model_kwargs else {},
        extra_tags=dict(extra_tags or {}),
    )
    switch("keras", options)


def tensorflow_autolog(
    log_models: bool = True,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,  # noqa: ARG001 - no version is turned away
    silent: bool = False,
    registered_model_name: str | None = None,
    log_input_examples: bool = True,
    log_model_signatures: bool = True,
    saved_model_kwargs: dict[str, Any] | None = None,
    keras_model_kwargs: dict[str, Any] | None = None,
    extra_tags: dict[str, str] | None = None,
    log_every_epoch: bool = True,
    log_every_n_steps: int | None = None,
    checkpoint: bool = True,
    checkpoint_monitor: str = "val_loss",
    checkpoint_mode: str = "min",
    checkpoint_save_best_only: bool = True,
    checkpoint_save_weights_only: bool = False,
    checkpoint_save_freq: str | int = "epoch",
) -> None:
    """Record Keras's training and save models as TensorFlow's; the options are MLflow's."""
    given = {"saved_model_kwargs": saved_model_kwargs, "keras_model_kwargs": keras_model_kwargs}
    options = KerasOptions(
        flavor="tensorflow",
        log_models=log_models,
        log_datasets=log_datasets,
        disable=disable,
        exclusive=exclusive,
        silent=silent,
        registered_model_name=registered_model_name,
        log_input_examples=log_input_examples,
        log_model_signatures=log_model_signatures,
        saving={key: value for key, value in given.items() if value},
        extra_tags=dict(extra_tags or {}),
        log_every_epoch=log_every_epoch,
        log_every_n_steps=log_every_n_steps,
        checkpoint=checkpoint,
        checkpoint_monitor=checkpoint_monitor,
        checkpoint_mode=checkpoint_mode,
        checkpoint_save_best_only=checkpoint_save_best_only,
        checkpoint_save_weights_only=checkpoint_save_weights_only,
        checkpoint_save_freq=checkpoint_save_freq,
    )
    switch("keras", options)
