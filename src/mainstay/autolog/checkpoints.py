"""Keep the state of a network while it trains: the best so far, or each one."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from mainstay.autolog.options import Options
from mainstay.autolog.recording import Recording

FOLDER = "checkpoints"
LATEST_TAG = "mlflow.latest_checkpoint_artifact"


class CheckpointOptions(Options, frozen=True, kw_only=True):
    """Options of a library whose checkpoints autolog keeps."""

    checkpoint: bool = True
    """Keep checkpoints."""

    checkpoint_monitor: str = "val_loss"
    """The metric that says which is best; as long as there is none of that name, none is kept."""

    checkpoint_mode: str = "min"
    """Whether the best is the lowest (min) or the highest (max)."""

    checkpoint_save_best_only: bool = True
    """Keep only the best, in the place of the one before."""

    checkpoint_save_weights_only: bool = False
    """Leave the state of the optimizer out."""

    checkpoint_save_freq: str | int = "epoch"
    """After each epoch ("epoch"), or after so many steps."""


class Checkpoints:
    """The checkpoints of one training."""

    def __init__(self, recording: Recording, options: CheckpointOptions, suffix: str) -> None:
        """``suffix`` is that of the library's files, with its dot."""
        self._recording = recording
        self._options = options
        self._suffix = suffix
        self._best = math.inf

    def after_epoch(
        self, write: Callable[[Path], object], metrics: Mapping[str, float], epoch: int, step: int
    ) -> None:
        """Keep a checkpoint if one is due; ``write`` writes it to a path."""
        if self._options.checkpoint_save_freq == "epoch":
            self._keep(write, {**metrics, "epoch": epoch, "global_step": step}, f"epoch_{epoch}")

    def after_step(
        self, write: Callable[[Path], object], metrics: Mapping[str, float], epoch: int, step: int
    ) -> None:
        """Keep a checkpoint if one is due after so many steps."""
        every = self._options.checkpoint_save_freq
        if isinstance(every, int) and step % every == 0:
            told = {**metrics, "epoch": epoch, "global_step": step}
            self._keep(write, told, f"global_step_{step}")

    def _keep(self, write: Callable[[Path], object], told: Mapping[str, float], place: str) -> None:
        if not self._options.checkpoint:
            return
        best_only = self._options.checkpoint_save_best_only
        if best_only and not self._improved(told):
            return
        name = "latest_checkpoint" if best_only else "checkpoint"
        folder = FOLDER if best_only else f"{FOLDER}/{place}"
        client, run_id = self._recording.client, self._recording.run.run_id
        with tempfile.TemporaryDirectory(prefix="mainstay-checkpoint-") as temporary:
            path = Path(temporary) / f"{name}{self._suffix}"
            write(path)
            metrics = Path(temporary) / f"{name}_metrics.json"
            metrics.write_text(json.dumps({key: float(value) for key, value in told.items()}))
            client.log_artifact(run_id, str(path), folder)
            client.log_artifact(run_id, str(metrics), folder)
        self._recording.tags({LATEST_TAG: f"{folder}/{name}{self._suffix}"})

    def _improved(self, told: Mapping[str, float]) -> bool:
        value = told.get(self._options.checkpoint_monitor)
        if value is None:
            return False
        signed = float(value) if self._options.checkpoint_mode == "min" else -float(value)
        if signed >= self._best:
            return False
        self._best = signed
        return True
