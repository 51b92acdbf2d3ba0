"""XGBoost: the contract, interchange with mlflow, and files that are not what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from mainstay import xgboost as flavor
from mainstay.errors import BadInput, InvalidModel
from mainstay.models import infer_signature, loading
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from mainstay.testing.flavors import FlavorCase, FlavorContract
from tests.flavors.interchange import Interchange
from tests.support.parts import library

xgboost = library("xgboost")

MULTI = {"objective": "multi:softprob", "num_class": 3}


def booster(data: pd.DataFrame, target: pd.Series) -> xgboost.Booster:
    """Train a booster that answers with probabilities."""
    return xgboost.train(MULTI, xgboost.DMatrix(data, target), 5)


class TestContract(FlavorContract):
    flavor_name = "xgboost"

    @pytest.fixture(params=["booster", "json", "classifier", "forest", "regressor"])
    def case(
        self, request: pytest.FixtureRequest, iris: tuple[pd.DataFrame, pd.Series]
    ) -> FlavorCase:
        data, target = iris
        if request.param in ("booster", "json"):
            model = booster(data, target)
            options = {"model_format": "json"} if request.param == "json" else {}
            answers = model.predict(xgboost.DMatrix(data))
            return FlavorCase(model=model, data=data, predictions=answers, options=options)
        kinds = {
            "classifier": xgboost.XGBClassifier(n_estimators=3),
            "forest": xgboost.XGBRFClassifier(n_estimators=3),
            "regressor": xgboost.XGBRegressor(n_estimators=3),
        }
        model = kinds[request.param].fit(data, target)
        return FlavorCase(model=model, data=data, predictions=model.predict(data))

    def test_the_files_are_data_only(self, folder: Path) -> None:
        assert FLAVORS.get("xgboost").asks(folder, mlmodel.read(folder)) == ()
        assert loading.load_model(str(folder), trust=False).loader_module == "mlflow.xgboost"


class TestInterchange(Interchange):
    program = """
import xgboost
trained = xgboost.train(
    {"objective": "multi:softprob", "num_class": 3}, xgboost.DMatrix(X, y), 5
)
mlflow.xgboost.save_model(trained, place + "booster", input_example=X.head(3))
classifier = xgboost.XGBClassifier(n_estimators=3).fit(X, y)
mlflow.xgboost.save_model(
    classifier, place + "classifier", input_example=X.head(3), model_format="json"
)
regressor = xgboost.XGBRegressor(n_estimators=3).fit(X, y)
wanted = {"iteration_range": [0, 1], "unknown": 1.0}
mlflow.xgboost.save_model(
    regressor, place + "params", input_example=(X.head(3), wanted),
    signature=infer_signature(X, y.astype("float32"), wanted),
)
"""
    params = {"params": {"iteration_range": [0, 2]}}

    @classmethod
    def save_ours(cls, place: Path) -> None:
        from sklearn.datasets import load_iris

        data, target = load_iris(return_X_y=True, as_frame=True)
        head = data.head(3)
        flavor.save_model(booster(data, target), place / "booster", input_example=head)
        classifier = xgboost.XGBClassifier(n_estimators=3).fit(data, target)
        flavor.save_model(classifier, place / "classifier", input_example=head, model_format="json")
        regressor = xgboost.XGBRegressor(n_estimators=3).fit(data, target)
        wanted = {"iteration_range": [0, 1], "unknown": 1.0}
        flavor.save_model(
            regressor,
            place / "params",
            input_example=(head, wanted),
            signature=infer_signature(data, target.astype("float32"), wanted),
        )
        arrays = xgboost.XGBRegressor(n_estimators=3).fit(data.to_numpy(), target)
        flavor.save_model(arrays, place / "arrays", input_example=data.to_numpy()[:3])

    def test_parameters_change_the_answer(self, ours: dict[str, Path]) -> None:
        model = loading.load_model(str(ours["params"]))
        rows = pd.DataFrame([[5.0, 3.4, 1.5, 0.2]], columns=model.signature.inputs.input_names())
        one, two = (model.predict(rows, {"iteration_range": [0, n]})[0] for n in (1, 2))
        assert one != two


def test_the_library_gets_its_own_object_back(
    tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    model = xgboost.XGBClassifier(n_estimators=3).fit(*iris)
    flavor.save_model(model, tmp_path / "model")
    loaded = flavor.load_model(tmp_path / "model", trust=False)
    assert isinstance(loaded, xgboost.XGBClassifier)
    np.testing.assert_array_equal(loaded.predict_proba(iris[0]), model.predict_proba(iris[0]))


def test_an_estimator_that_is_not_fitted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="XGBClassifier cannot be saved"):
        flavor.save_model(xgboost.XGBClassifier(), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_class_of_ones_own_is_refused_with_what_to_do(
    tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    class Mine(xgboost.XGBRegressor):  # type: ignore[misc, name-defined]
        def predict(self, *given, **named):  # type: ignore[no-untyped-def]
            return super().predict(*given, **named) + 1

    with pytest.raises(BadInput, match=r"mainstay\.sklearn"):
        flavor.save_model(Mine(n_estimators=2).fit(*iris), tmp_path / "model")


def test_an_unknown_argument_is_a_type_error_as_in_python(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="no_such_argument"):
        flavor.save_model(None, tmp_path / "model", no_such_argument=1)  # type: ignore[call-arg]


@pytest.mark.parametrize("name", ["os.system", "hostile_module.Booster", "xgboost.XGBClassifier"])
def test_a_class_that_mlmodel_names_is_taken_from_a_list(
    name: str, tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    flavor.save_model(booster(*iris), tmp_path / "model")
    form = yaml.safe_load((tmp_path / "model" / "MLmodel").read_text())
    form["flavors"]["xgboost"]["model_class"] = name
    (tmp_path / "model" / "MLmodel").write_text(yaml.safe_dump(form))
    with pytest.raises(InvalidModel, match="not one of xgboost's own"):
        loading.load_model(str(tmp_path / "model"), trust=True)
