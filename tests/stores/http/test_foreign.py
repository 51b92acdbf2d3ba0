"""The plain MLflow calls work against MLflow's own server."""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from uuid import uuid4

import pytest

from mainstay.connect import Stores, connect
from mainstay.entities.inputs import Dataset, DatasetInput, LoggedModelOutput
from mainstay.entities.metrics import Metric
from mainstay.entities.pages import Search
from mainstay.errors import (
    AliasNotFound,
    AlreadyExists,
    BadInput,
    NotFound,
    NotImplementedHere,
)
from tests.support.parts import MLFLOW_PYTHON, require

START_SECONDS = 120.0


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:
            return bool(answer.read() == b"OK")
    except OSError:
        return False


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A stock ``mlflow server`` on SQLite."""
    require("mlflow")
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
    command = [
        *(str(MLFLOW_PYTHON), "-m", "mlflow", "server", "--workers", "1"),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--backend-store-uri", "sqlite:///mlflow.db", "--artifacts-destination", "./files"),
    ]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **quiet},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    try:
        while not answers(url):
            assert server.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.1)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(120)


@pytest.fixture
def stores(foreign: str) -> Iterator[Stores]:
    with connect(foreign) as opened:
        yield opened


@pytest.fixture
def name() -> str:
    return f"n-{uuid4().hex[:10]}"


def test_it_is_known_as_foreign(stores: Stores) -> None:
    assert stores.tracking.is_mainstay() is False  # type: ignore[attr-defined]


def test_experiments_are_made_found_changed_and_deleted(stores: Stores, name: str) -> None:
    tracking = stores.tracking
    made = tracking.create_experiment(name, tags={"a": "b"})
    assert tracking.get_experiment_by_name(name) == made
    assert made.tags == {"a": "b"}
    with pytest.raises(AlreadyExists):
        tracking.create_experiment(name)
    tracking.set_experiment_tag(made.experiment_id, "c", "d")
    tracking.rename_experiment(made.experiment_id, name + "-2")
    found = tracking.search_experiments(Search(filter=f"name = '{name}-2'")).items
    assert [item.tags for item in found] == [{"a": "b", "c": "d"}]
    tracking.delete_experiment(made.experiment_id)
    assert tracking.get_experiment(made.experiment_id).lifecycle_stage == "deleted"
    tracking.restore_experiment(made.experiment_id)
    with pytest.raises(NotFound):
        tracking.get_experiment("999999")
    with pytest.raises(BadInput):
        tracking.get_experiment("abc")


def test_a_run_is_logged_and_read_back(stores: Stores, name: str) -> None:
    tracking = stores.tracking
    experiment = tracking.create_experiment(name)
    run_id = tracking.create_run(experiment.experiment_id, run_name="r").info.run_id
    points = [Metric("loss", 0.5, 1, 1), Metric("loss", math.nan, 2, 2), Metric("loss", 0.25, 3, 3)]
    tracking.log_batch(run_id, metrics=points, params={"p": "1"}, tags={"t": "2"})
    dataset = Dataset(name="d", digest="x", source_type="local", source="{}")
    read = DatasetInput(dataset=dataset, tags={"mlflow.data.context": "train"})
    tracking.log_inputs(run_id, datasets=[read])
    tracking.update_run(run_id, status="FINISHED", end_time=5)
    run = tracking.get_run(run_id)
    assert run.info.start_time > 1_700_000_000_000
    assert (run.info.status, run.info.end_time, run.info.run_name) == ("FINISHED", 5, "r")
    assert run.data.params == {"p": "1"}
    assert run.data.tags["t"] == "2"
    assert run.data.metrics == {"loss": 0.25}
    assert run.inputs.dataset_inputs == [read]
    history = tracking.get_metric_history(run_id, "loss").items
    assert [str(point.value) for point in history] == ["0.5", "nan", "0.25"]
    with pytest.raises(BadInput, match="Changing param values is not allowed"):
        tracking.log_batch(run_id, params={"p": "2"})
    page = tracking.search_runs([experiment.experiment_id], Search(filter="params.p = '1'"))
    assert [item.info.run_id for item in page.items] == [run_id]
    tracking.delete_tag(run_id, "t")
    tracking.delete_run(run_id)
    tracking.restore_run(run_id)


def test_searches_go_on_page_by_page(stores: Stores, name: str) -> None:
    experiment = stores.tracking.create_experiment(name).experiment_id
    made = [stores.tracking.create_run(experiment).info.run_id for _ in range(3)]
    found: list[str] = []
    token = None
    while True:
        page = stores.tracking.search_runs([experiment], Search(max_results=2, token=token))
        found += [run.info.run_id for run in page.items]
        token = page.token
        if token is None:
            break
    assert sorted(found) == sorted(made)


def test_a_logged_model_lives_its_life(stores: Stores, name: str) -> None:
    tracking = stores.tracking
    experiment = tracking.create_experiment(name).experiment_id
    run_id = tracking.create_run(experiment).info.run_id
    model = tracking.create_logged_model(
        experiment, name="m", source_run_id=run_id, params={"a": "1"}
    )
    tracking.log_outputs(run_id, [LoggedModelOutput(model.model_id, 1)])
    assert tracking.set_logged_model_tags(model.model_id, {"k": "v"}).tags == {"k": "v"}
    tracking.log_logged_model_params(model.model_id, {"b": "2"})
    assert tracking.finalize_logged_model(model.model_id, "READY").status == "READY"
    assert tracking.get_logged_model(model.model_id).params == {"a": "1", "b": "2"}
    order = Search(order_by=("creation_timestamp DESC",), max_results=5)
    found = tracking.search_logged_models([experiment], order).items
    assert [item.model_id for item in found] == [model.model_id]
    tracking.delete_logged_model_tag(model.model_id, "k")
    tracking.delete_logged_model(model.model_id)
    with pytest.raises(NotFound):
        tracking.get_logged_model(model.model_id)


def test_files_go_through_its_proxy_and_a_version_leads_to_them(stores: Stores, name: str) -> None:
    experiment = stores.tracking.create_experiment(name).experiment_id
    run = stores.tracking.create_run(experiment).info
    files = stores.artifacts_at(run.artifact_uri)
    files.write("model/MLmodel", [b"flavors: ", b"{}"])
    assert [info.path for info in files.list("model")] == ["model/MLmodel"]
    registry = stores.registry
    registry.create_registered_model(name, tags={"a": "b"}, description="d")
    made = registry.create_model_version(
        name, f"{run.artifact_uri}/model", run_id=run.run_id, tags={"x": "y"}, description="v"
    )
    registry.set_alias(name, "champion", 1)
    found = registry.get_version_by_alias(name, "champion")
    assert (found.version, found.aliases, found.tags) == (1, ("champion",), {"x": "y"})
    assert made.source == f"{run.artifact_uri}/model"
    store = stores.artifacts_at(f"models:/{name}@champion")
    assert b"".join(store.read("MLmodel")) == b"flavors: {}"
    with pytest.raises(NotFound):
        store.read("nothing")


def test_the_registry_is_kept_and_its_refusals_are_understood(stores: Stores, name: str) -> None:
    registry = stores.registry
    registry.create_registered_model(name)
    with pytest.raises(AlreadyExists):
        registry.create_registered_model(name)
    with pytest.raises(NotFound):
        registry.get_registered_model(name + "-none")
    with pytest.raises(AliasNotFound):
        registry.get_version_by_alias(name, "nobody")
    registry.create_model_version(name, "s3://bucket/model")
    registry.set_model_version_tag(name, 1, "k", "v")
    registry.delete_model_version_tag(name, 1, "k")
    registry.update_model_version(name, 1, description="about")
    moved = registry.transition_stage(name, 1, "Staging", archive_existing=True)
    assert (moved.current_stage, moved.description, moved.tags) == ("Staging", "about", {})
    assert [item.version for item in registry.get_latest_versions(name, ["Staging"])] == [1]
    registry.set_alias(name, "a", 1)
    assert registry.get_registered_model(name).aliases == {"a": 1}
    registry.delete_alias(name, "a")
    found = registry.search_model_versions(Search(filter=f"name = '{name}'")).items
    assert [item.version for item in found] == [1]
    registry.set_registered_model_tag(name, "k", "v")
    registry.delete_registered_model_tag(name, "k")
    registry.update_registered_model(name, description="all about")
    found_models = registry.search_registered_models(Search(filter=f"name = '{name}'")).items
    assert [item.description for item in found_models] == ["all about"]
    registry.delete_model_version(name, 1)
    registry.rename_registered_model(name, name + "-2")
    registry.delete_registered_model(name + "-2")


def test_what_only_mainstay_has_is_refused_by_name(stores: Stores) -> None:
    for ask in (
        lambda: stores.registry.alias_history("m"),
        lambda: stores.release.list_policies(),
        lambda: stores.monitoring.list_deployments(),
        lambda: stores.tracking.applied("segment"),
        lambda: stores.tracking.summarize_metrics(["r"]),
        lambda: stores.tracking.logged_keys(["0"], "metric"),
    ):
        with pytest.raises(NotImplementedHere, match="not a mainstay server"):
            ask()
