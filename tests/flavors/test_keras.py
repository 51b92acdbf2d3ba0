"""Keras: the contract, interchange with mlflow, and what loads without trust."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from mainstay import keras as flavor
from mainstay.errors import BadInput, InvalidModel, UntrustedModel
from mainstay.models import loading, trust
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from mainstay.testing.flavors import FlavorCase, FlavorContract
from tests.flavors.interchange import Interchange
from tests.support.parts import library

tf = library("tensorflow")
keras = library("keras")

ROWS = load_iris().data.astype(np.float32)
KINDS = load_iris().target


def layers() -> keras.Model:
    """Return a small classifier, compiled."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((4,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(ROWS, KINDS, epochs=1, verbose=0)
    return model


def two_inputs() -> keras.Model:
    """Return a model of two named inputs."""
    keras.utils.set_random_seed(0)
    left, right = keras.Input((2,), name="left"), keras.Input((2,), name="right")
    joined = keras.layers.concatenate([left, right])
    return keras.Model({"left": left, "right": right}, keras.layers.Dense(1)(joined) * 2.0)


class Doubled(keras.layers.Layer):
    """A user's layer."""

    def call(self, rows: object) -> object:
        """Twice the input."""
        return rows * 2


def with_a_class() -> keras.Model:
    """Return a model that needs a user's class."""
    return keras.Sequential([keras.layers.Input((4,)), Doubled()])


HALVES = {"left": ROWS[:, :2], "right": ROWS[:, 2:]}


class TestContract(FlavorContract):
    flavor_name = "keras"

    @pytest.fixture(params=["layers", "two inputs", "class"])
    def case(self, request: pytest.FixtureRequest) -> FlavorCase:
        if request.param == "two inputs":
            model = two_inputs()
            answers = model.predict(HALVES, verbose=0)
            return FlavorCase(model=model, data=HALVES, predictions=answers)
        model = layers() if request.param == "layers" else with_a_class()
        return FlavorCase(model=model, data=ROWS, predictions=model.predict(ROWS, verbose=0))

    def test_keras_own_layers_need_no_trust_and_classes_do(
        self, folder: Path, request: pytest.FixtureRequest
    ) -> None:
        trust._written_here.clear()
        if request.node.callspec.params["case"] == "class":
            with pytest.raises(UntrustedModel, match="Doubled"):
                loading.load_model(str(folder))
            return
        assert FLAVORS.get("keras").asks(folder, mlmodel.read(folder)) == ()
        assert loading.load_model(str(folder), trust=False).signature is not None


class TestInterchange(Interchange):
    program = """
import os, keras
def layers():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [keras.layers.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")]
    )
rows = X.to_numpy().astype("float32")
model = layers()
os.makedirs(place + "layers")
mlflow.keras.save_model(
    model, place + "layers", input_example=rows[:3],
    signature=infer_signature(rows, model.predict(rows, verbose=0)),
)
os.makedirs(place + "exported")
mlflow.keras.save_model(
    model, place + "exported", input_example=rows[:3], save_exported_model=True,
    signature=infer_signature(rows, model.predict(rows, verbose=0)),
)
"""

    @classmethod
    def save_ours(cls, place: Path) -> None:
        flavor.save_model(layers(), place / "layers", input_example=ROWS[:3])
        flavor.save_model(
            layers(), place / "exported", input_example=ROWS[:3], save_exported_model=True
        )
        flavor.save_model(layers(), place / "table", input_example=pd.DataFrame(ROWS[:3]))
        half = {name: rows[:3] for name, rows in HALVES.items()}
        flavor.save_model(two_inputs(), place / "named", input_example=half)


def test_a_loaded_model_trains_on(tmp_path: Path) -> None:
    flavor.save_model(layers(), tmp_path / "model")
    loaded = flavor.load_model(tmp_path / "model", trust=False)
    before = loaded.get_weights()[0].copy()
    loaded.fit(ROWS, KINDS, epochs=1, verbose=0)
    assert not np.array_equal(before, loaded.get_weights()[0])


def test_an_exported_graph_answers_and_needs_trust(tmp_path: Path) -> None:
    model = with_a_class()
    flavor.save_model(model, tmp_path / "model", save_exported_model=True, input_example=ROWS[:3])
    assert not list((tmp_path / "model").rglob("*.keras"))
    trust._written_here.clear()
    with pytest.raises(UntrustedModel, match="a TensorFlow program"):
        loading.load_model(str(tmp_path / "model"))
    loaded = loading.load_model(str(tmp_path / "model"), trust=True)
    np.testing.assert_array_equal(loaded.predict(ROWS), model.predict(ROWS, verbose=0))


def test_an_exported_graph_of_named_inputs(tmp_path: Path) -> None:
    model = two_inputs()
    flavor.save_model(model, tmp_path / "model", save_exported_model=True)
    loaded = loading.load_model(str(tmp_path / "model"), trust=True)
    np.testing.assert_allclose(loaded.predict(HALVES), model.predict(HALVES, verbose=0), rtol=1e-6)


def test_a_loss_of_ones_own_asks_for_no_trust_and_is_left_out(tmp_path: Path) -> None:
    def my_loss(wanted: object, found: object) -> object:
        return keras.ops.mean((wanted - found) ** 2)

    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", my_loss)
    flavor.save_model(model, tmp_path / "model")
    loaded = flavor.load_model(tmp_path / "model", trust=False)
    np.testing.assert_array_equal(loaded.predict(ROWS, verbose=0), model.predict(ROWS, verbose=0))
    assert not loaded.compiled


def test_a_table_gives_a_table_with_its_index(tmp_path: Path) -> None:
    model = layers()
    flavor.save_model(model, tmp_path / "model")
    table = pd.DataFrame(ROWS[:2], index=["a", "b"])
    found = loading.load_model(str(tmp_path / "model"), trust=False).predict(table)
    assert list(found.index) == ["a", "b"]
    np.testing.assert_array_equal(found.to_numpy(), model.predict(ROWS[:2], verbose=0))


def changed(folder: Path, layer: dict[str, object]) -> Path:
    """Put ``layer`` into the model's description, as a hostile file would."""
    path = folder / "data" / "model.keras"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    form = json.loads(parts["config.json"])
    form["config"]["layers"].append(layer)
    parts["config.json"] = json.dumps(form).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return folder


@pytest.mark.parametrize(
    ("layer", "named"),
    [
        ({"module": "keras.layers", "class_name": "Lambda", "config": {}}, "keras.layers.Lambda"),
        ({"class_name": "__lambda__", "config": {"value": "e30="}}, "__lambda__"),
        ({"module": "os", "class_name": "function", "config": "system"}, "os.system"),
        ({"module": "keras.layers", "class_name": "TFSMLayer", "config": {}}, "TFSMLayer"),
        ({"module": "keras.layers", "class_name": "Dense", "registered_name": "x>Y"}, "x>Y"),
        ({"module": "keras.utils", "class_name": "function", "config": "get_file"}, "get_file"),
        (
            {
                "module": "keras.layers",
                "class_name": "StringLookup",
                "config": {"vocabulary": "/etc/passwd"},
            },
            "StringLookup",
        ),
    ],
)
def test_what_is_not_keras_own_arithmetic_is_asked_for(
    layer: dict[str, object], named: str, tmp_path: Path
) -> None:
    flavor.save_model(layers(), tmp_path / "model")
    with pytest.raises(UntrustedModel, match=named):
        loading.load_model(str(changed(tmp_path / "model", layer)))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    flavor.save_model(layers(), tmp_path / "model")
    path = tmp_path / "model" / "data" / "model.keras"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("config.json", "w", force_zip64=True) as stream,
    ):
        for _ in range(300):
            stream.write(bytes(1 << 20))
    with pytest.raises(InvalidModel, match="out of all proportion"):
        loading.load_model(str(tmp_path / "model"), trust=True)


def test_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no keras\.Model"):
        flavor.save_model(object(), tmp_path / "model")
