"""What is written out, MLflow reads back equal; Parquet holds every row."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sklearn.datasets import load_iris

from mainstay.connect import connect
from mainstay.entities.pages import Search
from mainstay.models.loading import load_model
from tests.importing import stores
from tests.importing.test_databases import without_addresses
from tests.support.parts import MLFLOW_PYTHON, require

MODEL = """
import sys, warnings
warnings.filterwarnings("ignore")
import mlflow
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
if sys.argv[1] == "make":
    mlflow.set_tracking_uri(sys.argv[2])
    X, y = load_iris(return_X_y=True, as_frame=True)
    mlflow.set_experiment("iris")
    with mlflow.start_run():
        mlflow.log_metric("seen", 1.0)
        mlflow.sklearn.log_model(LogisticRegression(max_iter=500).fit(X, y), name="model",
                                 registered_model_name="iris", input_example=X.head(2))
    mlflow.MlflowClient().set_registered_model_alias("iris", "champion", "1")
else:
    mlflow.set_tracking_uri(sys.argv[2])
    X, _ = load_iris(return_X_y=True, as_frame=True)
    model = mlflow.pyfunc.load_model("models:/iris@champion")
    print("SAID:" + str(model.predict(X).tolist()))
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of ours with everything of a store of MLflow."""
    folder = tmp_path_factory.mktemp("filled")
    stores.make("mlflow", f"sqlite:///{folder}/mlflow.db", folder)
    stores.mainstay("import", "mlflow.db", cwd=folder)
    return folder


def test_mlflow_reads_an_export_as_it_was(filled: Path, tmp_path: Path) -> None:
    there = stores.read("mlflow", f"sqlite:///{filled}/mlflow.db", filled)
    uri = f"sqlite:///{filled}/mainstay.db"
    stores.mainstay("export", "out", "--from", uri, cwd=tmp_path)
    here = stores.read("mlflow", f"sqlite:///{tmp_path}/out/mlflow.db", tmp_path)
    assert without_addresses(here) == without_addresses(there)
    version = here["registry"]["houses"]["versions"]["3"]["uri"]
    assert (Path(version) / "a file.txt").read_text() == "text of 2"
    # And what was written for MLflow comes back in, the same.
    stores.mainstay("import", "out/mlflow.db", cwd=tmp_path)
    assert stores.ours(f"sqlite:///{tmp_path}/mainstay.db") == stores.ours(uri)


def test_a_model_goes_in_and_out_and_predicts_the_same(tmp_path: Path) -> None:
    source = f"sqlite:///{tmp_path}/mlflow.db"
    script(tmp_path, "make", source)
    expected = script(tmp_path, "load", source)
    stores.mainstay("import", "mlflow.db", cwd=tmp_path)
    (tmp_path / "mlruns").rename(tmp_path / "away")
    with connect(f"sqlite:///{tmp_path}/mainstay.db") as here:
        assert here.registry.get_model_version("iris", 1).digest is not None
        model = load_model("models:/iris@champion", stores=here)
        features = load_iris(as_frame=True).data
        assert str(model.predict(features).tolist()) == expected.strip()
    stores.mainstay("export", "out", cwd=tmp_path)
    assert script(tmp_path, "load", f"sqlite:///{tmp_path}/out/mlflow.db") == expected


def test_mlflow_goes_on_with_an_export(filled: Path, tmp_path: Path) -> None:
    stores.mainstay("export", "out", "--from", f"sqlite:///{filled}/mainstay.db", cwd=tmp_path)
    code = (
        "import mlflow\n"
        f"mlflow.set_tracking_uri('sqlite:///{tmp_path}/out/mlflow.db')\n"
        "client = mlflow.MlflowClient()\n"
        "found = client.get_experiment_by_name('prices')\n"
        "run = client.search_runs([found.experiment_id])[0]\n"
        "client.log_metric(run.info.run_id, 'more', 1.0)\n"
        "client.delete_run(run.info.run_id)\n"
        "client.delete_experiment(found.experiment_id)\n"
        "made = client.create_model_version('houses', '/tmp/x').version\n"
        "assert int(made) == 5, made\n"
        "assert client.create_experiment('next') not in (None, found.experiment_id)\n"
    )
    peer(tmp_path, "-c", code)


def test_what_a_stopped_export_left_is_no_hindrance(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "mlartifacts" / "1").mkdir(parents=True)
    (tmp_path / "out" / "mlflow.db.part").write_bytes(b"half")
    uri = f"sqlite:///{filled}/mainstay.db"
    stores.mainstay("export", "out", "--from", uri, cwd=tmp_path)
    assert sorted(entry.name for entry in (tmp_path / "out").iterdir()) == [
        "mlartifacts",
        "mlflow.db",
    ]


def test_parquet_holds_every_row(filled: Path, tmp_path: Path) -> None:
    uri = f"sqlite:///{filled}/mainstay.db"
    command = ("export", "out", "--format", "parquet", "--from", uri, "--json")
    counts = json.loads(stores.mainstay(*command, cwd=tmp_path).stdout)["counts"]
    tables = {file.stem: pq.read_table(file) for file in (tmp_path / "out").iterdir()}
    assert {name: table.num_rows for name, table in tables.items()} == counts
    with connect(uri) as here:
        experiment = here.tracking.get_experiment_by_name("prices")
        assert experiment is not None
        runs = here.tracking.search_runs([experiment.experiment_id], Search(view="ALL")).items
        odd = next(run.info.run_id for run in runs if run.info.run_name == "run 0")
        points = here.tracking.get_metric_history(odd, "odd").items
    frame = tables["metrics"].to_pandas()
    values = frame[(frame.run_id == odd) & (frame.key == "odd")]
    assert [repr(value) for value in values.value] == [repr(point.value) for point in points]
    assert any(math.isnan(value) for value in values.value)
    assert tables["aliases"].to_pylist() == [
        {"name": "houses", "alias": "challenger", "version": 1},
        {"name": "houses", "alias": "champion", "version": 3},
    ]


def script(folder: Path, *arguments: str) -> str:
    return peer(folder, "-c", MODEL, *arguments).partition("SAID:")[2]


def peer(folder: Path, *arguments: str) -> str:
    require("mlflow")
    options: dict[str, Any] = {"cwd": folder, "capture_output": True, "text": True, "check": False}
    environment = {**stores.environment(), "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run([str(MLFLOW_PYTHON), *arguments], env=environment, **options)
    assert done.returncode == 0, done.stderr[-3000:]
    return str(done.stdout)
