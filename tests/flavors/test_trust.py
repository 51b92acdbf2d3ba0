"""The one door, for the other libraries' files: what is refused runs nothing."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from sklearn.datasets import load_iris

from mainstay import lightgbm as lightgbm_flavor
from mainstay import pytorch as pytorch_flavor
from mainstay import statsmodels as statsmodels_flavor
from mainstay import xgboost as xgboost_flavor
from tests.models.test_trust import WATCHED, Hostile
from tests.support.parts import library

lightgbm = library("lightgbm")
torch = library("torch")
xgboost = library("xgboost")
sm = library("statsmodels.api")

# The libraries themselves are loaded before the hook is set: their own imports are not the file's.
PROGRAM = WATCHED.replace(
    'FLAVORS.get("sklearn"), FLAVORS.get("pyfunc")',
    'for name in "sklearn pyfunc lightgbm pytorch statsmodels xgboost".split(): FLAVORS.get(name)',
)


@pytest.fixture(
    params=["statsmodels", "lightgbm", "pytorch", "xgboost as statsmodels", "xgboost with code"]
)
def hostile(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A model folder whose load would write the file ``ran``."""
    data, target = load_iris(return_X_y=True, as_frame=True)
    folder, mark = tmp_path / "model", tmp_path / "ran"
    if request.param == "statsmodels":
        statsmodels_flavor.save_model(sm.OLS(target, data).fit(), folder)
        file = "model.statsmodels"
    elif request.param == "pytorch":
        pytorch_flavor.save_model(torch.nn.Linear(4, 1), folder)
        torch.save(Hostile(mark), folder / "data" / "model.pth")
        return folder
    elif request.param == "lightgbm":
        model = lightgbm.LGBMRegressor(n_estimators=2, verbose=-1).fit(data, target)
        lightgbm_flavor.save_model(model, folder, serialization_format="pickle")
        file = "model.pkl"
    else:
        xgboost_flavor.save_model(xgboost.XGBRegressor(n_estimators=2).fit(data, target), folder)
        file = "model.ubj"
        form = yaml.safe_load((folder / "MLmodel").read_text())
        if request.param == "xgboost with code":
            (folder / "code").mkdir()
            (folder / "code" / "sitecustomize.py").write_text(f"open({str(mark)!r}, 'w')")
            form["flavors"]["python_function"]["code"] = "code"
        else:
            form["flavors"]["python_function"]["loader_module"] = "mlflow.statsmodels"
        (folder / "MLmodel").write_text(yaml.safe_dump(form))
        if request.param == "xgboost with code":
            return folder
    with (folder / file).open("wb") as stream:
        pickle.dump(Hostile(mark), stream)
    return folder


def test_a_refused_model_runs_and_imports_nothing(hostile: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(hostile)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["outcome"].startswith("UntrustedModel"), found["outcome"]
    assert not (tmp_path / "ran").exists()
    imported = [name for event, name in found["seen"] if event == "import"]
    assert not [name for name in imported if "hostile" in name or "sitecustomize" in name]
    assert not [event for event, _ in found["seen"] if event in ("os.system", "subprocess.Popen")]
    executed = [name for event, name in found["seen"] if event == "exec"]
    assert not [name for name in executed if str(hostile) in name]


def test_a_pickle_in_place_of_a_booster_is_no_booster(tmp_path: Path) -> None:
    data, target = load_iris(return_X_y=True, as_frame=True)
    folder, mark = tmp_path / "model", tmp_path / "ran"
    xgboost_flavor.save_model(xgboost.XGBRegressor(n_estimators=2).fit(data, target), folder)
    with (folder / "model.ubj").open("wb") as stream:
        pickle.dump(Hostile(mark), stream)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["outcome"].startswith("InvalidModel")
    assert not mark.exists()
