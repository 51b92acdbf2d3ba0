"""The contract of a flavor. Subclass, name the flavor and give models; pytest does the rest.

class TestMine(FlavorContract):
    flavor_name = "mine"

    @pytest.fixture(params=["small", "large"])
    def case(self, request):
        return FlavorCase(model=…, data=…, predictions=…)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest

from mainstay.errors import BadInput, InvalidModel
from mainstay.models import loading, saving
from mainstay.models.flavors import FLAVORS
from mainstay.models.flavors.base import Flavor
from mainstay.models.saving import Package
from mainstay.packaging import environment_files, manifest, mlmodel


class FlavorCase(msgspec.Struct, frozen=True, kw_only=True):
    """A fitted model, data that it takes, and what it predicts for them."""

    model: Any
    data: Any
    predictions: Any
    options: dict[str, Any] = {}


class FlavorContract:
    """What every flavor keeps to."""

    flavor_name: ClassVar[str]

    @pytest.fixture
    def case(self) -> FlavorCase:
        """Return a model; parametrize it for several."""
        raise NotImplementedError("give the models in a fixture called case")

    @pytest.fixture
    def flavor(self) -> Flavor:
        """Return the flavor from the table, as users get it."""
        return FLAVORS.get(self.flavor_name)

    @pytest.fixture
    def folder(self, case: FlavorCase, tmp_path: Path) -> Path:
        """Save the model with an example and a profile."""
        package = Package(flavor=self.flavor_name, options=case.options, input_example=case.data)
        saving.save_model(case.model, tmp_path / "model", package)
        return tmp_path / "model"

    def test_the_flavor_owns_its_models_and_nothing_else(
        self, flavor: Flavor, case: FlavorCase
    ) -> None:
        assert flavor.owns(case.model)
        assert not flavor.owns(object())
        assert not flavor.owns({"a": 1})

    def test_a_loaded_model_predicts_what_the_saved_one_did(
        self, case: FlavorCase, folder: Path
    ) -> None:
        loaded = loading.load_model(str(folder), trust=True)
        equal(loaded.predict(case.data), case.predictions)

    def test_the_folder_says_what_loads_it_and_what_it_needs(self, folder: Path) -> None:
        model = mlmodel.read(folder)
        assert model.loader_module
        assert model.signature is not None
        assert model.signature.inputs is not None
        assert environment_files.read(folder).requirements
        assert manifest.verify(folder)

    def test_asking_what_would_run_leaves_the_files_as_they_are(
        self, flavor: Flavor, folder: Path
    ) -> None:
        before = manifest.digest(manifest.build(folder))
        asks = flavor.asks(folder, mlmodel.read(folder))
        assert all(isinstance(ask, str) and ask for ask in asks)
        assert manifest.digest(manifest.build(folder)) == before

    def test_the_same_answers_come_from_two_loads(self, case: FlavorCase, folder: Path) -> None:
        first = loading.load_model(str(folder), trust=True).predict(case.data)
        second = loading.load_model(str(folder), trust=True).predict(case.data)
        equal(first, second)

    def test_an_unknown_option_is_refused(
        self, flavor: Flavor, case: FlavorCase, tmp_path: Path
    ) -> None:
        with pytest.raises(BadInput, match="no_such_option"):
            flavor.save(case.model, tmp_path, {**case.options, "no_such_option": 1})

    def test_a_damaged_file_is_an_invalid_model(self, flavor: Flavor, folder: Path) -> None:
        model = mlmodel.read(folder)
        sections = (model.pyfunc, model.flavors.get(self.flavor_name, {}))
        texts = {
            value for fields in sections for value in fields.values() if isinstance(value, str)
        }
        named = [folder / text for text in sorted(texts) if text and (folder / text).exists()]
        assert named, "MLmodel names the model's file"
        for path in named:
            for file in path.rglob("*") if path.is_dir() else [path]:
                if file.is_file():
                    file.write_bytes(b"this is no model")
        with pytest.raises(InvalidModel):
            loading.load_model(str(folder), trust=True)


def equal(found: Any, expected: Any) -> None:
    """Assert that two answers are the same, whatever container they come in."""
    if isinstance(expected, dict):
        assert sorted(found) == sorted(expected)
        for name, value in expected.items():
            equal(found[name], value)
        return
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))
