"""One training of boosted trees: points at each iteration, and where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mainstay.autolog import importance, models
from mainstay.autolog.origin import Origin
from mainstay.autolog.recording import Recording
from mainstay.data import of_fit

Data = tuple[Any, Any, str]
"""Features, targets and the name of a data set."""


class Boosting:
    """What the libraries of boosted trees have in common. Iterations count from 0."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.history: list[dict[str, float]] = []

    def point(self, values: Mapping[str, float]) -> None:
        """Log the evaluations after the next iteration."""
        with self.recording.part("the metrics of iterations"):
            self.history.append({key: float(value) for key, value in values.items()})
            self.recording.metrics(self.history[-1], step=len(self.history) - 1)

    def stopped(self, *, stopped: int, best: int, best_index: int) -> None:
        """Log how it stopped, and the evaluations of the best iteration once more, as the last.

        ``stopped`` and ``best`` are numbers of iterations as the library counts; ``best_index``
        counts from 0. The last value of each metric is then the best model's, as in MLflow.
        """
        self.recording.metrics({"stopped_iteration": stopped, "best_iteration": best})
        if best_index < len(self.history):
            self.recording.metrics(self.history[best_index], step=len(self.history))

    def describe(self, params: Mapping[str, Any], model: Any = None) -> None:
        """Log parameters; a function is called by its name."""
        shown = {
            key: getattr(value, "__name__", value) if callable(value) else value
            for key, value in params.items()
        }
        self.recording.describe(shown, model)

    def data(self, found: Sequence[Data], purpose: str) -> None:
        """Record data sets with their targets, ``purpose`` being ``train`` or ``eval``."""
        for features, targets, name in found:
            self.recording.dataset(of_fit(features, targets, name=name), purpose)

    def importance(self, kind: str, measure: Callable[[], Mapping[str, float]]) -> None:
        """Log an importance of features."""
        with self.recording.part("the importance of features"):
            importance.log(self.recording, kind, measure())

    def model(self, model: Any, made_of: Origin, arguments: dict[str, Any] | None = None) -> None:
        """Log the model of this library's flavor, if that is wanted."""
        recording, rows = self.recording, made_of.rows
        if not recording.options.log_models:
            return
        with recording.part("the model"):
            models.log_fitted(
                recording.options,
                recording.library,
                model,
                rows=rows,
                answers=None if rows is None else models.answers(recording.library, model, rows),
                whole=None if rows is None else made_of.whole,
                arguments=arguments,
            )
