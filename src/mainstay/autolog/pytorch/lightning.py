"""What is recorded of one ``Trainer.fit`` of Lightning."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from mainstay.autolog.checkpoints import Checkpoints
from mainstay.autolog.pytorch import module
from mainstay.autolog.pytorch.options import PytorchOptions
from mainstay.autolog.recording import Recording

Original = Callable[..., Any]

_runs: WeakKeyDictionary[Any, Recording] = WeakKeyDictionary()
"""In which run a trainer was fitted last."""


class Points:
    """The part of a callback that records; Lightning's own ``Callback`` is added to it.

    Strategies that start processes of their own (``ddp_spawn``, ``ddp_fork``) take it along to
    every rank: the first one writes into the run that the process before them began.
    """

    def __init__(self, recording: Recording, options: PytorchOptions) -> None:
        self._recording = recording
        self._options = options
        self._checkpoints = Checkpoints(recording, options, ".pth")
        self._when: dict[str, str] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as what is needed to go on there."""
        library = type(self).__mro__[2].__module__.partition(".callbacks")[0]
        return _elsewhere, (library, self._options, self._recording.run.run_id)

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Log what is known once the optimizers are made."""
        if not trainer.is_global_zero:
            return
        with self._recording.part("the parameters"):
            params = {**_stopping(trainer), "epochs": trainer.max_epochs}
            params |= module.optimizer_params(trainer.optimizers)
            hyper = {f"hparams.{key}": value for key, value in pl_module.hparams.items()}
            self._recording.describe({**params, **hyper})
            self._recording.tags({"Mode": "training"})
        with self._recording.part("the summary"):
            library = sys.modules[type(trainer).__module__.partition(".trainer")[0]]
            text = str(library.utilities.model_summary.summarize(pl_module, max_depth=-1))
            self._recording.text(text, "model_summary.txt")

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Log points of a step, every so many, and keep a checkpoint where that is wanted."""
        if not trainer.is_global_zero:
            return
        done, every = trainer.global_step, self._options.log_every_n_step
        with self._recording.part("the metrics"):
            known = trainer.callback_metrics
            self._first_seen(known, "step")
            if every and done % every == 0:
                found = {key: known[key] for key in known if self._is_of_a_step(key, known)}
                self._recording.metrics(found, step=done - 1)
        if trainer.world_size > 1:
            return
        with self._recording.part("a checkpoint"):
            self._checkpoints.after_step(
                self._write(trainer), trainer.callback_metrics, trainer.current_epoch, done
            )

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Note what is logged of a validation."""
        if not trainer.is_global_zero:
            return
        with self._recording.part("the metrics"):
            self._first_seen(trainer.callback_metrics, "epoch")

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Log points of an epoch, its validation included."""
        if not trainer.is_global_zero:
            return
        epoch, every = trainer.current_epoch, self._options.log_every_n_epoch
        with self._recording.part("the metrics"):
            known = trainer.callback_metrics
            self._first_seen(known, "epoch")
            if every and epoch % every == 0:
                steps = self._options.log_every_n_step is not None
                found = {
                    key: known[key]
                    for key in known
                    if not (steps and self._is_of_a_step(key, known))
                }
                self._recording.metrics(found, step=epoch)
        if trainer.world_size > 1:
            return  # all ranks would have to write together; the trainer's own callback does
        with self._recording.part("a checkpoint"):
            self._checkpoints.after_epoch(
                self._write(trainer), trainer.callback_metrics, epoch, trainer.global_step
            )

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """Log how it stopped early, if it did, and the checkpoint that was best."""
        if not trainer.is_global_zero:
            return
        with self._recording.part("the early stopping"):
            self._recording.metrics(_stopped(trainer))
        with self._recording.part("the best checkpoint"):
            best = getattr(trainer.checkpoint_callback, "best_model_path", "")
            if best and Path(best).is_file():
                client, run_id = self._recording.client, self._recording.run.run_id
                client.log_artifact(run_id, best, "restored_model_checkpoint")

    def _first_seen(self, known: Mapping[str, Any], when: str) -> None:
        """Note whether a metric comes from training steps, or from epochs and validations."""
        for key in known:
            self._when.setdefault(key, when)

    def _is_of_a_step(self, key: str, known: Mapping[str, Any]) -> bool:
        """Say whether it is a step's own value; what is also averaged has another name for it."""
        return self._when.get(key) == "step" and f"{key}_step" not in known

    def _write(self, trainer: Any) -> Callable[[Path], object]:
        weights = self._options.checkpoint_save_weights_only
        return partial(trainer.save_checkpoint, weights_only=weights)


def fit(
    options: PytorchOptions,
    original: Original,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Any:
    """Call ``Trainer.fit`` with a callback more and record it, on the first rank only."""
    trainer = arguments[0]
    model = arguments[1] if len(arguments) > 1 else keywords.get("model")
    first = trainer.is_global_zero and model is not None
    recording = Recording.begin("pytorch", options) if first else None
    if recording is None:
        return original(*arguments, **keywords)
    points = batch = None
    with recording.part("anything"):
        points = _callback(trainer, recording, options)
        trainer.callbacks.insert(0, points)
        batch = module.FirstBatch(getattr(model, "_orig_mod", model))
    try:
        with recording.training():
            result = original(*arguments, **keywords)
    finally:
        if points in trainer.callbacks:
            trainer.callbacks.remove(points)
    if batch is not None:
        batch.done()
    module.log_model(recording, getattr(model, "_orig_mod", model), batch.rows if batch else None)
    with recording.part("the end of the run"):
        _runs[trainer] = recording
    recording.finished()
    return result


def tested(trainer: Any, found: Sequence[Mapping[str, float]]) -> None:
    """Log what ``Trainer.test`` found into the run that the trainer was fitted in."""
    recording = _runs.get(trainer)
    if recording is None:
        return
    for values in found or ():
        recording.metrics(values)
    recording.tags({"Mode": "testing"})


def _callback(trainer: Any, recording: Recording, options: PytorchOptions) -> Any:
    return _kind(type(trainer).__module__.partition(".trainer")[0])(recording, options)


def _kind(library: str) -> Any:
    return type("MainstayPoints", (Points, import_module(library).Callback), {})


def _elsewhere(library: str, options: PytorchOptions, run_id: str) -> Any:
    """Return the callback in a process that a strategy started."""
    return _kind(library)(Recording.rejoin("pytorch", options, run_id), options)


def _early_stopping(trainer: Any) -> Any:
    return next(iter(getattr(trainer, "early_stopping_callbacks", ())), None)


def _stopping(trainer: Any) -> dict[str, Any]:
    """Return how training may stop early."""
    rule = _early_stopping(trainer)
    if rule is None:
        return {}
    names = ("monitor", "mode", "patience", "min_delta", "stopped_epoch")
    return {name: getattr(rule, name) for name in names}


def _stopped(trainer: Any) -> dict[str, float]:
    """Return how training stopped early, {} if it did not."""
    rule = _early_stopping(trainer)
    if rule is None or not rule.stopped_epoch:
        return {}
    return {
        "stopped_epoch": rule.stopped_epoch,
        "restored_epoch": rule.stopped_epoch - max(1, rule.patience),
        "best_score": float(rule.best_score),
        "wait_count": rule.wait_count,
    }
