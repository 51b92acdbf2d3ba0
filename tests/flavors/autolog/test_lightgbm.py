"""LightGBM under autolog, beside MLflow's, and the ways of the real library."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

import mainstay
from tests.flavors.autolog.comparison import Comparison
from tests.flavors.autolog.contract import AutologContract, only_run, runs
from tests.support.parts import library

lightgbm = library("lightgbm")

pytestmark = pytest.mark.usefixtures("face")

X, y = load_iris(return_X_y=True, as_frame=True)
PARAMS = {"objective": "multiclass", "num_class": 3, "verbosity": -1}


class TestComparison(Comparison):
    fits = ("lightgbm_train", "lightgbm_estimator")
    ours = {
        "tags": {"estimator_name", "estimator_class"},
        "inputs": {"eval valid_0"},
        "artifacts": {f"plots/feature_importance_{kind}.json" for kind in ("gain", "split")},
    }
    theirs = {"artifacts": {f"feature_importance_{kind}.png" for kind in ("gain", "split")}}


class TestContract(AutologContract):
    library = "lightgbm"
    broken_part = "the importance of features"

    def fit(self) -> Any:
        return lightgbm.train(PARAMS, lightgbm.Dataset(X, y), 2)

    def fit_badly(self) -> None:
        lightgbm.train({**PARAMS, "num_class": 1}, lightgbm.Dataset(X, y), 2)

    def hooked(self) -> Any:
        return lightgbm.train

    def break_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def renamed(booster: Any) -> Any:
            raise AttributeError("feature_importance is called otherwise now")

        monkeypatch.setattr(lightgbm.Booster, "feature_importance", property(renamed))


def test_the_model_has_signature_example_and_profile_and_predicts_the_same() -> None:
    mainstay.lightgbm.autolog(registered_model_name="iris")
    booster = lightgbm.train(PARAMS, lightgbm.Dataset(X, y), 3)
    run = only_run()
    model = mainstay.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert model.signature is not None
    assert [column.name for column in model.signature.inputs] == list(X.columns)
    assert model.profile is not None
    assert model.metadata.saved_input_example_info is not None
    assert (model.predict(X) == booster.predict(X)).all()
    (version,) = mainstay.search_model_versions(filter_string="name = 'iris'")
    assert version.version == 1


def test_an_estimators_model_is_the_estimator() -> None:
    mainstay.autolog()
    estimator = lightgbm.LGBMClassifier(n_estimators=3, verbosity=-1).fit(X, y)
    run = only_run()
    assert run.data.tags["estimator_name"] == "LGBMClassifier"
    assert run.data.params["num_boost_round"] == "3"
    loaded = mainstay.lightgbm.load_model(f"runs:/{run.info.run_id}/model")
    assert (loaded.predict(X) == estimator.predict(X)).all()


def test_the_importance_of_features_is_data() -> None:
    mainstay.lightgbm.autolog(log_models=False)
    booster = lightgbm.train(PARAMS, lightgbm.Dataset(X, y), 3)
    for kind in ("split", "gain"):
        path = f"runs:/{only_run().info.run_id}/feature_importance_{kind}.json"
        found = json.loads(mainstay.artifacts.load_text(path))
        expected = dict(zip(booster.feature_name(), booster.feature_importance(kind), strict=True))
        assert found == pytest.approx(expected)


def test_what_a_search_fits_is_part_of_its_run() -> None:
    mainstay.autolog(log_models=False)
    estimator = lightgbm.LGBMClassifier(n_estimators=2, verbosity=-1)
    GridSearchCV(estimator, {"num_leaves": [2, 3]}, cv=2).fit(X, y)
    assert len(runs()) == 3, "the search and its candidates"
    assert {run.data.tags["mlflow.autologging"] for run in runs()} == {"sklearn"}


def test_callbacks_of_the_user_are_called_too() -> None:
    mainstay.lightgbm.autolog(log_models=False)
    told: dict[str, Any] = {}
    lightgbm.train(
        PARAMS,
        train := lightgbm.Dataset(X, y),
        3,
        valid_sets=[train],
        valid_names=["mine"],
        callbacks=[lightgbm.record_evaluation(told)],
    )
    history = mainstay.Client().get_metric_history(only_run().info.run_id, "mine-multi_logloss")
    assert [point.value for point in history] == told["mine"]["multi_logloss"]
