"""The explicit client: ids in, records out, each call returns when it is done."""

from __future__ import annotations

import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest

from mainstay import Client, MlflowClient, MlflowException
from mainstay.client import defaults
from mainstay.entities.metrics import Metric
from mainstay.errors import AlreadyExists, BadInput, NotFound


@pytest.fixture
def client(address: str) -> Client:
    return Client(address)


@pytest.fixture
def experiment(client: Client) -> str:
    return client.create_experiment(uuid.uuid4().hex)


def test_a_run_is_made_logged_to_and_ended(client: Client, experiment: str) -> None:
    run = client.create_run(experiment, tags={"a": 1}, run_name="one")
    run_id = run.info.run_id
    assert run.info.artifact_uri.endswith(f"/{run_id}/artifacts")
    client.log_metric(run_id, "loss", 1.0, timestamp=5, step=2)
    client.log_param(run_id, "lr", 0.1)
    client.set_tag(run_id, "b", 2)
    client.log_batch(
        run_id,
        metrics=[Metric("loss", 0.5, 6, 3)],
        params=[SimpleNamespace(key="depth", value=4)],
        tags={"c": "3"},
    )
    client.delete_tag(run_id, "b")
    client.set_terminated(run_id, "FAILED", end_time=9)
    found = client.get_run(run_id)
    assert (found.info.status, found.info.end_time, found.info.run_name) == ("FAILED", 9, "one")
    assert found.data.params == {"lr": "0.1", "depth": "4"}
    assert {key: found.data.tags.get(key) for key in "abc"} == {"a": "1", "b": None, "c": "3"}
    history = client.get_metric_history(run_id, "loss")
    assert [(m.value, m.timestamp, m.step) for m in history] == [(1.0, 5, 2), (0.5, 6, 3)]


def test_the_client_fills_in_name_user_and_times(client: Client, experiment: str) -> None:
    before = defaults.now()
    run = client.create_run(experiment)
    client.set_terminated(run.info.run_id)
    found = client.get_run(run.info.run_id).info
    assert found.run_name.count("-") == 2
    assert found.user_id == defaults.user()
    assert before <= found.start_time <= (found.end_time or 0) <= defaults.now()
    assert found.status == "FINISHED"


def test_naming_runs_does_not_draw_from_a_seeded_stream() -> None:
    import random

    random.seed(1)
    expected = random.random()
    random.seed(1)
    names = {defaults.run_name() for _ in range(20)}
    assert random.random() == expected
    assert len(names) > 15


def test_a_second_experiment_of_a_name_is_refused(client: Client) -> None:
    name = uuid.uuid4().hex
    client.create_experiment(name)
    with pytest.raises(AlreadyExists) as caught:
        client.create_experiment(name)
    assert isinstance(caught.value, MlflowException)
    assert caught.value.error_code == "RESOURCE_ALREADY_EXISTS"


def test_experiments_are_renamed_and_paged(client: Client) -> None:
    mark = uuid.uuid4().hex
    ids = [client.create_experiment(f"{mark}-{number}") for number in range(3)]
    client.rename_experiment(ids[0], f"{mark}-zero")
    assert client.get_experiment(ids[0]).name == f"{mark}-zero"
    page = client.search_experiments(filter_string=f"name LIKE '{mark}%'", max_results=2)
    assert len(page) == 2
    assert page.token is not None
    rest = client.search_experiments(
        filter_string=f"name LIKE '{mark}%'", max_results=2, page_token=page.token
    )
    assert {one.experiment_id for one in [*page, *rest]} == set(ids)
    assert rest.token is None


def test_a_bad_view_status_or_version_says_what_is_allowed(client: Client, experiment: str) -> None:
    with pytest.raises(BadInput, match="ACTIVE_ONLY"):
        client.search_runs([experiment], run_view_type=9)
    run = client.create_run(experiment)
    with pytest.raises(BadInput, match="FINISHED"):
        client.set_terminated(run.info.run_id, "DONE")
    with pytest.raises(BadInput, match="numbers"):
        client.get_model_version("m", "first")
    with pytest.raises(BadInput, match="Staging"):
        client.transition_model_version_stage("m", 1, "Live")


def test_files_go_up_and_come_down(client: Client, experiment: str, tmp_path: Path) -> None:
    run_id = client.create_run(experiment).info.run_id
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 5000)
    client.log_artifact(run_id, tmp_path / "a.bin", "deep/er")
    client.log_text(run_id, "héllo", "t.txt")
    assert [one.path for one in client.list_artifacts(run_id)] == ["deep", "t.txt"]
    (file,) = client.list_artifacts(run_id, "deep/er")
    assert (file.path, file.file_size) == ("deep/er/a.bin", 1_280_000)
    got = Path(client.download_artifacts(run_id, "deep/er/a.bin", tmp_path / "down"))
    assert got.read_bytes() == (tmp_path / "a.bin").read_bytes()
    with pytest.raises(BadInput):
        client.log_text(run_id, "x", "../outside.txt")


def test_the_registry_from_first_version_to_alias(
    client: Client, experiment: str, tmp_path: Path
) -> None:
    name = f"m-{uuid.uuid4().hex[:8]}"
    run_id = client.create_run(experiment).info.run_id
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}\n")
    client.log_artifacts(run_id, tmp_path / "model", "model")
    first = client.register(f"runs:/{run_id}/model", name)
    second = client.create_model_version(name, first.source, run_id, {"k": "v"})
    assert (first.version, second.version, second.tags) == (1, 2, {"k": "v"})
    client.set_registered_model_alias(name, "best", 2, reason="better")
    assert client.get_model_version_by_alias(name, "best").version == 2
    client.set_registered_model_alias(name, "best", "1")
    changes = client.get_alias_history(name, "best")
    assert [(one.previous, one.version) for one in changes] == [(None, 2), (2, 1)]
    assert changes[0].reason == "better"
    client.delete_registered_model_alias(name, "best")
    moved = client.transition_model_version_stage(name, 1, "production")
    assert moved.current_stage == "Production"
    assert [one.version for one in client.get_latest_versions(name, ["Production"])] == [1]
    client.set_model_version_tag(name, 1, "a", "b")
    client.delete_model_version_tag(name, 1, "a")
    assert client.get_model_version(name, 1).tags == {}
    assert client.update_model_version(name, 1, "text").description == "text"
    client.set_registered_model_tag(name, "t", 1)
    assert client.get_registered_model(name).tags == {"t": "1"}
    client.delete_model_version(name, 2)
    assert [v.version for v in client.search_model_versions(f"name = '{name}'")] == [1]
    renamed = client.rename_registered_model(name, f"{name}-2")
    assert renamed.name == f"{name}-2"
    client.delete_registered_model(f"{name}-2")
    with pytest.raises(NotFound):
        client.get_registered_model(f"{name}-2")


def test_the_names_of_mlflow_are_the_same_things() -> None:
    assert MlflowClient is Client


def test_metrics_params_and_tags_are_split_by_the_limits_of_a_batch() -> None:
    points = [Metric("m", 1.0, 1, step) for step in range(2500)]
    params = {f"p{n}": "x" for n in range(150)}
    tags = {f"t{n}": "x" for n in range(130)}
    parts = list(defaults.batches(points, params, tags))
    assert all(len(m) + len(p) + len(t) <= 1000 for m, p, t in parts)
    assert all(len(p) <= 100 and len(t) <= 100 for _, p, t in parts)
    assert [m for some, _, _ in parts for m in some] == points
    assert {k: v for _, p, _ in parts for k, v in p.items()} == params
    assert {k: v for _, _, t in parts for k, v in t.items()} == tags
    assert list(defaults.batches([], {}, {})) == []
