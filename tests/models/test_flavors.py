"""Both built-in flavors keep the contract, each with several kinds of models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

from mainstay import pyfunc
from mainstay.errors import BadInput
from mainstay.models import saving
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from mainstay.testing.flavors import FlavorCase, FlavorContract

ESTIMATORS = {
    "linear": (LinearRegression(), "skops"),
    "pipeline": (make_pipeline(StandardScaler(), LogisticRegression()), "skops"),
    "forest": (RandomForestClassifier(5, random_state=0), "skops"),
    "tree": (DecisionTreeRegressor(random_state=0), "skops"),
    "boosting": (GradientBoostingRegressor(n_estimators=4, random_state=0), "skops"),
    "anomalies": (IsolationForest(n_estimators=4, random_state=0), "skops"),
    "vectors": (SVC(), "skops"),
    "network": (MLPClassifier((4,), max_iter=20, random_state=0), "skops"),
    "gaussian": (GaussianProcessRegressor(ConstantKernel() * RBF()), "skops"),
    "search": (GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2), "skops"),
    "histograms": (HistGradientBoostingClassifier(max_iter=3), "skops"),
    "neighbours": (KNeighborsClassifier(), "cloudpickle"),
    "function": (
        make_pipeline(FunctionTransformer(lambda x: x * 2), LogisticRegression()),
        "cloudpickle",
    ),
}


@pytest.mark.filterwarnings("ignore:.*")
class TestSklearn(FlavorContract):
    flavor_name = "sklearn"

    @pytest.fixture(params=sorted(ESTIMATORS))
    def case(
        self, request: pytest.FixtureRequest, iris: tuple[pd.DataFrame, pd.Series]
    ) -> FlavorCase:
        data, target = iris
        model = ESTIMATORS[request.param][0].fit(data, target)
        return FlavorCase(model=model, data=data, predictions=model.predict(data))

    def test_the_format_is_data_only_where_it_can_be(
        self, request: pytest.FixtureRequest, folder: Path
    ) -> None:
        wanted = ESTIMATORS[request.node.callspec.params["case"]][1]
        model = mlmodel.read(folder)
        assert model.flavors["sklearn"]["serialization_format"] == wanted
        asks = FLAVORS.get("sklearn").asks(folder, model)
        assert bool(asks) == (wanted == "cloudpickle")


class Scaler(pyfunc.PythonModel):
    """Multiplies by what its artifact says."""

    def load_context(self, context: pyfunc.PythonModelContext) -> None:
        self.factor = float(Path(context.artifacts["factor"]).read_text())

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        plus = (params or {}).get("plus", 0.0)
        return model_input.sum(axis=1).to_numpy() * self.factor + plus


class WithoutContext(pyfunc.PythonModel):
    """Takes the input only."""

    def predict(self, model_input):  # type: ignore[no-untyped-def, override]
        return model_input.sum(axis=1).to_numpy()


def total(model_input: pd.DataFrame) -> np.ndarray:
    """Add the columns up."""
    return model_input.sum(axis=1).to_numpy()


FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})


class TestPyfunc(FlavorContract):
    flavor_name = "pyfunc"

    @pytest.fixture(params=["artifact", "without context", "function"])
    def case(self, request: pytest.FixtureRequest, tmp_path: Path) -> FlavorCase:
        if request.param == "artifact":
            (tmp_path / "factor.txt").write_text("3")
            options = {"artifacts": {"factor": str(tmp_path / "factor.txt")}}
            return FlavorCase(model=Scaler(), data=FRAME, predictions=[12.0, 18.0], options=options)
        model = WithoutContext() if request.param == "without context" else total
        return FlavorCase(model=model, data=FRAME, predictions=[4.0, 6.0])


def test_no_flavor_owns_what_is_no_model_and_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"mainstay\.pyfunc\.PythonModel"):
        saving.save_model(object(), tmp_path / "model")


def test_parameters_reach_a_python_model_and_default_to_the_signature(tmp_path: Path) -> None:
    (tmp_path / "factor.txt").write_text("2")
    pyfunc.save_model(
        tmp_path / "model",
        python_model=Scaler(),
        artifacts={"factor": tmp_path / "factor.txt"},
        input_example=(FRAME, {"plus": 1.0}),
    )
    model = pyfunc.load_model(tmp_path / "model")
    assert list(model.predict(FRAME)) == [9.0, 13.0]
    assert list(model.predict(FRAME, params={"plus": 10})) == [18.0, 22.0]
    assert model.unwrap_python_model().factor == 2.0


def test_type_hints_of_a_function_are_its_signature(tmp_path: Path) -> None:
    def lengths(model_input: list[str]) -> list[int]:
        return [len(text) for text in model_input]

    pyfunc.save_model(tmp_path / "model", python_model=lengths)
    model = pyfunc.load_model(tmp_path / "model")
    assert model.signature is not None
    assert model.signature.to_dict() == {
        "inputs": '[{"type": "string", "required": true}]',
        "outputs": '[{"type": "long", "required": true}]',
        "params": None,
    }
    assert model.predict(["a", "bcd"]) == [1, 3]
    with pytest.raises(BadInput, match="row 1"):
        model.predict(["a", 2])


def test_a_class_instead_of_an_instance_is_refused_with_how_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"WithoutContext\(\)"):
        pyfunc.save_model(tmp_path / "model", python_model=WithoutContext)


def test_code_paths_travel_with_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "mainstay_test_helper.py").write_text("def triple(x):\n    return x * 3\n")
    source = (
        "def predict(model_input):\n"
        "    import mainstay_test_helper as h\n"
        "    return h.triple(model_input['a']).tolist()\n"
    )
    names: dict[str, object] = {}
    exec(source, names)
    pyfunc.save_model(
        tmp_path / "model",
        python_model=names["predict"],
        code_paths=[str(tmp_path / "lib" / "mainstay_test_helper.py")],
    )
    monkeypatch.setattr("sys.path", list(__import__("sys").path))
    assert pyfunc.load_model(tmp_path / "model").predict(FRAME) == [3.0, 6.0]


def test_a_folder_that_holds_something_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine.txt").write_text("keep")
    with pytest.raises(BadInput, match="not an empty folder"):
        pyfunc.save_model(tmp_path / "model", python_model=total)
    assert (tmp_path / "model" / "mine.txt").read_text() == "keep"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
