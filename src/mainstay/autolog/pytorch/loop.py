"""The hook for training loops that somebody wrote: three lines in the loop."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from mainstay.autolog import nesting
from mainstay.autolog.guard import aside
from mainstay.autolog.options import Options
from mainstay.autolog.pytorch import module
from mainstay.autolog.recording import Recording


class Loop:
    """One training: begun with its ``with`` block, ended with it, FAILED on an exception."""

    def __init__(
        self, model: Any, optimizer: Any, options: Options, params: Mapping[str, Any]
    ) -> None:
        self._model = model
        self._optimizers = () if optimizer is None else (optimizer,)
        self._options = options
        self._params = params
        self._recording: Recording | None = None
        self._first: module.FirstBatch | None = None
        self._nested = nesting.outermost()
        self._steps = self._epochs = 0

    def __enter__(self) -> Loop:
        self._recording = recording = Recording.begin("pytorch", self._options)
        self._nested.__enter__()
        if recording is not None:
            with recording.part("the parameters"):
                params = {**module.optimizer_params(self._optimizers), **self._params}
                recording.describe(params)
            with recording.part("the summary"):
                recording.text(module.summary(self._model), "model_summary.txt")
            with recording.part("the signature"):
                self._first = module.FirstBatch(self._model)
        return self

    def step(self, **values: Any) -> None:
        """Log points of the next step: numbers, or tensors of one element."""
        self._log(values, self._steps)
        self._steps += 1

    def epoch(self, **values: Any) -> None:
        """Log points of the next epoch."""
        self._log(values, self._epochs)
        self._epochs += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._nested.__exit__(kind, error, trace)
        if self._first is not None:
            with aside("pytorch", "the signature", silent=self._options.silent):
                self._first.done()
        recording = self._recording
        if recording is None:
            return
        if kind is not None:
            recording.failed()
            return
        module.log_model(recording, self._model, self._first.rows if self._first else None)
        recording.finished()

    def _log(self, values: Mapping[str, Any], step: int) -> None:
        if self._recording is not None:
            with self._recording.part("the metrics"):
                plain = {
                    key: value.detach() if hasattr(value, "detach") else value
                    for key, value in values.items()
                }
                self._recording.metrics(plain, step)
