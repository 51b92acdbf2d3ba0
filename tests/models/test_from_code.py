"""Models from code: a Python file is the model, here and in mlflow."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mainstay import pyfunc
from mainstay.errors import BadInput, InvalidModel, NotFound, UntrustedModel
from mainstay.models import ModelConfig, loading, trust
from mainstay.packaging import environment_files, mlmodel
from tests.models import peer

FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
ADDER = """
import numpy as np
import {package}
from {package}.models import ModelConfig, set_model

config = ModelConfig(development_config={{"plus": 1}})

class Adder({package}.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return np.asarray(model_input.sum(axis=1)) + config.get("plus")

set_model(Adder())
"""


def written(place: Path, text: str) -> Path:
    """Write a model's file."""
    path = place / "adder.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize("package", ["mainstay", "mlflow"])
def test_a_file_is_saved_as_it_is_and_executed_again(package: str, tmp_path: Path) -> None:
    path = written(tmp_path, ADDER.format(package=package))
    pyfunc.save_model(tmp_path / "model", python_model=str(path), input_example=FRAME)
    loaded = pyfunc.load_model(tmp_path / "model", trust=True)
    np.testing.assert_array_equal(loaded.predict(FRAME), [5.0, 7.0])
    assert (tmp_path / "model" / "adder.py").read_text() == path.read_text()
    assert not (tmp_path / "model" / "python_model.pkl").exists()
    assert str(tmp_path) not in (tmp_path / "model" / "MLmodel").read_text()
    assert any(
        line.startswith("numpy==")
        for line in environment_files.read(tmp_path / "model").requirements
    )


def test_mlflows_names_are_gone_after_the_file_has_run(tmp_path: Path) -> None:
    before = "mlflow" in sys.modules
    path = written(tmp_path, ADDER.format(package="mlflow"))
    pyfunc.save_model(tmp_path / "model", python_model=path)
    assert ("mlflow" in sys.modules) == before


def test_the_configuration_comes_from_the_model_then_from_the_call(tmp_path: Path) -> None:
    path = written(tmp_path, ADDER.format(package="mainstay"))
    pyfunc.save_model(tmp_path / "model", python_model=path, model_config={"plus": 10})
    found = pyfunc.load_model(tmp_path / "model", trust=True)
    np.testing.assert_array_equal(found.predict(FRAME), [14.0, 16.0])
    other = pyfunc.load_model(tmp_path / "model", model_config={"plus": 0}, trust=True)
    np.testing.assert_array_equal(other.predict(FRAME), [4.0, 6.0])


def test_type_hints_of_a_function_in_a_file_are_the_signature(tmp_path: Path) -> None:
    text = (
        "from mainstay.models import set_model\n"
        "def shout(texts: list[str]) -> list[str]:\n    return [text.upper() for text in texts]\n"
        "set_model(shout)\n"
    )
    pyfunc.save_model(tmp_path / "model", python_model=written(tmp_path, text))
    loaded = pyfunc.load_model(tmp_path / "model", trust=True)
    assert loaded.predict(["a", "b"]) == ["A", "B"]
    assert loaded.signature is not None
    assert mlmodel.read(tmp_path / "model").other["is_signature_from_type_hint"] is True


def test_code_paths_are_importable_when_the_file_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "adder_parts.py").write_text("PLUS = 100\n")
    monkeypatch.syspath_prepend(str(tmp_path / "library"))
    text = (
        "import adder_parts\nfrom mainstay.models import set_model\n"
        "set_model(lambda rows: rows['a'] + adder_parts.PLUS)\n"
    )
    pyfunc.save_model(
        tmp_path / "model",
        python_model=written(tmp_path, text),
        code_paths=[str(tmp_path / "library" / "adder_parts.py")],
    )
    monkeypatch.undo()
    sys.modules.pop("adder_parts", None)
    found = pyfunc.load_model(tmp_path / "model", trust=True).predict(FRAME)
    assert found.tolist() == [101.0, 102.0]


def test_a_file_from_elsewhere_is_not_executed(tmp_path: Path) -> None:
    path = written(tmp_path, ADDER.format(package="mainstay"))
    pyfunc.save_model(tmp_path / "model", python_model=path)
    trust._written_here.clear()
    mark = tmp_path / "ran"
    (tmp_path / "model" / "adder.py").write_text(f"open({str(mark)!r}, 'w')\n")
    with pytest.raises(UntrustedModel, match=r"the Python file adder\.py"):
        loading.load_model(str(tmp_path / "model"))
    assert not mark.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "set_model 0 times"),
        ("from mainstay.models import set_model\nset_model(len)\nset_model(len)\n", "2 times"),
        ("def (:\n", "no Python"),
        ("import no_such_module_here\n", "no_such_module_here"),
    ],
)
def test_a_file_that_builds_no_model_is_a_users_mistake(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=message):
        pyfunc.save_model(tmp_path / "model", python_model=written(tmp_path, text))
    with pytest.raises(BadInput, match="no Python file"):
        pyfunc.save_model(tmp_path / "model", python_model=tmp_path / "missing.py")


def test_a_configuration_says_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("plus: 3\n")
    found = ModelConfig(development_config=tmp_path / "settings.yaml")
    assert (found.get("plus"), found.to_dict()) == (3, {"plus": 3})
    with pytest.raises(NotFound, match="'minus'"):
        found.get("minus")
    with pytest.raises(BadInput, match="no model_config"):
        ModelConfig()
    with pytest.raises(BadInput, match="missing"):
        ModelConfig(development_config=tmp_path / "missing.yaml")


def test_a_missing_file_of_code_is_an_invalid_model(tmp_path: Path) -> None:
    path = written(tmp_path, ADDER.format(package="mainstay"))
    pyfunc.save_model(tmp_path / "model", python_model=path)
    (tmp_path / "model" / "adder.py").unlink()
    with pytest.raises(InvalidModel, match=r"adder\.py"):
        loading.load_model(str(tmp_path / "model"), trust=True)


THEIRS = """
import sys, mlflow, pandas as pd
place = sys.argv[1]
frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
mlflow.pyfunc.save_model(
    place + "/theirs", python_model=place + "/adder.py", model_config={"plus": 10},
    input_example=frame,
)
"""


def test_mlflow_runs_our_file_and_we_run_its(tmp_path: Path) -> None:
    path = written(tmp_path, ADDER.format(package="mlflow"))
    pyfunc.save_model(
        tmp_path / "ours", python_model=path, model_config={"plus": 10}, input_example=FRAME
    )
    peer.run(THEIRS, str(tmp_path))
    both = {name: tmp_path / name for name in ("ours", "theirs")}
    told = peer.load(both, {})
    for name, folder in both.items():
        model = loading.load_model(str(folder), trust=True)
        assert model.predict(FRAME).tolist() == told[name]["example"] == [14.0, 16.0]
        assert model.signature is not None
        assert model.signature.to_dict() == told[name]["signature"]
    ours, theirs = (mlmodel.read(folder).pyfunc for folder in both.values())
    assert {**theirs, "model_code_path": "adder.py", "python_version": None} == {
        **ours,
        "python_version": None,
    }
