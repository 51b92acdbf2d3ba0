"""Models that a module of the user's loads, ours and MLflow's."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mainstay import pyfunc
from mainstay.errors import BadInput, UntrustedModel
from mainstay.models import trust
from tests.models import peer

READER = """
import json, pathlib


class Scaled:
    def __init__(self, factor):
        self.factor = factor

    def predict(self, data):
        return data["a"].to_numpy() * self.factor


def _load_pyfunc(path):
    return Scaled(json.loads((pathlib.Path(path) / "factor.json").read_text()))
"""
ROWS = pd.DataFrame({"a": [1.0, 2.0]})

SAVE = """
import sys, mlflow, pandas as pd
place = sys.argv[1]
sys.path.insert(0, place)
mlflow.pyfunc.save_model(
    place + "/theirs", loader_module="reader", data_path=place + "/weights",
    code_paths=[place + "/reader.py"], input_example=pd.DataFrame({"a": [1.0, 2.0]}),
)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the loader module and what it loads; the module can be imported."""
    (tmp_path / "reader.py").write_text(READER)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "factor.json").write_text(json.dumps(3.0))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "reader", raising=False)
    return tmp_path


def save(place: Path) -> Path:
    pyfunc.save_model(
        place / "model",
        loader_module="reader",
        data_path=place / "weights",
        code_paths=[str(place / "reader.py")],
        input_example=ROWS,
    )
    return place / "model"


def test_a_loader_module_reads_the_copy_of_its_data(place: Path) -> None:
    folder = save(place)
    (place / "weights" / "factor.json").write_text("0")
    loaded = pyfunc.load_model(folder)
    assert loaded.loader_module == "reader"
    np.testing.assert_allclose(loaded.predict(ROWS), [3.0, 6.0])
    trust._written_here.clear()
    with pytest.raises(UntrustedModel, match="the loader module reader"):
        pyfunc.load_model(folder)


def test_stock_mlflow_reads_ours_and_we_read_its(place: Path) -> None:
    told = peer.load({"ours": save(place)}, {})
    assert told["ours"]["example"] == [3.0, 6.0]
    peer.run(SAVE, str(place))
    loaded = pyfunc.load_model(place / "theirs", trust=True)
    np.testing.assert_allclose(loaded.predict(ROWS), [3.0, 6.0])
    theirs, ours = place / "theirs" / "data", place / "model" / "data"
    assert sorted(path.relative_to(theirs) for path in theirs.rglob("*")) == sorted(
        path.relative_to(ours) for path in ours.rglob("*")
    )


def test_mistakes_are_named(place: Path) -> None:
    with pytest.raises(BadInput, match="needs loader_module"):
        pyfunc.save_model(place / "model", data_path=place / "weights")
    with pytest.raises(BadInput, match="not both"):
        pyfunc.save_model(place / "model", loader_module="reader", python_model=len)
    with pytest.raises(BadInput, match="is not there"):
        pyfunc.save_model(place / "model", loader_module="reader", data_path=place / "none")
