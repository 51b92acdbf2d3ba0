"""What is recorded of one ``Model.fit`` of Keras."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from mainstay.autolog import models
from mainstay.autolog.checkpoints import Checkpoints
from mainstay.autolog.keras.options import KerasOptions
from mainstay.autolog.recording import Recording
from mainstay.data import of_fit

Original = Callable[..., Any]

NOT_PARAMETERS = frozenset(("self", "x", "y", "verbose", "callbacks", "validation_data"))
STOPPING = ("monitor", "min_delta", "patience", "baseline", "restore_best_weights")


class _Points(keras.callbacks.Callback):  # type: ignore[misc]
    """Hands the metrics of epochs or batches on."""

    def __init__(self, recording: Recording, options: KerasOptions) -> None:
        super().__init__()
        self._recording = recording
        self._options = options
        self._checkpoints = Checkpoints(recording, options, _suffix(options))
        self._epoch = self._batches = 0

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Note which epoch it is."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log every so many batches."""
        self._batches += 1
        every = self._options.log_every_n_steps
        if every and self._batches % every == 0:
            with self._recording.part("the metrics"):
                self._recording.metrics(logs or {}, step=self._batches)
        with self._recording.part("a checkpoint"):
            self._checkpoints.after_step(self._write, logs or {}, self._epoch, self._batches)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log an epoch, its validation included."""
        if self._options.log_every_epoch and not self._options.log_every_n_steps:
            with self._recording.part("the metrics"):
                self._recording.metrics(logs or {}, step=epoch)
        with self._recording.part("a checkpoint"):
            self._checkpoints.after_epoch(self._write, logs or {}, epoch, self._batches)

    def _write(self, path: Any) -> None:
        if self._options.checkpoint_save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)


def fit(
    options: KerasOptions,
    original: Original,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Any:
    """Call ``fit`` with a callback more and record it."""
    recording = Recording.begin(options.flavor, options)
    if recording is None:
        return original(*arguments, **keywords)
    model, given = arguments[0], dict[str, Any]()
    with recording.part("the parameters"):
        bound = inspect.signature(original).bind(*arguments, **keywords)
        bound.apply_defaults()
        given = dict(bound.arguments)
        recording.describe({**_told(given), **_optimizer(model), **_stopping(given["callbacks"])})
        bound.arguments["callbacks"] = _with(
            given["callbacks"], _Points(recording, options), model, given
        )
        arguments, keywords = bound.args, bound.kwargs
    with recording.training():
        history = original(*arguments, **keywords)
    with recording.part("the early stopping"):
        recording.metrics(_stopped(given.get("callbacks")))
    with recording.part("the summary"):
        lines: list[str] = []
        model.summary(print_fn=lines.append)
        recording.text("\n".join(lines) + "\n", "model_summary.txt")
    if options.log_datasets:
        with recording.part("the data sets"):
            _log_data(recording, given)
    if options.log_models:
        with recording.part("the model"):
            _log_model(options, model, given.get("x"))
    recording.finished()
    return history


def _told(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return how ``fit`` was called; a table of weights is only said to be there."""
    return {
        key: type(value).__name__ if hasattr(value, "shape") else value
        for key, value in given.items()
        if key not in NOT_PARAMETERS
    }


def _optimizer(model: Any) -> dict[str, Any]:
    optimizer = getattr(model, "optimizer", None)
    config = {} if optimizer is None else optimizer.get_config()
    return {f"optimizer_{key}": value for key, value in config.items()}


def _with(given: Any, points: _Points, model: Any, fit: Mapping[str, Any]) -> Any:
    """Return the callbacks with ours, in whichever form they came."""
    if isinstance(given, keras.callbacks.CallbackList):
        points.set_model(model)
        points.set_params({"epochs": fit["epochs"]})
        given.append(points)
        return given
    listed = list(given) if isinstance(given, list | tuple) else [given] if given else []
    return [*listed, points]


def _rules(callbacks: Any) -> list[Any]:
    listed = getattr(callbacks, "callbacks", callbacks) or ()
    listed = listed if isinstance(listed, list | tuple) else (listed,)
    return [one for one in listed if isinstance(one, keras.callbacks.EarlyStopping)]


def _stopping(callbacks: Any) -> dict[str, Any]:
    """Return how training may stop early."""
    rules = _rules(callbacks)
    return {name: getattr(rules[0], name) for name in STOPPING} if rules else {}


def _stopped(callbacks: Any) -> dict[str, float]:
    """Return where training stopped early and which epoch was best, {} if it did not."""
    for rule in _rules(callbacks):
        if rule.stopped_epoch:
            found = {"stopped_epoch": rule.stopped_epoch}
            if rule.restore_best_weights:
                found["restored_epoch"] = rule.best_epoch
            return found
    return {}


def _log_data(recording: Recording, given: Mapping[str, Any]) -> None:
    if _is_data(given.get("x")):
        recording.dataset(of_fit(given["x"], given.get("y")), "train")
    held = given.get("validation_data")
    if isinstance(held, tuple) and len(held) >= 2 and _is_data(held[0]):
        recording.dataset(of_fit(held[0], held[1], name="validation"), "eval")


def _log_model(options: KerasOptions, model: Any, features: Any) -> None:
    rows = models.first(features) if isinstance(features, np.ndarray) else None
    models.log_fitted(
        options,
        options.flavor,
        model,
        rows=rows,
        answers=None if rows is None else models.answers(options.flavor, model, rows),
        arguments=dict(options.saving),
    )


def _is_data(value: Any) -> bool:
    """Say whether it is all there: an array, a frame or arrays by name; not a stream."""
    if isinstance(value, dict):
        return all(_is_data(one) for one in value.values())
    return isinstance(value, np.ndarray) or hasattr(value, "iloc")


def _suffix(options: KerasOptions) -> str:
    return ".weights.h5" if options.checkpoint_save_weights_only else ".keras"
