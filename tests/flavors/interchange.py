"""The test of one flavor's interchange: ours in the stock mlflow package, and mlflow's here.

Subclass it, save models in ``save_ours`` and give a program for mlflow's side; the program finds
a folder in ``place``, a table ``X`` with a target ``y``, and saves models below ``place``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from mainstay.models import examples, loading
from mainstay.models.predictor import PyFuncModel
from mainstay.packaging import mlmodel
from tests.models import peer

PYTHON = Path(sys.executable)
START = """
import sys, warnings
warnings.filterwarnings("ignore")
import mlflow, numpy as np, pandas as pd
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
place = sys.argv[1] + "/"
X, y = load_iris(return_X_y=True, as_frame=True)
"""


class Interchange:
    """What is saved on either side predicts the same on both."""

    program: ClassVar[str]
    params: ClassVar[dict[str, dict[str, Any]]] = {}
    """Parameters to try besides the example's own, by the model's name."""
    tolerance: ClassVar[float] = 0.0
    """How far answers may lie apart, relative; 0: equal to the bit."""

    @classmethod
    def save_ours(cls, place: Path) -> None:
        """Save models below ``place``, each with an input example."""
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def ours(cls, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
        place = tmp_path_factory.mktemp("ours")
        cls.save_ours(place)
        return folders(place)

    @pytest.fixture(scope="class")
    @classmethod
    def theirs(cls, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
        place = tmp_path_factory.mktemp("theirs")
        peer.run(START + cls.program, str(place), python=PYTHON)
        return folders(place)

    @pytest.fixture(scope="class")
    @classmethod
    def told(cls, ours: dict[str, Path], theirs: dict[str, Path]) -> dict[str, Any]:
        """What mlflow says of all of them, in one process."""
        everything = {**_prefixed("ours", ours), **_prefixed("theirs", theirs)}
        params = {
            f"{side}/{name}": given
            for side in ("ours", "theirs")
            for name, given in cls.params.items()
            if f"{side}/{name}" in everything
        }
        return peer.load(everything, params, python=PYTHON)

    def test_mlflow_predicts_the_same_with_our_models(
        self, ours: dict[str, Path], told: dict[str, Any]
    ) -> None:
        assert ours
        for name, folder in ours.items():
            self.compare(folder, told[f"ours/{name}"], self.params.get(name))

    def test_mlflows_models_predict_the_same_here(
        self, theirs: dict[str, Path], told: dict[str, Any]
    ) -> None:
        assert theirs
        for name, folder in theirs.items():
            self.compare(folder, told[f"theirs/{name}"], self.params.get(name))

    def test_mlflows_mlmodel_file_is_written_again_byte_for_byte(
        self, theirs: dict[str, Path]
    ) -> None:
        for name, folder in theirs.items():
            text = (folder / "MLmodel").read_text()
            assert mlmodel.parse(text).to_yaml() == text, name

    def test_the_same_fields_stand_in_mlmodel(
        self, ours: dict[str, Path], theirs: dict[str, Path]
    ) -> None:
        pairs = set(ours) & set(theirs)
        assert pairs, "some models have the same name on both sides"
        for name in pairs:
            assert _fields(ours[name]) == _fields(theirs[name]), name

    def compare(self, folder: Path, told: dict[str, Any], params: dict[str, Any] | None) -> None:
        """Compare signature, answers to the example, to the request, and with parameters."""
        model = loading.load_model(str(folder), trust=True)
        example = examples.read(model.path, model.metadata)
        assert example is not None
        assert (model.signature.to_dict() if model.signature else None) == told["signature"]
        self.same(model.predict(example.data, example.params), told["example"])
        self.same(_served(model), told["served"])
        if params is not None:
            self.same(model.predict(example.data, params), told["params"])

    def same(self, found: Any, expected: Any) -> None:
        """Assert that two answers are the same."""
        if self.tolerance:
            np.testing.assert_allclose(plain(found), expected, rtol=self.tolerance)
        else:
            assert plain(found) == expected


def folders(place: Path) -> dict[str, Path]:
    """Return the model folders below ``place`` by name."""
    return {path.name: path for path in sorted(place.iterdir()) if (path / "MLmodel").exists()}


def plain(value: Any) -> Any:
    """Return answers as JSON values, as the peer returns them."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return np.asarray(value).tolist()


def _fields(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the flavors in MLmodel; mlflow writes trusted types in any order."""
    found = mlmodel.read(folder).flavors
    for fields in found.values():
        if fields.get("skops_trusted_types"):
            fields["skops_trusted_types"].sort()
    return found


def _served(model: PyFuncModel) -> Any:
    body = examples.serving_body(model.path, model.metadata)
    assert body is not None
    decoded = model.decoder.decode(body)
    return model.predict(decoded.data, decoded.params)


def _prefixed(side: str, found: dict[str, Path]) -> dict[str, Path]:
    return {f"{side}/{name}": folder for name, folder in found.items()}
