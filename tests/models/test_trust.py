"""The one door: what is refused runs nothing, and the message lists what it asked for."""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys
from pathlib import Path

import cloudpickle
import pandas as pd
import pytest
import skops.io
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer

from mainstay import pyfunc
from mainstay import sklearn as flavor
from mainstay.entities.accounts import Recorder
from mainstay.errors import BadInput, UntrustedModel
from mainstay.models import loading, trust
from mainstay.models.flavors import LIBRARIES
from tests.models import hostile as hostile_files

ADA = Recorder(principal="ada", standing="account", known=True)

WATCHED = """
import json, sys
seen, armed = [], []
def hook(event, arguments):
    if armed and event in ("import", "exec", "os.system", "subprocess.Popen", "open"):
        seen.append([event, str(arguments[0])])
from mainstay.errors import MainstayError
from mainstay.models import loading
from mainstay.models.flavors import FLAVORS
FLAVORS.get("sklearn"), FLAVORS.get("pyfunc")
sys.addaudithook(hook)
armed.append(True)
try:
    loading.load_model(sys.argv[1])
    outcome = "loaded"
except MainstayError as error:
    outcome = type(error).__name__ + ": " + error.message
armed.clear()
print(json.dumps({"outcome": outcome, "seen": seen}))
"""


class Hostile:
    """Unpickling it imports a module that was never asked for and runs a command."""

    def __init__(self, mark: Path) -> None:
        self.mark = str(mark)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        code = f"open({self.mark!r}, 'w').write('ran')\nimport this_is_hostile"
        return exec, (code,)


@pytest.fixture(params=hostile_files.rows(hostile_files.WAYS, "sklearn", "pyfunc"))
def hostile(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A model folder whose load would write the file ``ran``, one for each way to run code."""
    folder, mark = tmp_path / "model", tmp_path / "ran"
    if request.param.startswith("sklearn"):
        flavor.save_model(LogisticRegression(), folder, serialization_format="pickle")
        with (folder / "model.pkl").open("wb") as stream:
            (pickle if "cloud" not in request.param else cloudpickle).dump(Hostile(mark), stream)
    elif request.param == "pyfunc pickle":
        pyfunc.save_model(folder, python_model=lambda model_input: model_input)
        with (folder / "python_model.pkl").open("wb") as stream:
            pickle.dump(Hostile(mark), stream)
    else:
        flavor.save_model(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), folder)
        form = yaml.safe_load((folder / "MLmodel").read_text())
        source = f"open({str(mark)!r}, 'w').write('ran')\ndef _load_pyfunc(path): return None\n"
        (folder / "code").mkdir()
        name = "hostile_loader.py" if request.param == "pyfunc loader" else "numpy.py"
        (folder / "code" / name).write_text(source)
        form["flavors"]["python_function"]["code"] = "code"
        if request.param == "pyfunc loader":
            form["flavors"]["python_function"]["loader_module"] = "hostile_loader"
        (folder / "MLmodel").write_text(yaml.safe_dump(form))
    return folder


def test_a_refused_model_runs_and_imports_nothing(hostile: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(hostile)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["outcome"].startswith("UntrustedModel"), found["outcome"]
    assert not (tmp_path / "ran").exists()
    imported = [name for event, name in found["seen"] if event == "import"]
    assert not [name for name in imported if "hostile" in name]
    assert not [event for event, _ in found["seen"] if event in ("os.system", "subprocess.Popen")]
    opened = [name for event, name in found["seen"] if event == "open"]
    assert any(str(hostile) in name for name in opened), "the model's files were looked at"
    executed = [name for event, name in found["seen"] if event == "exec"]
    assert not [name for name in executed if str(hostile) in name]


def test_every_flavor_has_a_hostile_file_for_each_of_its_forms() -> None:
    assert {*hostile_files.WAYS, *hostile_files.DATA} == {"pyfunc", *LIBRARIES}


def test_the_same_model_does_run_code_once_it_is_vouched_for(hostile: Path, tmp_path: Path) -> None:
    program = WATCHED.replace("load_model(sys.argv[1])", "load_model(sys.argv[1], trust=True)")
    command = [sys.executable, "-c", program.replace("MainstayError as", "Exception as")]
    subprocess.run([*command, str(hostile)], capture_output=True, text=True, check=False)
    ran = (tmp_path / "ran").exists()
    # A module called numpy in code/ does not take numpy's place: numpy is imported already.
    assert ran == ((hostile / "code" / "numpy.py").exists() is False)


def test_the_refusal_names_what_it_asks_for_and_how_to_vouch(hostile: Path) -> None:
    trust._written_here.clear()
    with pytest.raises(UntrustedModel) as refused:
        loading.load_model(str(hostile))
    assert "trust=True" in refused.value.message
    asked = refused.value.message.partition("It asks for: ")[2]
    assert any(word in asked for word in ("builtins.exec", "hostile_loader", "code/"))


@pytest.fixture
def neighbours(tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]) -> Path:
    """A harmless model that needs code to load."""
    flavor.save_model(KNeighborsClassifier().fit(*iris), tmp_path / "knn")
    return tmp_path / "knn"


def test_what_this_process_wrote_itself_loads_again(neighbours: Path) -> None:
    assert loading.load_model(str(neighbours)).loader_module == "mlflow.sklearn"


def test_a_changed_file_is_no_longer_what_this_process_wrote(neighbours: Path) -> None:
    with (neighbours / "model.pkl").open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(UntrustedModel):
        loading.load_model(str(neighbours))


@pytest.mark.parametrize(
    ("mode", "origin", "given", "admitted"),
    [
        ("server", "server", None, True),
        ("server", "elsewhere", None, False),
        ("server", "elsewhere", True, True),
        ("server", "server", False, False),
        ("none", "server", None, False),
        ("none", "server", True, True),
        ("signed", "server", None, False),
        ("server", "server", "none", False),
        ("none", "server", "server", True),
    ],
)
def test_the_table_of_who_may_load_code(
    mode: str, origin: str, given: object, admitted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTAY_TRUST", mode)
    ask = {"what": "churn version 1", "origin": origin, "trust": given, "recorder": lambda: ADA}
    if admitted:
        trust.admit(["os.system"], **ask)  # type: ignore[arg-type]
        return
    with pytest.raises(UntrustedModel, match=r"os\.system"):
        trust.admit(["os.system"], **ask)  # type: ignore[arg-type]


def test_data_only_files_need_no_trust_in_any_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_TRUST", "none")
    trust.admit([], what="a model", origin="elsewhere", trust=False)


def test_one_line_of_notice_per_model(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            trust.admit(
                ["a.b"],
                what="churn version 1",
                origin="server",
                where="http://here",
                recorder=lambda: ADA,
            )
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "http://here" in caplog.text


def test_an_unknown_setting_is_a_users_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_TRUST", "everybody")
    with pytest.raises(BadInput, match="everybody"):
        trust.admit(["a.b"], what="a model", origin="server")


def test_a_skops_file_with_a_foreign_function_is_refused_by_its_name(tmp_path: Path) -> None:
    flavor.save_model(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), tmp_path / "model")
    # It would list a folder when asked to predict; a caller chooses which.
    skops.io.dump(FunctionTransformer(os.listdir), tmp_path / "model" / "model.skops")
    with pytest.raises(UntrustedModel, match=r"posix\.listdir"):
        loading.load_model(str(tmp_path / "model"))


def test_types_that_mlmodel_claims_to_be_trusted_are_not(tmp_path: Path) -> None:
    flavor.save_model(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), tmp_path / "model")
    skops.io.dump(FunctionTransformer(os.listdir), tmp_path / "model" / "model.skops")
    text = (tmp_path / "model" / "MLmodel").read_text()
    claimed = text.replace("skops_trusted_types: null", "skops_trusted_types: [posix.listdir]")
    assert claimed != text
    (tmp_path / "model" / "MLmodel").write_text(claimed)
    with pytest.raises(UntrustedModel, match=r"posix\.listdir"):
        loading.load_model(str(tmp_path / "model"))
