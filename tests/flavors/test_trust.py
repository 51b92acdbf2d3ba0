"""The one door, for the other libraries' files: what is refused runs nothing."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from sklearn.datasets import load_iris

from mainstay import catboost as catboost_flavor
from mainstay import keras as keras_flavor
from mainstay import lightgbm as lightgbm_flavor
from mainstay import onnx as onnx_flavor
from mainstay import prophet as prophet_flavor
from mainstay import pytorch as pytorch_flavor
from mainstay import spark as spark_flavor
from mainstay import statsmodels as statsmodels_flavor
from mainstay import tensorflow as tensorflow_flavor
from mainstay import transformers as transformers_flavor
from mainstay import xgboost as xgboost_flavor
from tests.flavors.programs import spoilt_program
from tests.flavors.test_keras import changed
from tests.flavors.test_keras import layers as keras_layers
from tests.flavors.test_onnx import regression as onnx_graph
from tests.flavors.test_prophet import fitted as forecaster
from tests.flavors.transformers_models import MAKE
from tests.models.hostile import DATA, WAYS, rows
from tests.models.test_trust import WATCHED, Hostile
from tests.support.parts import library

catboost = library("catboost")
lightgbm = library("lightgbm")
torch = library("torch")
xgboost = library("xgboost")
sm = library("statsmodels.api")
tf = library("tensorflow")
library("transformers")
classification = library("pyspark.ml.classification")
feature = library("pyspark.ml.feature")
sql = library("pyspark.sql")


# The libraries themselves are loaded before the hook is set: their own imports are not the file's.
def program(names: str) -> str:
    """Return the program that loads a model under the hook; some libraries are loaded before."""
    lookup = 'FLAVORS.get("sklearn"), FLAVORS.get("pyfunc")'
    assert lookup in WATCHED
    return WATCHED.replace(lookup, f"for name in {names!r}.split(): FLAVORS.get(name)")


PROGRAM = program("sklearn pyfunc catboost lightgbm onnx prophet pytorch statsmodels xgboost")


@pytest.fixture(params=rows(WAYS, "statsmodels", "lightgbm", "pytorch", "xgboost"))
def hostile(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A model folder whose load would write the file ``ran``."""
    data, target = load_iris(return_X_y=True, as_frame=True)
    folder, mark = tmp_path / "model", tmp_path / "ran"
    if request.param == "statsmodels pickle":
        statsmodels_flavor.save_model(sm.OLS(target, data).fit(), folder)
        file = "model.statsmodels"
    elif request.param == "pytorch pickle":
        pytorch_flavor.save_model(torch.nn.Linear(4, 1), folder)
        torch.save(Hostile(mark), folder / "data" / "model.pth")
        return folder
    elif request.param.startswith("pytorch "):
        return spoilt_program(folder, mark, request.param.partition(" ")[2])
    elif request.param == "lightgbm pickle":
        model = lightgbm.LGBMRegressor(n_estimators=2, verbose=-1).fit(data, target)
        lightgbm_flavor.save_model(model, folder, serialization_format="pickle")
        file = "model.pkl"
    else:
        xgboost_flavor.save_model(xgboost.XGBRegressor(n_estimators=2).fit(data, target), folder)
        file = "model.ubj"
        form = yaml.safe_load((folder / "MLmodel").read_text())
        if request.param == "xgboost code":
            (folder / "code").mkdir()
            (folder / "code" / "sitecustomize.py").write_text(f"open({str(mark)!r}, 'w')")
            form["flavors"]["python_function"]["code"] = "code"
        else:
            form["flavors"]["python_function"]["loader_module"] = "mlflow.statsmodels"
        (folder / "MLmodel").write_text(yaml.safe_dump(form))
        if request.param == "xgboost code":
            return folder
    with (folder / file).open("wb") as stream:
        pickle.dump(Hostile(mark), stream)
    return folder


@pytest.fixture(params=rows(WAYS, "keras", "tensorflow", "transformers", "spark"))
def newer(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same for the libraries whose models are folders of several files."""
    folder, mark = tmp_path / "model", tmp_path / "ran"
    library_name, _, how = request.param.partition(" ")
    if library_name == "keras":
        keras_flavor.save_model(keras_layers(), folder)
        return _spoilt_keras(folder, mark, how)
    if library_name == "tensorflow":
        module = tf.Module()
        place = tf.constant(str(mark))
        module.write = tf.function(
            lambda rows: (tf.io.write_file(place, "ran"), rows)[1],
            input_signature=[tf.TensorSpec((None,), tf.float32)],
        )
        tensorflow_flavor.save_model(module, folder)
        return folder
    if library_name == "transformers":
        made: dict[str, object] = {}
        exec(MAKE, made)
        transformers_flavor.save_model(made["classifier"](), folder)  # type: ignore[operator]
        return _spoilt_transformers(folder, mark, how)
    return _spoilt_spark(folder, how)


def _spoilt_keras(folder: Path, mark: Path, how: str) -> Path:
    if how == "lambda":
        code = {"class_name": "__lambda__", "config": {"value": {"code": "4wAAAA=="}}}
        layer = {"module": "keras.layers", "class_name": "Lambda", "config": {"function": code}}
        return changed(folder, layer)
    if how == "graph":
        return _spoilt_graph(folder.with_name("exported"), mark)
    if how == "older":
        (folder / "data" / "model.keras").rename(folder / "data" / "model.h5")
        return folder
    with (folder / "data" / "custom_objects.cloudpickle").open("wb") as stream:
        pickle.dump(Hostile(mark), stream)
    return folder


def _spoilt_graph(folder: Path, mark: Path) -> Path:
    """A graph that writes a file, where Keras's exported graph lies."""
    keras_flavor.save_model(
        keras_layers(), folder, save_exported_model=True, input_example=np.zeros((1, 4), np.float32)
    )
    module = tf.Module()
    place = tf.constant(str(mark))
    module.serve = tf.function(
        lambda rows: (tf.io.write_file(place, "ran"), rows)[1],
        input_signature=[tf.TensorSpec((None, 4), tf.float32)],
    )
    tf.saved_model.save(module, str(folder / "data" / "model"))
    return folder


def _spoilt_transformers(folder: Path, mark: Path, how: str) -> Path:
    if how == "weights":
        (folder / "model" / "model.safetensors").unlink()
        torch.save(Hostile(mark), folder / "model" / "pytorch_model.bin")
        return folder
    (folder / "model" / "hostile_code.py").write_text(f"open({str(mark)!r}, 'w')")
    if how == "settings":
        path = folder / "model" / "config.json"
        form = json.loads(path.read_text())
        form["auto_map"] = {"AutoModel": "hostile_code.Model"}
        path.write_text(json.dumps(form))
    return folder


def _spoilt_spark(folder: Path, how: str) -> Path:
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    if how == "sql":
        statement = "SELECT reflect('java.lang.System', 'setProperty', 'ran', 'yes') FROM __THIS__"
        spark_flavor.save_model(feature.SQLTransformer(statement=statement), folder)
        return folder
    rows = session.createDataFrame([(0.0, 1.0), (1.0, 0.0)], ["label", "a"])
    joined = feature.VectorAssembler(inputCols=["a"], outputCol="features").transform(rows)
    spark_flavor.save_model(classification.LogisticRegression(maxIter=1).fit(joined), folder)
    if how == "type":
        (path,) = (folder / "sparkml").rglob("*.parquet")
        path.write_bytes(path.read_bytes().replace(b"linalg.MatrixUDT", b"hostile.AnyType1"))
        return folder
    (path,) = (folder / "sparkml").glob("stages/0_*/metadata/part-*")
    form = json.loads(path.read_text())
    path.write_text(json.dumps({**form, "class": "hostile_stage.Model"}))
    return folder


def test_a_refused_folder_runs_and_imports_nothing(
    newer: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = program(request.node.callspec.params["newer"].partition(" ")[0])
    done = subprocess.run(
        [sys.executable, "-c", text, str(newer)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.strip().rpartition("\n")[2])
    assert found["outcome"].startswith("UntrustedModel"), found["outcome"]
    assert not (tmp_path / "ran").exists()
    imported = [name for event, name in found["seen"] if event == "import"]
    assert not [name for name in imported if "hostile" in name]
    assert not [event for event, _ in found["seen"] if event in ("os.system", "subprocess.Popen")]
    executed = [name for event, name in found["seen"] if event == "exec"]
    assert not [name for name in executed if str(newer) in name]


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


def data_only(flavor: str, form: str, folder: Path) -> Path:
    """Save a model in a form that is data alone, and return its file."""
    data, target = load_iris(return_X_y=True, as_frame=True)
    if flavor == "xgboost":
        model = xgboost.XGBRegressor(n_estimators=2).fit(data, target)
        xgboost_flavor.save_model(model, folder, model_format=form)
        return folder / f"model.{form}"
    if flavor == "lightgbm":
        model = lightgbm.LGBMRegressor(n_estimators=2, verbose=-1).fit(data, target).booster_
        lightgbm_flavor.save_model(model, folder)
        return folder / "model.lgb"
    if flavor == "catboost":
        quiet = {"iterations": 2, "verbose": 0, "allow_writing_files": False}
        model = catboost.CatBoostRegressor(**quiet).fit(data, target)
        catboost_flavor.save_model(model, folder, format=form)
        return folder / "model.cb"
    if flavor == "onnx":
        onnx_flavor.save_model(onnx_graph(), folder)
        return folder / "model.onnx"
    prophet_flavor.save_model(forecaster(), folder)
    return folder / "model.pr"


@pytest.mark.parametrize("row", rows(DATA, *DATA))
def test_a_pickle_in_place_of_data_is_no_model_and_is_not_unpickled(
    row: str, tmp_path: Path
) -> None:
    folder, mark = tmp_path / "model", tmp_path / "ran"
    file = data_only(*row.split(), folder)
    assert file.is_file()
    with file.open("wb") as stream:
        pickle.dump(Hostile(mark), stream)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.strip().rpartition("\n")[2])
    assert found["outcome"].startswith("InvalidModel"), found["outcome"]
    assert not mark.exists()
    assert not [name for event, name in found["seen"] if event == "import" and "hostile" in name]
