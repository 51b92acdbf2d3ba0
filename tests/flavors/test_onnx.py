"""ONNX: the contract, interchange with mlflow, and graphs that reach outside their folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression

from mainstay import onnx as flavor
from mainstay.errors import BadInput, InvalidModel, UntrustedModel
from mainstay.models import loading, trust
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from mainstay.testing.flavors import FlavorCase, FlavorContract
from tests.flavors.interchange import Interchange
from tests.support.parts import library

onnx = library("onnx")
skl2onnx = library("skl2onnx")
helper = onnx.helper
FLOAT = onnx.TensorProto.FLOAT
ROWS = load_iris().data.astype(np.float32)


def regression() -> Any:
    """Convert a linear regression: one input, one column out."""
    return skl2onnx.to_onnx(LinearRegression().fit(ROWS, load_iris().target), ROWS[:1])


def classifier() -> Any:
    """Convert a classifier: a label and a table of probabilities out."""
    model = LogisticRegression(max_iter=500).fit(ROWS, load_iris().target)
    return skl2onnx.to_onnx(model, ROWS[:1], options={id(model): {"zipmap": False}})


def graph(nodes: list[Any], ins: list[str], outs: list[str], weights: tuple[Any, ...] = ()) -> Any:
    """Return a graph of columns."""
    inputs = [helper.make_tensor_value_info(name, FLOAT, [None, 1]) for name in ins]
    outputs = [helper.make_tensor_value_info(name, FLOAT, [None, None]) for name in outs]
    body = helper.make_graph(nodes, "graph", inputs, outputs, initializer=list(weights))
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(body, opset_imports=opset, ir_version=9)


def weighted() -> Any:
    """Return a graph with 1200 bytes of weights."""
    values = np.arange(300, dtype=np.float32)
    weights = helper.make_tensor("w", FLOAT, [1, 300], values.tobytes(), raw=True)
    return graph([helper.make_node("MatMul", ["x", "w"], ["c"])], ["x"], ["c"], (weights,))


class TestContract(FlavorContract):
    flavor_name = "onnx"

    @pytest.fixture(params=["regression", "classifier", "external", "table"])
    def case(self, request: pytest.FixtureRequest) -> FlavorCase:
        import onnxruntime

        if request.param == "table":
            add = graph([helper.make_node("Add", ["a", "b"], ["c"])], ["a", "b"], ["c"])
            data = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, dtype="float32")
            return FlavorCase(model=add, data=data, predictions=[[4.0], [6.0]])
        models = {"regression": regression, "classifier": classifier, "external": weighted}
        model, rows = models[request.param](), ROWS
        options = {"save_as_external_data": True} if request.param == "external" else {}
        session = onnxruntime.InferenceSession(model.SerializeToString())
        name = session.get_inputs()[0].name
        if request.param == "external":
            rows = rows[:, :1]
        names = [output.name for output in session.get_outputs()]
        answers = dict(zip(names, session.run(names, {name: rows}), strict=True))
        return FlavorCase(model=model, data=rows, predictions=answers, options=options)

    def test_the_files_are_data_only(self, folder: Path) -> None:
        assert FLAVORS.get("onnx").asks(folder, mlmodel.read(folder)) == ()
        assert loading.load_model(str(folder), trust=False).loader_module == "mlflow.onnx"


class TestInterchange(Interchange):
    program = """
from skl2onnx import to_onnx
from sklearn.linear_model import LinearRegression, LogisticRegression
rows = X.to_numpy().astype("float32")
linear = to_onnx(LinearRegression().fit(rows, y), rows[:1])
signature = infer_signature(rows[:3], {"variable": np.zeros((3, 1), "float32")})
mlflow.onnx.save_model(
    linear, place + "regression", input_example=rows[:3], signature=signature,
    onnx_session_options={"intra_op_num_threads": 1},
)
"""

    @classmethod
    def save_ours(cls, place: Path) -> None:
        flavor.save_model(
            regression(),
            place / "regression",
            input_example=ROWS[:3],
            onnx_session_options={"intra_op_num_threads": 1},
        )
        flavor.save_model(classifier(), place / "classifier", input_example=ROWS[:3])
        rows = np.ones((2, 1), dtype=np.float32)
        flavor.save_model(
            weighted(), place / "external", input_example=rows, save_as_external_data=True
        )


def test_weights_above_one_file_go_beside_the_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = __import__("mainstay.models.flavors.onnx", fromlist=["ONE_FILE"])
    monkeypatch.setattr(module, "ONE_FILE", 500)
    model = weighted()
    flavor.save_model(model, tmp_path / "model")
    assert (tmp_path / "model" / "model.onnx.data").stat().st_size >= 1200
    assert model.graph.initializer[0].raw_data, "the object in memory keeps its weights"
    answer = loading.load_model(str(tmp_path / "model")).predict(np.full((1, 1), 2.0))
    np.testing.assert_array_equal(answer["c"][0], np.arange(300) * 2)


@pytest.mark.parametrize("place", ["/etc/hostname", "../outside.data", "link.data", "gone.data"])
def test_weights_outside_the_folder_are_refused(place: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    flavor.save_model(weighted(), folder, save_as_external_data=True)
    (tmp_path / "outside.data").write_bytes(b"\0" * 1200)
    (folder / "link.data").symlink_to(tmp_path / "outside.data")
    found = onnx.load(str(folder / "model.onnx"), load_external_data=False)
    for entry in found.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = place
    (folder / "model.onnx").write_bytes(found.SerializeToString())
    with pytest.raises(InvalidModel, match=r"names the file|is a link out"):
        loading.load_model(str(folder), trust=True)


def test_weights_outside_are_found_in_a_subgraph_too(tmp_path: Path) -> None:
    weights = helper.make_tensor("w", FLOAT, [1], [1.0])
    weights.ClearField("float_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="/etc/hostname")
    out = helper.make_tensor_value_info("o", FLOAT, [None])
    body = helper.make_graph(
        [helper.make_node("Identity", ["w"], ["o"])], "b", [], [out], initializer=[weights]
    )
    branch = helper.make_node("If", ["x"], ["c"], then_branch=body, else_branch=body)
    flavor.save_model(weighted(), tmp_path / "model")
    hidden = graph([branch], ["x"], ["c"])
    (tmp_path / "model" / "model.onnx").write_bytes(hidden.SerializeToString())
    with pytest.raises(InvalidModel, match="/etc/hostname"):
        loading.load_model(str(tmp_path / "model"), trust=True)


def test_a_graph_with_compiled_code_needs_trust(tmp_path: Path) -> None:
    flavor.save_model(weighted(), tmp_path / "model")
    node = helper.make_node("EPContext", ["x"], ["c"], name="fast", domain="com.microsoft")
    (tmp_path / "model" / "model.onnx").write_bytes(graph([node], ["x"], ["c"]).SerializeToString())
    trust._written_here.clear()
    with pytest.raises(UntrustedModel, match="the compiled code in fast"):
        loading.load_model(str(tmp_path / "model"))


def test_an_invalid_graph_and_an_unknown_setting_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not valid"):
        flavor.save_model(
            graph([helper.make_node("NoSuch", ["x"], ["c"])], ["x"], ["c"]), tmp_path / "a"
        )
    with pytest.raises(BadInput, match="custom_ops"):
        flavor.save_model(
            weighted(), tmp_path / "b", onnx_session_options={"custom_ops": "evil.so"}
        )
