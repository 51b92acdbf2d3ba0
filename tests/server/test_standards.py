"""A logging standard holds for every client: ours, spooled or not, and the stock one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mainstay.connect import connect
from mainstay.connect.stores import Stores
from mainstay.entities.logged_models import LoggedModelStatus
from mainstay.entities.metrics import Metric
from mainstay.entities.spool import CreateRun, CreateVersion, LogBatch, Record, UpdateRun
from mainstay.entities.standards import MISSING_TAG, STATE_TAG
from mainstay.errors import BadInput, NotFound, PermissionDenied
from tests.support.parts import MLFLOW_PYTHON, require
from tests.support.server import RunningServer

STANDARD = "mode: {mode}\ntags: {{owner: ''}}\nmetrics: [auc]\nartifacts: [notes.txt]\n"
READY: LoggedModelStatus = "READY"


@pytest.fixture(scope="module", params=["server", "database"])
def stores(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stores]:
    """The stores of a server, and those of a database that is used directly."""
    folder = tmp_path_factory.mktemp("standards")
    if request.param == "database":
        with connect(f"sqlite:///{folder}/mainstay.db") as opened:
            yield opened
        return
    with RunningServer(folder) as server, connect(server.url) as opened:
        yield opened


@pytest.fixture
def experiment(stores: Stores, request: pytest.FixtureRequest) -> str:
    name = f"{request.node.name}"
    return stores.tracking.create_experiment(name).experiment_id


def start(stores: Stores, experiment: str) -> str:
    return stores.tracking.create_run(experiment).info.run_id


def fill(stores: Stores, run_id: str) -> None:
    """Log all that the standard asks for."""
    auc = Metric(key="auc", value=0.9, timestamp=1, step=0)
    stores.tracking.log_batch(run_id, metrics=[auc], tags={"owner": "ada"})
    root = stores.tracking.get_run(run_id).info.artifact_uri
    stores.artifacts_at(root).write("notes.txt", [b"n"])


def tags(stores: Stores, run_id: str) -> dict[str, str]:
    return stores.tracking.get_run(run_id).data.tags


def test_a_standard_is_kept_shown_and_removed(stores: Stores, experiment: str) -> None:
    assert stores.standards.get_standard(experiment) is None
    text = STANDARD.format(mode="warn")
    done = stores.standards.set_standard(experiment, text)
    found = stores.standards.get_standard(experiment)
    assert found is not None
    assert (found.text, found.digest, len(found.digest)) == (text, done.digest, 64)
    with pytest.raises(BadInput, match="standard"):
        stores.standards.set_standard(experiment, "nonsense: [x]")
    stores.standards.delete_standard(experiment)
    stores.standards.delete_standard(experiment)
    assert stores.standards.get_standard(experiment) is None
    for call in (stores.standards.get_standard, stores.standards.delete_standard):
        with pytest.raises(NotFound):
            call("999999")
    with pytest.raises(NotFound):
        stores.standards.set_standard("999999", text)
    with pytest.raises(NotFound):
        stores.standards.check_run("f" * 32)


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED"])
def test_a_run_that_ends_is_marked(stores: Stores, experiment: str, status: Any) -> None:
    stores.standards.set_standard(experiment, STANDARD.format(mode="enforce"))
    run_id = start(stores, experiment)
    stores.tracking.update_run(run_id, status="RUNNING")
    assert STATE_TAG not in tags(stores, run_id)
    stores.tracking.update_run(run_id, status=status)
    found = tags(stores, run_id)
    assert found[STATE_TAG] == "incomplete"
    assert found[MISSING_TAG] == "tag owner, metric auc, artifact notes.txt"
    fill(stores, run_id)
    report = stores.standards.check_run(run_id)
    assert report is not None
    assert report.complete
    found = tags(stores, run_id)
    assert (found[STATE_TAG], found[MISSING_TAG]) == ("complete", "")


def test_a_run_without_a_standard_is_left_alone(stores: Stores, experiment: str) -> None:
    run_id = start(stores, experiment)
    stores.tracking.update_run(run_id, status="FINISHED")
    assert STATE_TAG not in tags(stores, run_id)
    assert stores.standards.check_run(run_id) is None


def register(stores: Stores, experiment: str, run_id: str, door: str) -> int:
    """Make a version of a run by one of the ways there are."""
    name = f"m{experiment}"
    if not stores.registry.search_registered_models(_named(name)).items:
        stores.registry.create_registered_model(name)
    root = stores.tracking.get_run(run_id).info.artifact_uri
    stores.artifacts_at(root).write("model/MLmodel", [b"flavors: {}\n"])
    if door == "model":
        model = stores.tracking.create_logged_model(experiment, name="m", source_run_id=run_id)
        stores.artifacts_at(model.artifact_location).write("MLmodel", [b"flavors: {}\n"])
        stores.tracking.finalize_logged_model(model.model_id, READY)
        source = f"models:/{model.model_id}"
        return stores.registry.create_model_version(name, source).version
    if door == "source":
        return stores.registry.create_model_version(name, f"runs:/{run_id}/model").version
    return stores.registry.create_model_version(name, f"{root}/model", run_id=run_id).version


def _named(name: str) -> Any:
    from mainstay.entities.pages import Search

    return Search(filter=f"name = '{name}'")


@pytest.mark.parametrize("door", ["run", "source", "model"])
def test_enforce_refuses_to_register_what_is_incomplete_by_any_door(
    stores: Stores, experiment: str, door: str
) -> None:
    stores.standards.set_standard(experiment, STANDARD.format(mode="enforce"))
    run_id = start(stores, experiment)
    with pytest.raises(PermissionDenied) as refused:
        register(stores, experiment, run_id, door)
    assert refused.value.status == 403
    assert "tag owner, metric auc, artifact notes.txt" in refused.value.message
    assert tags(stores, run_id)[STATE_TAG] == "incomplete"
    # What says that it is complete does not make it so.
    stores.tracking.log_batch(run_id, tags={STATE_TAG: "complete"})
    with pytest.raises(PermissionDenied):
        register(stores, experiment, run_id, door)
    fill(stores, run_id)
    assert register(stores, experiment, run_id, door) == 1
    assert tags(stores, run_id)[STATE_TAG] == "complete"


def test_warn_marks_and_refuses_nothing(stores: Stores, experiment: str) -> None:
    stores.standards.set_standard(experiment, STANDARD.format(mode="warn"))
    run_id = start(stores, experiment)
    assert register(stores, experiment, run_id, "run") == 1
    assert tags(stores, run_id)[STATE_TAG] == "incomplete"


def test_a_model_that_the_run_logged_counts_as_an_artifact(stores: Stores, experiment: str) -> None:
    from mainstay.entities.inputs import LoggedModelOutput

    stores.standards.set_standard(experiment, "artifacts: [net]")
    run_id = start(stores, experiment)
    model = stores.tracking.create_logged_model(experiment, name="net", source_run_id=run_id)
    stores.tracking.log_outputs(run_id, [LoggedModelOutput(model.model_id)])
    report = stores.standards.check_run(run_id)
    assert report is not None
    assert report.missing == []


def test_what_a_spool_sends_is_checked_and_training_goes_on(
    stores: Stores, experiment: str
) -> None:
    stores.standards.set_standard(
        experiment, STANDARD.format(mode="enforce").replace("artifacts: [notes.txt]\n", "")
    )
    name = f"spooled{experiment}"
    bad, good = f"{int(experiment):032x}", f"{int(experiment) + 4096:032x}"
    auc = Metric(key="auc", value=0.9, timestamp=1, step=0)
    operations = [
        CreateRun(run_id=bad, experiment_id=experiment, start_time=1),
        CreateVersion(name=name, source="s3://b/1", run_id=bad),
        UpdateRun(run_id=bad, status="FINISHED", end_time=2),
        CreateRun(run_id=good, experiment_id=experiment, start_time=1),
        LogBatch(run_id=good, metrics=[auc], tags={"owner": "ada"}),
        CreateVersion(name=name, source="s3://b/2", run_id=good),
        UpdateRun(run_id=good, status="FINISHED", end_time=2),
    ]
    records = [Record(number, item) for number, item in enumerate(operations, 1)]
    for _ in range(2):  # a repeat tells the same
        done = stores.tracking.apply(f"segment-{experiment}", records)
        assert done.sequence == len(records)
        (rejected,) = done.rejected
        assert (rejected.sequence, rejected.error_code) == (2, "PERMISSION_DENIED")
        assert "tag owner, metric auc" in rejected.message
    assert tags(stores, bad)[STATE_TAG] == "incomplete"
    assert tags(stores, good)[STATE_TAG] == "complete"
    versions = stores.registry.search_model_versions(_named(name)).items
    assert [version.run_id for version in versions] == [good]


STOCK = """
import mlflow, sys
from mlflow.exceptions import RestException
mlflow.set_experiment("stock")
with mlflow.start_run() as run:
    mlflow.log_text("flavors: {}", "model/MLmodel")
client = mlflow.MlflowClient()
found = client.get_run(run.info.run_id).data.tags
assert found["mainstay.standard"] == "incomplete", found
assert found["mainstay.standard.missing"] == "tag owner, metric auc, artifact notes.txt", found
client.create_registered_model("stock")
root = run.info.artifact_uri
try:
    client.create_model_version("stock", f"{root}/model", run_id=run.info.run_id)
except RestException as error:
    assert error.error_code == "PERMISSION_DENIED", error
    assert "metric auc" in str(error), error
else:
    raise AssertionError("registered all the same")
with mlflow.start_run() as run:
    mlflow.set_tag("owner", "ada")
    mlflow.log_metric("auc", 0.9)
    mlflow.log_text("n", "notes.txt")
    mlflow.log_text("flavors: {}", "model/MLmodel")
assert client.get_run(run.info.run_id).data.tags["mainstay.standard"] == "complete"
version = client.create_model_version(
    "stock", f"{run.info.artifact_uri}/model", run_id=run.info.run_id
)
assert version.version in (1, "1"), version
"""


def test_the_stock_client_is_held_to_it_too(tmp_path: Path) -> None:
    require("mlflow")
    with RunningServer(tmp_path) as server, connect(server.url) as stores:
        made = stores.tracking.create_experiment("stock").experiment_id
        stores.standards.set_standard(made, STANDARD.format(mode="enforce"))
        done = subprocess.run(
            [str(MLFLOW_PYTHON), "-c", STOCK],
            env={
                **os.environ,
                "MLFLOW_TRACKING_URI": server.url,
                "MLFLOW_DISABLE_TELEMETRY": "true",
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_the_commands_set_show_check_and_remove(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/mainstay.db"
    file = tmp_path / "standard.yaml"
    file.write_text(STANDARD.format(mode="enforce"))

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mainstay", "experiments", "standard", *words],
            env={**os.environ, "MAINSTAY_TRACKING_URI": uri},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    with connect(uri) as stores:
        run_id = start(stores, "0")
    assert command("set", "Default", str(file)).returncode == 0
    shown = command("show", "Default")
    assert "metrics: [auc]" in shown.stdout
    checked = command("check", run_id)
    assert checked.returncode == 1
    assert "cannot be registered" in checked.stdout
    assert "metric auc" in checked.stdout
    assert "tag owner" in command("check", run_id, "--json").stdout
    assert command("remove", "Default").returncode == 0
    assert command("check", run_id).returncode == 0
    assert command("set", "nowhere", str(file)).returncode == 1
