"""What autolog records of Lightning, beyond what every library has."""

from __future__ import annotations

from mainstay.autolog.checkpoints import CheckpointOptions


class PytorchOptions(CheckpointOptions, frozen=True, kw_only=True):
    """Options of PyTorch's autolog."""

    log_every_n_epoch: int | None = 1
    """Log what Lightning knows of an epoch after every so many; None: not at all."""

    log_every_n_step: int | None = None
    """Log what was logged ``on_step`` after every so many steps; None: with the epochs."""
