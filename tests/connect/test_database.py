"""Stores on a database that is used directly: one file, a folder beside it, gates and digests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.connect import Stores, connect
from mainstay.entities.pages import Search
from mainstay.entities.release import AliasMove
from mainstay.entities.spool import CreateVersion, Record
from mainstay.errors import BadInput, Conflict, GateRefused, NotFound
from mainstay.packaging.manifest import Entry, digest
from tests.support.parts import require
from tests.support.postgres import Cluster

GATE = """
checks:
  - kind: threshold
    metric: auc
    minimum: 0.9
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("TRACKING_URI", "REGISTRY_URI", "ARTIFACTS_DESTINATION"):
        monkeypatch.delenv(f"MAINSTAY_{name}", raising=False)
        monkeypatch.delenv(f"MLFLOW_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stores(here: Path) -> Iterator[Stores]:
    with connect() as opened:
        yield opened


def logged_run(stores: Stores, content: bytes = b"flavors: {}") -> str:
    """Make a run with a model in it; return the run's id."""
    experiment = stores.tracking.create_experiment(f"e-{content.hex()}")
    run = stores.tracking.create_run(experiment.experiment_id)
    stores.artifacts_at(run.info.artifact_uri).write("model/MLmodel", [content])
    return run.info.run_id


def read(stores: Stores, uri: str, path: str) -> bytes:
    return b"".join(stores.artifacts_at(uri).read(path))


def test_with_nothing_configured_it_is_a_sqlite_file_here(stores: Stores, here: Path) -> None:
    assert stores.uri == "sqlite:///mainstay.db"
    assert (here / "mainstay.db").exists()
    assert stores.accounts is not None


def test_proxied_files_lie_in_the_folder_beside_the_database(stores: Stores, here: Path) -> None:
    run_id = logged_run(stores)
    assert read(stores, f"runs:/{run_id}/model", "MLmodel") == b"flavors: {}"
    found = list((here / "mainstay-artifacts").rglob("MLmodel"))
    assert [str(file.relative_to(here)) for file in found] == [
        f"mainstay-artifacts/1/{run_id}/artifacts/model/MLmodel"
    ]


def test_the_settings_name_the_address_and_the_folder(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{here}/other.db")
    monkeypatch.setenv("MAINSTAY_ARTIFACTS_DESTINATION", str(here / "files"))
    with connect() as stores:
        logged_run(stores)
    assert (here / "other.db").exists()
    assert list((here / "files").rglob("MLmodel"))


def test_a_registered_version_has_the_digest_of_its_files(stores: Stores) -> None:
    run_id = logged_run(stores, b"abc")
    stores.registry.create_registered_model("m")
    made = stores.registry.create_model_version("m", f"runs:/{run_id}/model", run_id=run_id)
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert made.digest == digest([Entry("MLmodel", 3, sha256)])
    assert made.storage_location == f"mlflow-artifacts:/1/{run_id}/artifacts/model"


def test_files_of_a_version_can_be_neither_changed_nor_deleted(stores: Stores) -> None:
    run_id = logged_run(stores)
    stores.registry.create_registered_model("m")
    stores.registry.create_model_version("m", f"runs:/{run_id}/model", run_id=run_id)
    files = stores.artifacts_at(f"runs:/{run_id}")
    with pytest.raises(Conflict, match="registered model version"):
        files.write("model/MLmodel", [b"other"])
    with pytest.raises(Conflict):
        files.write("model/new", [b"other"])
    for path in ("model/MLmodel", "model"):
        with pytest.raises(Conflict):
            files.delete(path)
    files.write("elsewhere", [b"fine"])
    assert read(stores, "models:/m/1", "MLmodel") == b"flavors: {}"


def test_a_version_that_the_spool_registered_is_hashed_when_it_is_applied(stores: Stores) -> None:
    model_id = "m-" + "b" * 32
    stores.tracking.create_experiment("e")
    model = stores.tracking.create_logged_model("1", name="logged", model_id=model_id)
    stores.artifacts_at(model.artifact_location).write("MLmodel", [b"abc"])
    records = [Record(1, CreateVersion(name="m", source=model.model_uri, model_id=model_id))]
    assert stores.tracking.apply("segment", records).sequence == 1
    assert stores.registry.get_model_version("m", 1).digest is not None
    assert stores.tracking.apply("segment", records).sequence == 1
    with pytest.raises(Conflict):
        stores.artifacts_at(model.artifact_location).write("MLmodel", [b"other"])


def test_a_source_without_files_is_refused(stores: Stores) -> None:
    run_id = logged_run(stores)
    stores.registry.create_registered_model("m")
    with pytest.raises(NotFound, match="no files"):
        stores.registry.create_model_version("m", f"runs:/{run_id}/nothing")
    assert stores.registry.get_latest_versions("m") == []


def test_a_source_that_cannot_be_read_here_leaves_the_digest_open(stores: Stores) -> None:
    stores.registry.create_registered_model("m")
    assert stores.registry.create_model_version("m", "dbfs:/models/1").digest is None


def test_every_form_of_a_model_address_leads_to_the_files(stores: Stores) -> None:
    run_id = logged_run(stores, b"one")
    stores.registry.create_registered_model("m")
    stores.registry.create_model_version("m", f"runs:/{run_id}/model", run_id=run_id)
    stores.registry.set_alias("m", "champion", 1)
    stores.registry.transition_stage("m", 1, "Production")
    for uri in ("models:/m/1", "models:/m@champion", "models:/m/latest", "models:/m/Production"):
        assert read(stores, uri, "MLmodel") == b"one"
    model = stores.tracking.create_logged_model("1", name="logged", model_id="m-" + "a" * 32)
    stores.artifacts_at(model.model_uri).write("MLmodel", [b"two"])
    assert read(stores, model.artifact_location, "MLmodel") == b"two"
    with pytest.raises(NotFound, match="stage Staging"):
        stores.artifacts_at("models:/m/Staging")


def test_a_version_may_be_registered_from_another_version(stores: Stores) -> None:
    run_id = logged_run(stores, b"one")
    for name in ("m", "copy"):
        stores.registry.create_registered_model(name)
    stores.registry.create_model_version("m", f"runs:/{run_id}/model", run_id=run_id)
    copied = stores.registry.create_model_version("copy", "models:/m/1")
    assert copied.digest == stores.registry.get_model_version("m", 1).digest
    assert read(stores, "models:/copy/1", "MLmodel") == b"one"


def test_paths_and_file_addresses_are_opened_as_they_are(stores: Stores, here: Path) -> None:
    (here / "model").mkdir()
    (here / "model" / "MLmodel").write_bytes(b"x")
    for uri in ("model", str(here / "model"), (here / "model").as_uri()):
        assert read(stores, uri, "MLmodel") == b"x"


@pytest.mark.parametrize(
    "uri", ["mlflow-artifacts:/../x", "mlflow-artifacts:/%2e%2e/x", "mlflow-artifacts://h:1/x"]
)
def test_an_address_outside_the_folder_is_refused(stores: Stores, uri: str) -> None:
    with pytest.raises(BadInput):
        stores.artifacts_at(uri)


def test_an_alias_behind_a_gate_moves_by_no_door(stores: Stores) -> None:
    run_id = logged_run(stores)
    stores.registry.create_registered_model("m")
    stores.registry.create_model_version("m", f"runs:/{run_id}/model", run_id=run_id)
    stores.release.set_policy("m", "champion", GATE, digest="")
    with pytest.raises(GateRefused):
        stores.registry.set_alias("m", "champion", 1)
    with pytest.raises(GateRefused):
        stores.release.move_alias(AliasMove(name="m", alias="champion", version=1))
    assert stores.registry.alias_history("m") == []


def test_memory_is_a_real_store_and_goes_when_closed(here: Path) -> None:
    with connect("sqlite://") as stores:
        run_id = logged_run(stores)
        assert read(stores, f"runs:/{run_id}/model", "MLmodel") == b"flavors: {}"
    assert list(here.iterdir()) == []


def test_the_registry_may_be_another_database(here: Path) -> None:
    with connect("sqlite:///runs.db", "sqlite:///models.db") as stores:
        run_id = logged_run(stores)
        stores.registry.create_registered_model("m")
        source = stores.tracking.get_run(run_id).info.artifact_uri
        assert (stores.uri, stores.registry_uri) == ("sqlite:///runs.db", "sqlite:///models.db")
        assert source.startswith("mlflow-artifacts:/")
    with connect("sqlite:///models.db") as models:
        assert models.registry.get_registered_model("m").name == "m"
        assert models.tracking.search_runs(["0"], Search()).items == []


def test_a_database_behind_a_server_says_where_its_files_are(
    here: Path, postgres_cluster: Cluster
) -> None:
    require("postgresql")
    uri = postgres_cluster.create_database()
    try:
        with connect(uri) as stores, pytest.raises(BadInput, match="ARTIFACTS_DESTINATION"):
            stores.artifacts_at("mlflow-artifacts:/1")
        with connect(uri, artifacts_destination=str(here / "files")) as stores:
            run_id = logged_run(stores)
            assert read(stores, f"runs:/{run_id}/model", "MLmodel") == b"flavors: {}"
    finally:
        postgres_cluster.drop_database(uri)
