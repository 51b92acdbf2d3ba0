"""The other end may be a stock MLflow server: runs are made there first, under its ids."""

from __future__ import annotations

import os
import signal
import subprocess
import urllib.request
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import mainstay
from mainstay.client import Client
from mainstay.connect import connect
from mainstay.entities.metrics import Metric
from mainstay.entities.spool import CreateRun, LogBatch
from mainstay.spool.foreign import MINTED
from mainstay.spool.reports import SpoolWarning
from mainstay.spool.segment import Target
from mainstay.spool.sync import sync
from mainstay.spool.writer import Writer
from tests.spool.conftest import eventually, free_port
from tests.support.face import fresh_face
from tests.support.parts import MLFLOW_PYTHON, require


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A stock MLflow server."""
    require("mlflow")
    folder = tmp_path_factory.mktemp("mlflow")
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(str(MLFLOW_PYTHON), "-m", "mlflow", "server", "--workers", "1"),
                *("--host", "127.0.0.1", "--port", str(port)),
                *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db"),
                *("--artifacts-destination", str(folder / "artifacts")),
            ],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "MLFLOW_DISABLE_TELEMETRY": "true",
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            },
            start_new_session=True,
        )

    def healthy() -> bool:
        assert process.poll() is None, (folder / "log").read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    try:
        eventually(healthy, patience=180)
        yield f"http://127.0.0.1:{port}"
    finally:
        # The server is a group of processes of its own: parent and workers.
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def face(foreign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    yield from fresh_face(foreign, tmp_path, monkeypatch)


def test_a_script_runs_unchanged_against_an_mlflow_server(face: str, tmp_path: Path) -> None:
    mainstay.set_experiment("from mainstay")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}\n")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with mainstay.start_run(run_name="first") as run:
            for step in range(2500):
                mainstay.log_metric("loss", step / 2, step=step)
            mainstay.log_params({"a": 1, "b": 2})
            mainstay.log_param("a", "changed")
            mainstay.log_text("hello", "notes/a.txt")
            made = mainstay.initialize_logged_model("m")
            mainstay.fluent.models.log_model_artifacts(tmp_path / "model", made.model_id)
            mainstay.finalize_logged_model(made.model_id)
        assert mainstay.flush(180)
    messages = [str(one.message) for one in caught if issubclass(one.category, SpoolWarning)]
    assert any("Changing param values is not allowed" in text for text in messages)
    found = mainstay.get_run(run.info.run_id)
    assert (found.info.status, found.info.run_name) == ("FINISHED", "first")
    assert found.data.params == {"a": "1", "b": "2"}
    client = Client(face)
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [point.step for point in history] == list(range(2500))
    assert mainstay.artifacts.load_text(f"runs:/{run.info.run_id}/notes/a.txt") == "hello"
    assert mainstay.get_logged_model(made.model_id).status == "READY"
    version = mainstay.register_model(f"models:/{made.model_id}", "from-mainstay")
    assert version.version == 1


def test_a_run_made_offline_gets_the_servers_id_and_arrives_once(
    foreign: str, tmp_path: Path
) -> None:
    ours = "ab" * 16
    writer = Writer(tmp_path / "spool", Target(uri=foreign, created_at=1), cap=1 << 30)
    writer.append(CreateRun(run_id=ours, experiment_name="offline", run_name="r", start_time=5))
    for step in range(30):
        point = Metric("loss", float(step), 100 + step, step)
        writer.append(LogBatch(run_id=ours, metrics=[point]))
    # As after a crash between the server's answer and the note of it: sent, and not remembered.
    copy = tmp_path / "copy" / writer.segment.name
    copy.mkdir(parents=True)
    for path in writer.segment.folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    writer.close()
    assert [one.state for one in sync(tmp_path / "spool", lambda _: connect(foreign))] == ["sent"]
    (copy / "ids.json").write_text('{"other": "known"}')
    assert [one.state for one in sync(tmp_path / "copy", lambda _: connect(foreign))] == ["sent"]
    client = Client(foreign)
    experiment = client.get_experiment_by_name("offline")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.run_id != ours
    assert run.data.tags[MINTED] == ours
    assert [m.step for m in client.get_metric_history(run.info.run_id, "loss")] == list(range(30))
