"""CatBoost under autolog, which MLflow does not record, and the ways of the real library."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

import mainstay
from tests.flavors.autolog.contract import AutologContract, only_run, runs
from tests.support.parts import library

catboost = library("catboost")

pytestmark = pytest.mark.usefixtures("face")

X, y = load_iris(return_X_y=True, as_frame=True)
QUIET = {"verbose": 0, "allow_writing_files": False}


def classifier(**params: Any) -> Any:
    """Return a quick classifier."""
    return catboost.CatBoostClassifier(**{"iterations": 3, **QUIET, **params})


class TestContract(AutologContract):
    library = "catboost"
    broken_part = "the parameters"

    def fit(self) -> Any:
        return classifier().fit(X, y)

    def fit_badly(self) -> None:
        classifier(loss_function="no such loss").fit(X, y)

    def hooked(self) -> Any:
        return catboost.CatBoostClassifier.fit

    def break_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(catboost.CatBoost, "get_all_params")


def history(key: str) -> list[float]:
    """Return the values of a metric of the only run, whose steps count from 0."""
    points = mainstay.Client().get_metric_history(only_run().info.run_id, key)
    assert [point.step for point in points] == list(range(len(points)))
    return [point.value for point in points]


@pytest.mark.parametrize("iterations", [4, 2001])
def test_points_are_those_of_catboosts_own_history(
    iterations: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mainstay.catboost.autolog(log_models=False)
    model = classifier(iterations=iterations, depth=1, early_stopping_rounds=2, learning_rate=9)
    model.fit(X, y, eval_set=[(X[::2], y[::2]), (X[1::3], y[1::3])])
    told = model.get_evals_result()
    best = model.get_best_iteration()
    run = only_run()
    assert run.data.metrics["best_iteration"] == best
    assert run.data.metrics["stopped_iteration"] == len(told["learn"]["MultiClass"]) - 1
    for name in ("learn", "validation_0", "validation_1"):
        series = told[name]["MultiClass"]
        assert history(f"{name}-MultiClass") == pytest.approx([*series, series[best]])
    assert len(run.inputs.dataset_inputs) == 3


def test_parameters_that_catboost_chose_are_logged_beside_those_it_was_told() -> None:
    mainstay.catboost.autolog(log_models=False)
    model = classifier(depth=2).fit(X, y)
    params = only_run().data.params
    assert params["depth"] == "2"
    assert params["learning_rate"] == str(model.get_all_params()["learning_rate"])


@pytest.mark.parametrize("through", ["frame", "pool", "train"])
def test_the_model_has_signature_and_example_and_predicts_the_same(through: str) -> None:
    mainstay.autolog()
    if through == "frame":
        model = classifier().fit(X, y)
    elif through == "pool":
        model = classifier().fit(catboost.Pool(X, y))
    else:
        params = {"loss_function": "MultiClass", "iterations": 3, **QUIET}
        model = catboost.train(catboost.Pool(X, y), params)
    run = only_run()
    loaded = mainstay.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert loaded.signature is not None
    assert [column.name for column in loaded.signature.inputs] == list(X.columns)
    assert loaded.metadata.saved_input_example_info is not None
    assert loaded.profile is not None
    assert (loaded.predict(X) == model.predict(X)).all()
    assert len(run.inputs.dataset_inputs) == 1


def test_the_importance_of_features_is_data() -> None:
    mainstay.catboost.autolog(log_models=False)
    model = classifier().fit(X, y)
    path = f"runs:/{only_run().info.run_id}/feature_importance_prediction_values_change.json"
    found = json.loads(mainstay.artifacts.load_text(path))
    expected = dict(zip(model.feature_names_, model.get_feature_importance(), strict=True))
    assert found == pytest.approx(expected)


def test_callbacks_of_the_user_are_called_and_may_stop() -> None:
    mainstay.catboost.autolog(log_models=False)
    seen: list[int] = []

    class Mine:
        def after_iteration(self, info: Any) -> bool:
            seen.append(info.iteration)
            return info.iteration < 2

    classifier(iterations=9).fit(X, y, callbacks=[Mine()])
    assert seen == [1, 2]
    assert len(history("learn-MultiClass")) == 2


def test_what_a_search_fits_is_part_of_its_run() -> None:
    mainstay.autolog(log_models=False)
    GridSearchCV(classifier(), {"depth": [1, 2]}, cv=2).fit(X, y)
    assert len(runs()) == 3, "the search and its candidates"
    assert {run.data.tags["mlflow.autologging"] for run in runs()} == {"sklearn"}
