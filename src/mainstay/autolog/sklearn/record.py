"""What is recorded of one outermost fit."""

from __future__ import annotations

import inspect
import json
from typing import Any

from mainstay import context
from mainstay.autolog.guard import aside
from mainstay.autolog.options import Options
from mainstay.autolog.sklearn import after, metrics, search
from mainstay.fluent.active import ActiveRun, end, start_run
from mainstay.fluent.inputs import log_input

CONFUSION = "training_confusion_matrix.json"
EXAMPLE_ROWS = 5


class Recording:
    """One fit: begun before it, done after it. Every part may fail without the others."""

    def __init__(self, options: Options, estimator: Any, run: ActiveRun, *, own: bool) -> None:
        self.options = options
        self.estimator = estimator
        self.run = run
        self.own = own
        self.features: Any = None
        self.targets: Any = None
        self.weights: Any = None

    @classmethod
    def begin(
        cls, options: Options, estimator: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Recording | None:
        """Log parameters and tags into the active run, or one of its own.

        Returns None if this fit is not recorded: a mere transformer, or a run that the user
        started while recording is exclusive.
        """
        recording = None
        with aside("sklearn", "the run", silent=options.silent):
            active = context.active()
            if not _predicts(estimator) or (active is not None and options.exclusive):
                return None
            run = active or start_run(tags=options.extra_tags)
            recording = cls(options, estimator, run, own=active is None)
            with recording._part("the parameters"):
                recording._read(arguments, keywords)
                recording._describe()
        return recording

    def failed(self) -> None:
        """The fit raised: a run of its own failed with it."""
        with self._part("the end of the run"):
            if self.own:
                end(self.run, "FAILED", wait=False)

    def done(self, method: str, result: Any) -> None:
        """Log metrics, data, results and the model; end a run of its own."""
        predicted = None
        with self._part("the metrics"):
            predicted = self._log_metrics()
        if predicted is not None and _is_classifier(self.estimator):
            with self._part("the confusion matrix"):
                found = metrics.confusion(self.targets, predicted)
                self._log_json(found, CONFUSION)
        if self.options.log_datasets:
            with self._part("the data set"):
                self._log_data()
        if search.is_search(self.estimator):
            with self._part("the search"):
                self._log_search()
        if self.options.log_models:
            with self._part("the model"):
                self._log_model(predicted)
        with self._part("the end of the run"):
            after.remember(self.estimator, self.run)
            if self.own:
                end(self.run, "FINISHED", wait=False)  # training goes on; the sender sends

    def _part(self, part: str) -> Any:
        return aside("sklearn", part, silent=self.options.silent)

    def _read(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """Find features, targets and weights among the arguments of ``fit``."""
        bound = inspect.signature(type(self.estimator).fit).bind_partial(
            self.estimator, *arguments, **keywords
        )
        given = {**bound.arguments, **bound.arguments.pop("params", {}), **keywords}
        self.features = given.get("X", arguments[0] if arguments else None)
        self.targets = given.get("y", given.get("Y"))
        self.weights = given.get("sample_weight")

    def _describe(self) -> None:
        kind = type(self.estimator)
        told = self.run.params
        params = {
            key: text
            for key, value in self.estimator.get_params(deep=True).items()
            # What the user logged under the same name stands; a parameter never changes.
            if told.get(key, text := str(value)) == text
        }
        self.run.params.update(params)
        self.run.owner.client.log_batch(
            self.run.run_id,
            params=params,
            tags={
                "estimator_name": kind.__name__,
                "estimator_class": f"{kind.__module__}.{kind.__name__}",
                "mlflow.autologging": "sklearn",
            },
        )

    def _log_metrics(self) -> Any:
        found, predicted = metrics.training_metrics(
            self.estimator, self.features, self.targets, self.weights, self.options.pos_label
        )
        self.run.owner.client.log_batch(self.run.run_id, metrics=found)
        return predicted

    def _log_json(self, value: Any, path: str) -> None:
        self.run.owner.client.log_bytes(self.run.run_id, json.dumps(value).encode(), path)

    def _log_data(self) -> None:
        from mainstay.data import of_fit

        log_input(of_fit(self.features, self.targets), context="train")

    def _log_search(self) -> None:
        params, numbers = search.best(self.estimator)
        client = self.run.owner.client
        client.log_batch(self.run.run_id, metrics=numbers, params=params)
        client.log_text(self.run.run_id, search.table(self.estimator), "cv_results.csv")
        kind = type(self.estimator.estimator)
        tags = {
            **self.options.extra_tags,
            "estimator_name": kind.__name__,
            "estimator_class": f"{kind.__module__}.{kind.__name__}",
            "mlflow.autologging": "sklearn",
        }
        search.log_children(self.run, self.estimator, self.options.max_tuning_runs, tags)

    def _log_model(self, predicted: Any) -> None:
        from mainstay.autolog.sklearn.model import log_fitted

        log_fitted(self.options, self.estimator, self.features, predicted)


def _predicts(estimator: Any) -> bool:
    """Say whether it is a model, not a mere step of preparing data."""
    return any(hasattr(estimator, name) for name in ("predict", "fit_predict", "decision_function"))


def _is_classifier(estimator: Any) -> bool:
    from sklearn.base import is_classifier

    return bool(is_classifier(estimator))
