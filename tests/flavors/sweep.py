"""Many fitted models of one library: each saves as it is, loads, and answers the same, there too.

Subclass `Sweep` and give ``fitted``: by name a function that fits, rows to ask with, and what the
library itself answers.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from mainstay.models import examples, loading, saving, trust
from mainstay.models.flavors import FLAVORS
from mainstay.models.saving import Package
from mainstay.packaging import mlmodel
from tests.flavors.interchange import PYTHON, plain
from tests.models import peer

Case = tuple[Callable[[], Any], Any, Callable[[Any, Any], Any]]


class Sweep:
    """The tests of one library's models."""

    flavor: ClassVar[str | None]
    """Under which flavor they are saved; None: whichever owns them."""
    fitted: ClassVar[Mapping[str, Case]]
    need_trust: ClassVar[frozenset[str]] = frozenset()
    """Cases whose files are no data."""
    only_here: ClassVar[Mapping[str, str]] = {}
    """Cases that the stock mlflow package cannot ask, and why."""
    tolerance: ClassVar[float] = 0.0

    @pytest.fixture(scope="class")
    @classmethod
    def models(cls, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Any, Any]]:
        """Every model's folder, the rows it is asked with, and the library's answer."""
        place, found = tmp_path_factory.mktemp("models"), {}
        for name, (fit, rows, ask) in cls.fitted.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = fit()
                wanted = ask(model, rows)
                # The example's answer is checked by the save: a warning says that it failed.
                warnings.filterwarnings("error", message="the model fails on its input example")
                package = Package(flavor=cls.flavor, input_example=rows, pip_requirements=["numpy"])
                saving.save_model(model, place / name, package)
            found[name] = (place / name, rows, wanted)
        return found

    def test_each_answers_the_same_and_asks_for_trust_only_where_it_must(
        self, models: dict[str, tuple[Path, Any, Any]]
    ) -> None:
        assert set(models) == set(self.fitted)
        trust._written_here.clear()
        for name, (folder, rows, wanted) in models.items():
            metadata = mlmodel.read(folder)
            flavor = FLAVORS.get(
                self.flavor or next(iter(set(metadata.flavors) - {"python_function"}))
            )
            asks = flavor.asks(folder, metadata)
            assert bool(asks) == (name in self.need_trust), (name, asks)
            loaded = loading.load_model(str(folder), trust=bool(asks))
            self.same(name, plain(loaded.predict(rows)), plain(wanted))
            body = examples.serving_body(folder, metadata)
            assert body is not None
            decoded = loaded.decoder.decode(body)
            self.same(name, plain(loaded.predict(decoded.data, decoded.params)), plain(wanted))

    def test_mlflow_answers_the_same(self, models: dict[str, tuple[Path, Any, Any]]) -> None:
        there = {name: found[0] for name, found in models.items() if name not in self.only_here}
        told = peer.load(there, {}, python=PYTHON)
        for name in there:
            self.same(name, told[name]["example"], plain(models[name][2]))

    def same(self, name: str, found: Any, wanted: Any) -> None:
        """Assert that two answers are the same, to the bit unless the library says otherwise."""
        first, second = np.asarray(found), np.asarray(wanted)
        assert first.shape == second.shape, name
        if self.tolerance and first.dtype.kind == "f":
            np.testing.assert_allclose(first, second, rtol=self.tolerance, err_msg=name)
        else:
            np.testing.assert_array_equal(first, second, err_msg=name)
