"""TensorFlow: Keras models and modules; the contract, interchange with mlflow, trust."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mainstay import tensorflow as flavor
from mainstay.errors import BadInput, UntrustedModel
from mainstay.models import infer_signature, loading, trust
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from mainstay.testing.flavors import FlavorCase, FlavorContract
from tests.flavors.interchange import Interchange
from tests.flavors.test_keras import HALVES, ROWS, Doubled, layers, two_inputs
from tests.support.parts import library

tf = library("tensorflow")
keras = library("keras")


class Scaled(tf.Module):
    """A module that is no Keras model."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = tf.Variable(3.0)

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32)])
    def __call__(self, rows: tf.Tensor) -> dict[str, tf.Tensor]:
        """The rows, scaled."""
        return {"scaled": rows * self.factor}


class TestContract(FlavorContract):
    flavor_name = "tensorflow"

    @pytest.fixture(params=["layers", "two inputs", "module"])
    def case(self, request: pytest.FixtureRequest) -> FlavorCase:
        if request.param == "two inputs":
            model = two_inputs()
            answers = model.predict(HALVES, verbose=0)
            return FlavorCase(model=model, data=HALVES, predictions=answers)
        if request.param == "module":
            return FlavorCase(model=Scaled(), data=ROWS, predictions={"scaled": ROWS * 3})
        model = layers()
        return FlavorCase(model=model, data=ROWS, predictions=model.predict(ROWS, verbose=0))

    def test_a_saved_model_needs_trust_and_keras_own_layers_do_not(
        self, folder: Path, request: pytest.FixtureRequest
    ) -> None:
        trust._written_here.clear()
        if request.node.callspec.params["case"] == "module":
            with pytest.raises(UntrustedModel, match="SavedModel"):
                loading.load_model(str(folder))
            return
        assert FLAVORS.get("tensorflow").asks(folder, mlmodel.read(folder)) == ()
        assert loading.load_model(str(folder), trust=False).signature is not None


class TestInterchange(Interchange):
    program = """
import keras, tensorflow as tf
keras.utils.set_random_seed(0)
model = keras.Sequential(
    [keras.layers.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")]
)
rows = X.to_numpy().astype("float32")
mlflow.tensorflow.save_model(model, place + "layers", input_example=rows[:3])
left, right = keras.Input((2,), name="left"), keras.Input((2,), name="right")
joined = keras.Model(
    {"left": left, "right": right}, keras.layers.Dense(1)(keras.layers.concatenate([left, right]))
)
mlflow.tensorflow.save_model(
    joined, place + "named", input_example={"left": rows[:3, :2], "right": rows[:3, 2:]}
)
class Doubled(keras.layers.Layer):
    def call(self, rows):
        return rows * 2
own = keras.Sequential([keras.layers.Input((4,)), Doubled()])
mlflow.tensorflow.save_model(
    own, place + "class", input_example=rows[:3], custom_objects={"Doubled": Doubled}
)
"""

    @classmethod
    def save_ours(cls, place: Path) -> None:
        flavor.save_model(layers(), place / "layers", input_example=ROWS[:3])
        half = {name: rows[:3] for name, rows in HALVES.items()}
        flavor.save_model(two_inputs(), place / "named", input_example=half)
        own = keras.Sequential([keras.layers.Input((4,)), Doubled()])
        flavor.save_model(own, place / "class", input_example=ROWS[:3])
        signature = infer_signature(ROWS, {"scaled": ROWS})
        flavor.save_model(Scaled(), place / "module", input_example=ROWS[:3], signature=signature)

    def test_mlflow_calls_our_module(self, ours: dict[str, Path]) -> None:
        found = mlmodel.read(ours["module"]).flavors["tensorflow"]
        assert found["model_type"] == "tf2-module"


def test_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no tf\.Module"):
        flavor.save_model(np.zeros(3), tmp_path / "model")
