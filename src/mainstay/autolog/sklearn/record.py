"""What is recorded of one outermost fit."""

from __future__ import annotations

import inspect
from typing import Any, cast

from mainstay.autolog import models
from mainstay.autolog.recording import Recording
from mainstay.autolog.sklearn import after, drawn, metrics, search
from mainstay.autolog.sklearn.options import SklearnOptions


class FitRecording:
    """One fit of an estimator: begun before it, done after it."""

    def __init__(self, recording: Recording, estimator: Any) -> None:
        self.recording = recording
        self.options = cast(SklearnOptions, recording.options)
        self.estimator = estimator
        self.features: Any = None
        self.targets: Any = None
        self.weights: Any = None

    @classmethod
    def of(
        cls,
        options: SklearnOptions,
        estimator: Any,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> FitRecording | None:
        """Log parameters and tags into the active run, or one of its own.

        Returns None if this fit is not recorded: a mere transformer, or a run that the user
        started while recording is exclusive.
        """
        begun = Recording.begin("sklearn", options) if _predicts(estimator) else None
        if begun is None:
            return None
        made = cls(begun, estimator)
        with begun.part("the parameters"):
            made._read(arguments, keywords)
            begun.describe(estimator.get_params(deep=True), estimator)
        return made

    def failed(self) -> None:
        """The fit raised: a run of its own failed with it."""
        self.recording.failed()

    def done(self) -> None:
        """Log metrics, data, results and the model; end a run of its own."""
        self.recording.trained()
        part = self.recording.part
        judged = metrics.Judged()
        with part("the metrics"):
            judged = self._judge()
        if self.options.log_plots:
            self._log_plots(judged)
        if self.options.log_datasets:
            with part("the data set"):
                self._log_data()
        if search.is_search(self.estimator):
            with part("the search"):
                self._log_search()
        if self.options.log_models:
            with part("the model"):
                self._log_model(judged.predicted)
        with part("the end of the run"):
            after.remember(self.estimator, self.recording.run)
        self.recording.finished()

    def _read(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """Find features, targets and weights among the arguments of ``fit``."""
        bound = inspect.signature(type(self.estimator).fit).bind_partial(
            self.estimator, *arguments, **keywords
        )
        given = {**bound.arguments, **bound.arguments.pop("params", {}), **keywords}
        self.features = given.get("X", arguments[0] if arguments else None)
        self.targets = given.get("y", given.get("Y"))
        self.weights = given.get("sample_weight")

    def _judge(self) -> metrics.Judged:
        judged = metrics.training_metrics(
            self.estimator, self.features, self.targets, self.weights, self.options.pos_label
        )
        self.recording.metrics(judged.metrics)
        return judged

    def _log_plots(self, judged: metrics.Judged) -> None:
        """Log what shows how good the model is, and what it goes by."""
        recording = self.recording
        if judged.predicted is not None and _is_classifier(self.estimator):
            with recording.part("the confusion matrix"):
                for path, plot in drawn.confusion(self.targets, judged.predicted):
                    recording.plot(plot, path)
            with recording.part("the curves"):
                found = drawn.curves(
                    self.estimator,
                    self.features,
                    self.targets,
                    judged.chances,
                    self.weights,
                    self.options.pos_label,
                )
                for path, plot in found:
                    recording.plot(plot, path)
        with recording.part("the importance of features"):
            for path, plot in drawn.importance(self.estimator):
                recording.plot(plot, path)

    def _log_data(self) -> None:
        from mainstay.data import of_fit

        self.recording.dataset(of_fit(self.features, self.targets), "train")

    def _log_search(self) -> None:
        params, numbers = search.best(self.estimator)
        recording = self.recording
        recording.client.log_batch(recording.run.run_id, metrics=numbers, params=params)
        recording.text(search.table(self.estimator), "cv_results.csv")
        tags = {
            **self.options.extra_tags,
            **recording.estimator_tags(self.estimator.estimator),
        }
        search.log_children(recording.run, self.estimator, self.options.max_tuning_runs, tags)

    def _log_model(self, predicted: Any) -> None:
        form = self.options.serialization_format
        rows = models.first(self.features)
        models.log_fitted(
            self.options,
            "sklearn",
            self.estimator,
            rows=rows,
            whole=self.features if rows is not None else None,
            answers=predicted,
            arguments={} if form is None else {"serialization_format": form},
        )


def _predicts(estimator: Any) -> bool:
    """Say whether it is a model, not a mere step of preparing data."""
    return any(hasattr(estimator, name) for name in ("predict", "fit_predict", "decision_function"))


def _is_classifier(estimator: Any) -> bool:
    from sklearn.base import is_classifier

    return bool(is_classifier(estimator))
