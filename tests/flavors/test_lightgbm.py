"""LightGBM: the contract, and interchange with mlflow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from mainstay import lightgbm as flavor
from mainstay.errors import BadInput, UntrustedModel
from mainstay.models import infer_signature, loading, trust
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from mainstay.testing.flavors import FlavorCase, FlavorContract
from tests.flavors.interchange import Interchange
from tests.support.parts import library

lightgbm = library("lightgbm")

QUIET = {"verbose": -1, "num_threads": 1}


def booster(data: pd.DataFrame, target: pd.Series) -> lightgbm.Booster:
    """Train a booster that answers with probabilities."""
    wanted = {"objective": "multiclass", "num_class": 3, **QUIET}
    return lightgbm.train(wanted, lightgbm.Dataset(data, target), 5)


def shifted(label: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Square loss, written by the user."""
    return score - label, np.ones_like(score)


class TestContract(FlavorContract):
    flavor_name = "lightgbm"

    @pytest.fixture(params=["booster", "classifier", "words", "regressor", "ranker", "objective"])
    def case(
        self, request: pytest.FixtureRequest, iris: tuple[pd.DataFrame, pd.Series]
    ) -> FlavorCase:
        data, target = iris
        if request.param == "booster":
            model = booster(data, target)
        elif request.param == "words":
            words = target.map(lambda value: "abc"[value])
            model = lightgbm.LGBMClassifier(n_estimators=3, **QUIET).fit(data, words)
        elif request.param == "ranker":
            model = lightgbm.LGBMRanker(n_estimators=3, **QUIET)
            model.fit(data, target, group=[50, 50, 50])
        elif request.param == "objective":
            model = lightgbm.LGBMRegressor(n_estimators=3, objective=shifted, **QUIET)
            model.fit(data, target)
        else:
            kinds = {"classifier": lightgbm.LGBMClassifier, "regressor": lightgbm.LGBMRegressor}
            model = kinds[request.param](n_estimators=3, **QUIET).fit(data, target)
        return FlavorCase(model=model, data=data, predictions=model.predict(data))

    def test_the_files_are_data_only_unless_a_function_of_the_user_is_in_them(
        self, folder: Path, request: pytest.FixtureRequest
    ) -> None:
        model = mlmodel.read(folder)
        if request.node.callspec.params["case"] == "objective":
            assert model.flavors["lightgbm"]["serialization_format"] == "cloudpickle"
            trust._written_here.clear()
            with pytest.raises(UntrustedModel, match="LGBMRegressor"):
                loading.load_model(str(folder))
            return
        assert FLAVORS.get("lightgbm").asks(folder, model) == ()
        assert loading.load_model(str(folder), trust=False).loader_module == "mlflow.lightgbm"


class TestInterchange(Interchange):
    program = """
import lightgbm
quiet = {"verbose": -1, "num_threads": 1}
trained = lightgbm.train(
    {"objective": "multiclass", "num_class": 3, **quiet}, lightgbm.Dataset(X, y), 5
)
mlflow.lightgbm.save_model(trained, place + "booster", input_example=X.head(3))
for name in ("LGBMClassifier", "LGBMRegressor"):
    estimator = getattr(lightgbm, name)(n_estimators=3, **quiet).fit(X, y)
    mlflow.lightgbm.save_model(estimator, place + name, input_example=X.head(3))
mlflow.lightgbm.save_model(
    estimator, place + "pickled", input_example=X.head(3), serialization_format="cloudpickle"
)
wanted = {"num_iteration": 1, "unknown": 1.0}
for name, model in (("params", estimator), ("booster_params", trained)):
    mlflow.lightgbm.save_model(
        model, place + name, input_example=(X.head(3), wanted),
        signature=infer_signature(X, y.astype("float64"), wanted),
    )
"""
    params = {"params": {"num_iteration": 2}, "booster_params": {"num_iteration": 2}}

    @classmethod
    def save_ours(cls, place: Path) -> None:
        data, target = load_iris(return_X_y=True, as_frame=True)
        head = data.head(3)
        trained = booster(data, target)
        flavor.save_model(trained, place / "booster", input_example=head)
        for name in ("LGBMClassifier", "LGBMRegressor"):
            estimator = getattr(lightgbm, name)(n_estimators=3, **QUIET).fit(data, target)
            flavor.save_model(estimator, place / name, input_example=head)
        flavor.save_model(
            estimator, place / "pickled", input_example=head, serialization_format="cloudpickle"
        )
        wanted = {"num_iteration": 1, "unknown": 1.0}
        signature = infer_signature(data, target.astype("float64"), wanted)
        for name, model in (("params", estimator), ("booster_params", trained)):
            flavor.save_model(
                model, place / name, input_example=(head, wanted), signature=signature
            )
        ranker = lightgbm.LGBMRanker(n_estimators=3, **QUIET)
        ranker.fit(data, target, group=[50, 50, 50])
        flavor.save_model(ranker, place / "ranker", input_example=head)


def test_categories_of_a_table_travel_with_a_booster(tmp_path: Path) -> None:
    data = pd.DataFrame({"a": np.arange(60.0) % 7, "kind": pd.Categorical(["x", "y", "z"] * 20)})
    trained = lightgbm.train(
        {"objective": "regression", "min_data_in_leaf": 1, **QUIET},
        lightgbm.Dataset(data, np.arange(60.0) % 3),
        5,
    )
    flavor.save_model(trained, tmp_path / "model")
    loaded = flavor.load_model(tmp_path / "model", trust=False)
    np.testing.assert_array_equal(loaded.predict(data), trained.predict(data))
    assert len(set(loaded.predict(data))) > 1


def test_a_booster_has_one_form(tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]) -> None:
    with pytest.raises(BadInput, match="saved as text"):
        flavor.save_model(booster(*iris), tmp_path / "model", serialization_format="pickle")
