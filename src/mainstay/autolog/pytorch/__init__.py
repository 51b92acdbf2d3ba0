"""Recording for PyTorch: Lightning's trainers by themselves, other loops by three lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstay.autolog.framework import switch
from mainstay.autolog.pytorch.options import PytorchOptions

if TYPE_CHECKING:
    from mainstay.autolog.pytorch.loop import Loop


def autolog(
    log_every_n_epoch: int | None = 1,
    log_every_n_step: int | None = None,
    log_models: bool = True,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,  # noqa: ARG001 - no version is turned away
    silent: bool = False,
    registered_model_name: str | None = None,
    extra_tags: dict[str, str] | None = None,
    checkpoint: bool = True,
    checkpoint_monitor: str = "val_loss",
    checkpoint_mode: str = "min",
    checkpoint_save_best_only: bool = True,
    checkpoint_save_weights_only: bool = False,
    checkpoint_save_freq: str | int = "epoch",
    log_model_signatures: bool = True,
    log_input_examples: bool = True,
) -> None:
    """Record every ``Trainer.fit`` of Lightning; the options are MLflow's (``PytorchOptions``)."""
    options = PytorchOptions(
        log_every_n_epoch=log_every_n_epoch,
        log_every_n_step=log_every_n_step,
        log_models=log_models,
        log_datasets=log_datasets,
        disable=disable,
        exclusive=exclusive,
        silent=silent,
        registered_model_name=registered_model_name,
        extra_tags=dict(extra_tags or {}),
        checkpoint=checkpoint,
        checkpoint_monitor=checkpoint_monitor,
        checkpoint_mode=checkpoint_mode,
        checkpoint_save_best_only=checkpoint_save_best_only,
        checkpoint_save_weights_only=checkpoint_save_weights_only,
        checkpoint_save_freq=checkpoint_save_freq,
        log_model_signatures=log_model_signatures,
        log_input_examples=log_input_examples,
    )
    switch("pytorch", options)


def training(
    model: Any,
    optimizer: Any = None,
    *,
    log_models: bool = True,
    log_input_examples: bool = True,
    log_model_signatures: bool = True,
    registered_model_name: str | None = None,
    extra_tags: dict[str, str] | None = None,
    **params: Any,
) -> Loop:
    """Record a hand-written training loop of a ``torch.nn.Module``; use it in a ``with`` block.

    ``params`` are further parameters to log, ``epochs=3`` say. In the block, ``step(loss=loss)``
    logs points of a step and ``epoch(val_loss=loss)`` those of an epoch; at its end the model is
    logged with the signature of what it was called with. Nothing here raises into the training.
    """
    from mainstay.autolog.pytorch.loop import Loop

    options = PytorchOptions(
        log_models=log_models,
        log_input_examples=log_input_examples,
        log_model_signatures=log_model_signatures,
        registered_model_name=registered_model_name,
        extra_tags=dict(extra_tags or {}),
    )
    return Loop(model, optimizer, options, params)
