"""A model saved here loads and predicts the same in stock mlflow, and the other way round."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mainstay import pyfunc
from mainstay import sklearn as flavor
from mainstay.models import examples, infer_signature, loading
from mainstay.packaging import environment_files, mlmodel
from tests.models import peer

FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})


class Adder(pyfunc.PythonModel):
    """Adds the columns, its artifact and a parameter."""

    def load_context(self, context: pyfunc.PythonModelContext) -> None:
        self.plus = float(Path(context.artifacts["plus"]).read_text())

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        return (model_input.sum(axis=1) + self.plus + params["more"]).to_numpy()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One model of each kind, saved here."""
    from sklearn.datasets import load_iris

    data, target = load_iris(return_X_y=True, as_frame=True)
    place = tmp_path_factory.mktemp("ours")
    # As a script's own classes would be: mlflow's process cannot import these tests.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    estimators = {
        "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
        "forest": RandomForestClassifier(5, random_state=0),
        "histograms": HistGradientBoostingClassifier(max_iter=3),
        "function": make_pipeline(
            FunctionTransformer(lambda x: x * 2), StandardScaler(), LogisticRegression()
        ),
    }
    for name, estimator in estimators.items():
        flavor.save_model(
            estimator.fit(data, target), place / name, input_example=data.head(3), profile_data=data
        )
    flavor.save_model(
        RandomForestClassifier(5, random_state=0).fit(data.to_numpy(), target),
        place / "array",
        input_example=data.to_numpy()[:3],
        pyfunc_predict_fn="predict_proba",
    )
    (place / "plus.txt").write_text("10")
    pyfunc.save_model(
        place / "class",
        python_model=Adder(),
        artifacts={"plus": place / "plus.txt"},
        input_example=(FRAME, {"more": 1.0}),
    )
    pyfunc.save_model(
        place / "lambda", python_model=lambda x: x.sum(axis=1).to_numpy(), input_example=FRAME
    )

    def lengths(model_input: list[str]) -> list[int]:
        return [len(text) for text in model_input]

    pyfunc.save_model(place / "hints", python_model=lengths, input_example=["a", "bcd"])
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    return {path.name: path for path in place.iterdir() if path.is_dir()}


@pytest.fixture(scope="module")
def theirs_of_ours(ours: dict[str, Path]) -> dict[str, Any]:
    """What mlflow makes of them."""
    return peer.load(ours, {"class": {"more": 5.0}})


NAMES = ("pipeline", "forest", "histograms", "function", "array", "class", "lambda", "hints")


@pytest.mark.parametrize("name", NAMES)
def test_mlflow_predicts_the_same_with_our_models(
    name: str, ours: dict[str, Path], theirs_of_ours: dict[str, Any]
) -> None:
    model = loading.load_model(str(ours[name]), trust=True)
    example = examples.read(model.path, model.metadata)
    assert example is not None
    expected = np.asarray(model.predict(example.data, example.params)).tolist()
    assert theirs_of_ours[name]["example"] == expected
    assert theirs_of_ours[name]["served"] == expected
    assert model.signature is not None
    assert theirs_of_ours[name]["signature"] == model.signature.to_dict()


def test_mlflow_hands_parameters_to_our_models(theirs_of_ours: dict[str, Any]) -> None:
    assert theirs_of_ours["class"]["example"] == [15.0, 17.0]
    assert theirs_of_ours["class"]["params"] == [19.0, 21.0]


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One model of each kind, saved by mlflow."""
    place = tmp_path_factory.mktemp("theirs")
    peer.save(place)
    return place


@pytest.fixture(scope="module")
def ours_of_theirs(theirs: Path) -> dict[str, Any]:
    """What mlflow itself predicts with them."""
    names = ("skops", "cloudpickle", "trusted", "proba", "class", "function")
    return peer.load({name: theirs / name for name in names}, {"class": {"more": 5.0}})


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("skops", False),
        ("cloudpickle", True),
        ("trusted", False),
        ("proba", False),
        ("class", True),
        ("function", True),
    ],
)
def test_mlflows_models_predict_the_same_here(
    name: str, code: bool, theirs: Path, ours_of_theirs: dict[str, Any]
) -> None:
    model = loading.load_model(str(theirs / name), trust=True if code else None)
    example = examples.read(model.path, model.metadata)
    assert example is not None
    answers = np.asarray(model.predict(example.data, example.params)).tolist()
    assert answers == ours_of_theirs[name]["example"]
    assert model.signature is not None
    assert model.signature.to_dict() == ours_of_theirs[name]["signature"]
    body = examples.serving_body(model.path, model.metadata)
    assert body is not None
    decoded = model.decoder.decode(body)
    served = np.asarray(model.predict(decoded.data, decoded.params)).tolist()
    assert served == ours_of_theirs[name]["served"]


def test_parameters_of_mlflows_models_work_here(theirs: Path) -> None:
    model = loading.load_model(str(theirs / "class"), trust=True)
    assert model.predict(FRAME, params={"more": 5.0}).tolist() == [19.0, 21.0]


def test_mlflows_mlmodel_file_is_written_again_byte_for_byte(theirs: Path) -> None:
    for folder in (path for path in theirs.iterdir() if path.is_dir()):
        text = (folder / "MLmodel").read_text()
        assert mlmodel.parse(text).to_yaml() == text, folder.name


def test_mlflows_environment_files_are_understood(theirs: Path) -> None:
    found = environment_files.read(theirs / "skops")
    assert any(line.startswith("scikit-learn==") for line in found.requirements)
    assert found.python.count(".") == 2


def test_the_same_data_have_the_same_signature_in_both(theirs: Path) -> None:
    del theirs
    assert infer_signature(FRAME, np.zeros(2)).to_dict() == {
        "inputs": '[{"type": "double", "name": "a", "required": true}, '
        '{"type": "double", "name": "b", "required": true}]',
        "outputs": '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]',
        "params": None,
    }
