"""CatBoost: the contract, and interchange with mlflow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.datasets import load_iris

from mainstay import catboost as flavor
from mainstay.errors import BadInput, InvalidModel
from mainstay.models import infer_signature, loading
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from mainstay.testing.flavors import FlavorCase, FlavorContract
from tests.flavors.interchange import Interchange
from tests.support.parts import library

catboost = library("catboost")

QUIET = {"iterations": 3, "verbose": 0, "allow_writing_files": False, "thread_count": 1}
WHOLE = {"bootstrap_type": "No"}
KINDS = {
    "classifier": catboost.CatBoostClassifier,
    "regressor": catboost.CatBoostRegressor,
}


class TestContract(FlavorContract):
    flavor_name = "catboost"

    @pytest.fixture(params=["classifier", "regressor", "plain", "ranker"])
    def case(
        self, request: pytest.FixtureRequest, iris: tuple[pd.DataFrame, pd.Series]
    ) -> FlavorCase:
        data, target = iris
        if request.param == "ranker":
            model = catboost.CatBoostRanker(**QUIET, **WHOLE)
            model.fit(data, target, group_id=np.repeat([0, 1, 2], 50))
            return FlavorCase(model=model, data=data, predictions=model.predict(data))
        if request.param == "plain":
            model = catboost.CatBoost({"loss_function": "MultiClass", **QUIET})
        else:
            model = KINDS[request.param](**QUIET)
        model.fit(data, target)
        options = {"format": "json"} if request.param == "json" else {}
        return FlavorCase(model=model, data=data, predictions=model.predict(data), options=options)

    def test_the_files_are_data_only(self, folder: Path) -> None:
        assert FLAVORS.get("catboost").asks(folder, mlmodel.read(folder)) == ()
        assert loading.load_model(str(folder), trust=False).loader_module == "mlflow.catboost"


class TestInterchange(Interchange):
    program = """
import catboost
quiet = {"iterations": 3, "verbose": 0, "allow_writing_files": False, "thread_count": 1}
classifier = catboost.CatBoostClassifier(**quiet).fit(X, y)
mlflow.catboost.save_model(classifier, place + "classifier", input_example=X.head(3))
regressor = catboost.CatBoostRegressor(**quiet).fit(X, y)
mlflow.catboost.save_model(regressor, place + "json", input_example=X.head(3), format="json")
plain = catboost.CatBoost({"loss_function": "MultiClass", **quiet}).fit(X, y)
mlflow.catboost.save_model(plain, place + "plain", input_example=X.head(3))
wanted = {"ntree_end": 1, "unknown": 1.0}
mlflow.catboost.save_model(
    regressor, place + "params", input_example=(X.head(3), wanted),
    signature=infer_signature(X, y.astype("float64"), wanted),
)
"""
    params = {"params": {"ntree_end": 2}}

    @classmethod
    def save_ours(cls, place: Path) -> None:
        data, target = load_iris(return_X_y=True, as_frame=True)
        head = data.head(3)
        classifier = catboost.CatBoostClassifier(**QUIET).fit(data, target)
        flavor.save_model(classifier, place / "classifier", input_example=head)
        regressor = catboost.CatBoostRegressor(**QUIET).fit(data, target)
        flavor.save_model(regressor, place / "json", input_example=head, format="json")
        plain = catboost.CatBoost({"loss_function": "MultiClass", **QUIET}).fit(data, target)
        flavor.save_model(plain, place / "plain", input_example=head)
        wanted = {"ntree_end": 1, "unknown": 1.0}
        flavor.save_model(
            regressor,
            place / "params",
            input_example=(head, wanted),
            signature=infer_signature(data, target.astype("float64"), wanted),
        )


def test_json_answers_the_same_but_for_the_last_bit(
    tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    model = catboost.CatBoostRegressor(**QUIET).fit(*iris)
    flavor.save_model(model, tmp_path / "model", format="json")
    loaded = flavor.load_model(tmp_path / "model", trust=False)
    np.testing.assert_allclose(loaded.predict(iris[0]), model.predict(iris[0]), rtol=1e-14)


def test_text_columns_travel_with_the_model(tmp_path: Path) -> None:
    data = pd.DataFrame({"a": np.arange(60.0) % 7, "kind": ["x", "y", "z"] * 20})
    model = catboost.CatBoostRegressor(**QUIET, cat_features=["kind"])
    model.fit(data, np.arange(60.0) % 3)
    flavor.save_model(model, tmp_path / "model", input_example=data.head(3))
    loaded = loading.load_model(str(tmp_path / "model"), trust=False)
    np.testing.assert_array_equal(loaded.predict(data), model.predict(data))
    assert len(set(loaded.predict(data))) > 1


def test_a_model_that_is_not_fitted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="CatBoostRegressor cannot be saved"):
        flavor.save_model(catboost.CatBoostRegressor(), tmp_path / "model")


def test_a_format_that_cannot_be_loaded_again_is_refused(
    tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    model = catboost.CatBoostRegressor(**QUIET).fit(*iris)
    with pytest.raises(BadInput, match="use cbm, json"):
        flavor.save_model(model, tmp_path / "model", format="onnx")


@pytest.mark.parametrize(("field", "value"), [("model_type", "Pool"), ("save_format", "coreml")])
def test_what_mlmodel_names_is_taken_from_a_list(
    field: str, value: str, tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    flavor.save_model(catboost.CatBoostRegressor(**QUIET).fit(*iris), tmp_path / "model")
    form = yaml.safe_load((tmp_path / "model" / "MLmodel").read_text())
    form["flavors"]["catboost"][field] = value
    (tmp_path / "model" / "MLmodel").write_text(yaml.safe_dump(form))
    with pytest.raises(InvalidModel, match=value):
        loading.load_model(str(tmp_path / "model"), trust=True)
