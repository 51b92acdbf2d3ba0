"""Our artifact client works against the unmodified mlflow server, which knows no batches."""

from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.neighbors import KNeighborsClassifier

from mainstay import Client
from mainstay import sklearn as sklearn_flavor
from mainstay.artifact_store import resumable
from mainstay.artifact_store.proxy import ProxyStore
from mainstay.artifact_store.transfer import download_tree, upload_tree
from mainstay.client.copying import copy_version
from mainstay.connect import connect
from mainstay.errors import NotFound, UntrustedModel
from mainstay.models import loading, trust
from mainstay.packaging import manifest


def test_a_folder_goes_up_file_by_file_and_comes_down_the_same(
    stock_server: str, tmp_path: Path
) -> None:
    files = {"MLmodel": b"flavors", "data/model.bin": b"x" * 300_000, "data/note é.txt": b"n"}
    for name, content in files.items():
        place = tmp_path / "up" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    store = ProxyStore(stock_server, "0/run/artifacts")
    uploaded = upload_tree(store, tmp_path / "up", "model")
    assert sorted(item.path for item in uploaded) == sorted(f"model/{name}" for name in files)
    listed = [(info.path, info.is_dir, info.file_size) for info in store.list("model")]
    assert sorted(listed) == [("model/MLmodel", False, 7), ("model/data", True, None)]
    down = download_tree(store, "model", tmp_path / "down")
    assert {name: (down / name).read_bytes() for name in files} == files


def test_a_large_file_goes_up_in_one_piece_where_no_pieces_are_taken(
    stock_server: str, tmp_path: Path
) -> None:
    file = tmp_path / "weights.bin"
    with file.open("wb") as content:
        content.truncate(resumable.FROM + 5)
    store = ProxyStore(stock_server, "0/large")
    [uploaded] = upload_tree(store, file, "model")
    assert uploaded.sha256 == manifest.hash_file(file)
    [listed] = store.list("model")
    assert listed.file_size == resumable.FROM + 5


def test_missing_files_and_folders_are_the_same_there(stock_server: str) -> None:
    store = ProxyStore(stock_server, "0/other")
    assert store.list("nowhere") == []
    with pytest.raises(NotFound):
        store.read("nothing.txt")
    store.write("a.txt", [b"1"], size=1)
    store.delete("a.txt")
    with pytest.raises(NotFound):
        store.read("a.txt")


def test_a_version_is_copied_from_the_stock_registry_and_back(
    stock_server: str, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    (folder / "weights.bin").write_bytes(b"w" * 1000)
    with connect(stock_server) as there, connect(f"sqlite:///{tmp_path}/m.db") as here:
        client = Client(stores=there)
        logged = client.create_logged_model("0", name="model")
        client.log_model_artifacts(logged.model_id, folder)
        client.finalize_logged_model(logged.model_id)
        client.create_registered_model("churn")
        client.create_model_version(
            "churn", logged.model_uri, model_id=logged.model_id, tags={"team": "risk"}
        )
        made = copy_version(there, here, "models:/churn/1", "churn")
        assert made.digest == manifest.digest(manifest.build(folder))
        assert made.tags["team"] == "risk"
        assert made.tags["mainstay.copied.server"] == stock_server
        back = copy_version(here, there, made.uri, "churn-back")
        down = download_tree(there.artifacts_at(back.uri), "", tmp_path / "down")
        assert manifest.digest(manifest.build(down)) == made.digest


def test_a_server_that_does_not_say_who_recorded_a_version_is_not_trusted_with_code(
    stock_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTAY_CACHE_DIR", str(tmp_path / "cache"))
    model = KNeighborsClassifier(1, algorithm="kd_tree").fit([[0.0], [1.0]], [0, 1])
    sklearn_flavor.save_model(model, tmp_path / "model")
    monkeypatch.setattr(trust, "_written_here", set())  # as another process would find it
    with connect(stock_server) as stores:
        client = Client(stores=stores)
        run = client.create_run("0").info
        client.log_artifacts(run.run_id, str(tmp_path / "model"), "model")
        client.create_registered_model("coded")
        client.create_model_version("coded", f"{run.artifact_uri}/model", run_id=run.run_id)
        with pytest.raises(UntrustedModel, match="does not say who recorded it"):
            loading.load_model("models:/coded/1", stores=stores)
        loaded = loading.load_model("models:/coded/1", stores=stores, trust=True)
    assert loaded.predict([[0.9]]).tolist() == [1]
