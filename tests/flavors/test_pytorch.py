"""PyTorch: the contract, interchange with mlflow, and what loads without trust."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from mainstay import pytorch as flavor
from mainstay.errors import BadInput, UntrustedModel
from mainstay.models import loading, trust
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from mainstay.testing.flavors import FlavorCase, FlavorContract
from tests.flavors.interchange import Interchange
from tests.support.parts import library

torch = library("torch")

ROWS = load_iris().data.astype(np.float32)


def layers() -> torch.nn.Module:
    """Return a module of the library's own layers."""
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Linear(8, 3)
    )


class Doubled(torch.nn.Module):
    """A user's class."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = layers()

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Twice the layers' answer."""
        return self.inner(rows) * 2


def answers(model: torch.nn.Module) -> np.ndarray:
    """Ask without training, and leave the mode as it was."""
    was = model.training
    model.eval()
    with torch.no_grad():
        found = model(torch.from_numpy(ROWS)).numpy()
    model.train(was)
    return found


class TestContract(FlavorContract):
    flavor_name = "pytorch"

    @pytest.fixture(params=["layers", "class"])
    def case(self, request: pytest.FixtureRequest) -> FlavorCase:
        model = layers() if request.param == "layers" else Doubled()
        return FlavorCase(model=model, data=ROWS, predictions=answers(model))

    def test_layers_of_the_library_need_no_trust_and_classes_do(
        self, folder: Path, request: pytest.FixtureRequest
    ) -> None:
        trust._written_here.clear()
        if request.node.callspec.params["case"] == "layers":
            assert FLAVORS.get("pytorch").asks(folder, mlmodel.read(folder)) == ()
            assert loading.load_model(str(folder), trust=False).signature is not None
            return
        with pytest.raises(UntrustedModel, match="Doubled"):
            loading.load_model(str(folder))


class TestInterchange(Interchange):
    program = """
import torch
rows = X.to_numpy().astype("float32")
torch.manual_seed(0)
layers = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
mlflow.pytorch.save_model(
    layers, place + "layers", input_example=rows[:3], serialization_format="pickle"
)
mlflow.pytorch.save_model(
    layers, place + "exported", input_example=rows[:3], serialization_format="pt2"
)
"""

    @classmethod
    def save_ours(cls, place: Path) -> None:
        flavor.save_model(layers(), place / "layers", input_example=ROWS[:3])
        flavor.save_model(
            layers(), place / "exported", input_example=ROWS[:3], serialization_format="pt2"
        )
        flavor.save_model(Doubled(), place / "class", input_example=ROWS[:3])


def test_saving_leaves_the_training_mode_as_it_was(tmp_path: Path) -> None:
    model = layers()
    model.train()
    flavor.save_model(model, tmp_path / "model", input_example=ROWS[:3])
    assert all(part.training for part in model.modules())


def test_a_table_gives_a_table_with_its_index(tmp_path: Path) -> None:
    model = layers()
    flavor.save_model(model, tmp_path / "model")
    table = pd.DataFrame(ROWS[:2], index=["a", "b"])
    found = loading.load_model(str(tmp_path / "model"), trust=False).predict(table)
    assert list(found.index) == ["a", "b"]
    np.testing.assert_array_equal(found.to_numpy(), answers(model)[:2])


def test_weights_alone_are_no_model(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"torch\.nn\.Module"):
        flavor.save_model(layers().state_dict(), tmp_path / "model")
