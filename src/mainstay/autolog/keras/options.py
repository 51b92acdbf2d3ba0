"""What autolog records of Keras, beyond what every library has."""

from __future__ import annotations

from typing import Any

from mainstay.autolog.checkpoints import CheckpointOptions


class KerasOptions(CheckpointOptions, frozen=True, kw_only=True):
    """Options of the autolog of Keras and of TensorFlow."""

    flavor: str = "keras"
    """How the model is saved: keras or tensorflow; the tag ``mlflow.autologging`` says it too."""

    checkpoint: bool = False
    """Keep checkpoints; ``mainstay.tensorflow.autolog`` does unless told otherwise."""

    log_every_epoch: bool = True
    """Log the metrics of each epoch."""

    log_every_n_steps: int | None = None
    """Log those of each so many batches instead."""

    saving: dict[str, Any] = {}
    """The flavor's own arguments of ``save_model``."""
