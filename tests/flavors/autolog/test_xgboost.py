"""XGBoost under autolog, beside MLflow's, and the ways of the real library."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mainstay
from tests.flavors.autolog.comparison import Comparison
from tests.flavors.autolog.contract import AutologContract, only_run, runs
from tests.support.parts import library

xgboost = library("xgboost")

pytestmark = pytest.mark.usefixtures("face")

X, y = load_iris(return_X_y=True, as_frame=True)
PARAMS = {"objective": "multi:softprob", "num_class": 3}


class TestComparison(Comparison):
    fits = ("xgboost_train", "xgboost_estimator")
    ours = {
        "tags": {"estimator_name", "estimator_class"},
        "artifacts": {"plots/feature_importance_weight.json"},
    }
    theirs = {"artifacts": {"feature_importance_weight.png"}}


class TestContract(AutologContract):
    library = "xgboost"
    broken_part = "the importance of features"

    def fit(self) -> Any:
        return xgboost.train(PARAMS, xgboost.DMatrix(X, y), 2)

    def fit_badly(self) -> None:
        xgboost.train({"objective": "no such thing"}, xgboost.DMatrix(X, y), 2)

    def hooked(self) -> Any:
        return xgboost.train

    def break_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(xgboost.Booster, "get_score")


def test_the_model_has_signature_example_and_profile_and_predicts_the_same() -> None:
    mainstay.xgboost.autolog(registered_model_name="iris", model_format="json")
    frame = X.assign(count=range(len(X)))
    booster = xgboost.train(PARAMS, xgboost.DMatrix(frame, y), 3)
    run = only_run()
    model = mainstay.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert model.signature is not None
    assert [str(c.type.value) for c in model.signature.inputs] == ["double"] * 4 + ["long"]
    assert model.profile is not None
    assert model.metadata.saved_input_example_info is not None
    assert (model.predict(frame) == booster.predict(xgboost.DMatrix(frame))).all()
    assert model.metadata.flavors["xgboost"]["model_format"] == "json"
    (version,) = mainstay.search_model_versions(filter_string="name = 'iris'")
    assert version.version == 1


def test_an_estimators_model_is_the_estimator() -> None:
    mainstay.autolog()
    estimator = xgboost.XGBClassifier(n_estimators=3).fit(X, y)
    run = only_run()
    assert run.data.tags["estimator_name"] == "XGBClassifier"
    assert run.data.params["num_boost_round"] == "3"
    loaded = mainstay.xgboost.load_model(f"runs:/{run.info.run_id}/model")
    assert (loaded.predict(X) == estimator.predict(X)).all()


def test_every_kind_of_importance_that_is_asked_for_is_data() -> None:
    mainstay.xgboost.autolog(importance_types=["gain", "cover"], log_models=False)
    booster = xgboost.train(PARAMS, xgboost.DMatrix(X, y), 3)
    for kind in ("gain", "cover"):
        path = f"runs:/{only_run().info.run_id}/feature_importance_{kind}.json"
        found = json.loads(mainstay.artifacts.load_text(path))
        assert found == pytest.approx(booster.get_score(importance_type=kind))
        assert list(found.values()) == sorted(found.values(), reverse=True)


@pytest.mark.parametrize("wrap", ["search", "pipeline"])
def test_what_a_search_or_pipeline_fits_is_part_of_its_run(wrap: str) -> None:
    mainstay.autolog(log_models=False)
    estimator = xgboost.XGBClassifier(n_estimators=2)
    if wrap == "search":
        GridSearchCV(estimator, {"max_depth": [1, 2]}, cv=2).fit(X, y)
        assert len(runs()) == 3, "the search and its candidates"
    else:
        make_pipeline(StandardScaler(), estimator).fit(X, y)
        assert only_run().data.tags["estimator_name"] == "Pipeline"
    assert {run.data.tags["mlflow.autologging"] for run in runs()} == {"sklearn"}


def test_callbacks_of_the_user_are_called_and_their_stop_is_recorded() -> None:
    mainstay.xgboost.autolog(log_models=False)
    seen: list[int] = []

    class Mine(xgboost.callback.TrainingCallback):  # type: ignore[misc, name-defined]
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            seen.append(epoch)
            return epoch == 1

    matrix = xgboost.DMatrix(X, y)
    xgboost.train(PARAMS, matrix, 9, evals=[(matrix, "a@1")], callbacks=[Mine()])
    assert seen == [0, 1]
    history = mainstay.Client().get_metric_history(only_run().info.run_id, "a_at_1-mlogloss")
    assert [point.step for point in history] == [0, 1]


def test_data_that_nobody_holds_any_more_are_described_from_the_matrix() -> None:
    mainstay.xgboost.autolog()
    xgboost.train(PARAMS, xgboost.DMatrix(pd.DataFrame(X.to_numpy()), y), 2)
    (read,) = only_run().inputs.dataset_inputs
    assert read.tags["mlflow.data.context"] == "train"
    model = mainstay.pyfunc.load_model(f"runs:/{only_run().info.run_id}/model")
    assert model.signature is not None
    assert model.profile is None
