"""Files through the server: as MLflow's routes say, contained, recorded, and frozen by versions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from mainstay.artifact_store import batch
from mainstay.artifact_store.proxy import ProxyStore
from mainstay.artifact_store.transfer import download_tree, upload_tree
from mainstay.errors import BadInput, Conflict
from mainstay.packaging import manifest
from mainstay.testing.artifacts import UNSAFE, ArtifactStoreContract
from tests.support.server import RunningServer

ROUTE = "/api/2.0/mlflow-artifacts/artifacts"


class TestProxyStore(ArtifactStoreContract):
    counter = 0

    @pytest.fixture
    def store(self, server: RunningServer) -> ProxyStore:
        TestProxyStore.counter += 1
        return ProxyStore(server.url, f"contract/{TestProxyStore.counter}")


def test_a_file_is_put_listed_read_and_deleted_as_in_mlflow(server: RunningServer) -> None:
    put = server.request("PUT", f"{ROUTE}/1/r/artifacts/a%20b.json", b'{"x": 1}')
    assert (put.status, put.body) == (200, b"")
    listed = server.request("GET", f"{ROUTE}?path=1/r/artifacts").json
    assert listed == {"files": [{"path": "a b.json", "is_dir": False, "file_size": 8}]}
    got = server.request("GET", f"{ROUTE}/1/r/artifacts/a%20b.json")
    assert (got.status, got.body) == (200, b'{"x": 1}')
    assert got.headers["content-type"] == "application/json"
    assert got.headers["content-length"] == "8"
    disposition = "attachment; filename=\"a b.json\"; filename*=UTF-8''a%20b.json"
    assert got.headers["content-disposition"] == disposition
    again = server.request(
        "GET", f"{ROUTE}/1/r/artifacts/a%20b.json", headers={"If-None-Match": got.headers["etag"]}
    )
    assert (again.status, again.body) == (304, b"")
    assert server.request("DELETE", f"{ROUTE}/1/r/artifacts/a%20b.json").json == {}
    missing = server.request("GET", f"{ROUTE}/1/r/artifacts/a%20b.json")
    assert (missing.status, missing.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_listing_a_missing_folder_is_an_empty_answer(server: RunningServer) -> None:
    answer = server.request("GET", f"{ROUTE}?path=never/was")
    assert (answer.status, answer.json) == (200, {})


def test_runs_list_read_and_upload_relative_to_their_root(server: RunningServer) -> None:
    run = server.call("POST", "/api/2.0/mlflow/runs/create").json["run"]
    assert isinstance(run, dict)
    run_id, root = run["info"]["run_id"], run["info"]["artifact_uri"]
    upload = f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run_id}&path=notes/a.txt"
    assert server.request("POST", upload, b"hello").json == {}
    listed = server.request(
        "GET", f"/api/2.0/mlflow/artifacts/list?run_id={run_id}&path=notes"
    ).json
    assert listed == {
        "root_uri": root,
        "files": [{"path": "notes/a.txt", "is_dir": False, "file_size": 5}],
    }
    got = server.request("GET", f"/get-artifact?run_uuid={run_id}&path=notes/a.txt")
    assert (got.status, got.body) == (200, b"hello")
    too_big = server.request("POST", upload, b"x" * ((10 << 20) + 1))
    assert too_big.status == 413


def outside(server: RunningServer) -> Path:
    secret = server.folder / "secret.txt"
    secret.write_text("the secret")
    return secret


@pytest.mark.parametrize("path", [p for p in UNSAFE if p.isprintable()] + ["../secret.txt"])
def test_no_spelling_leads_outside_through_any_door(server: RunningServer, path: str) -> None:
    secret = outside(server)
    before = sorted(file for file in server.folder.rglob("*") if "mainstay.db" not in file.name)
    run = server.call("POST", "/api/2.0/mlflow/runs/create").json["run"]
    assert isinstance(run, dict)
    run_id = run["info"]["run_id"]
    quoted = quote(path, safe="")
    for method, target in (
        ("GET", f"{ROUTE}/{quoted}"),
        ("PUT", f"{ROUTE}/{quoted}"),
        ("DELETE", f"{ROUTE}/{quoted}"),
        ("GET", f"{ROUTE}?path={quoted}"),
        ("GET", f"/get-artifact?run_id={run_id}&path={quoted}"),
        ("GET", f"/api/2.0/mlflow/artifacts/list?run_id={run_id}&path={quoted}"),
        ("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_id={run_id}&path={quoted}"),
        ("PUT", f"/api/mainstay/1.0/artifacts/batch/{quoted}"),
    ):
        answer = server.request(method, target, b"x" if method in ("PUT", "POST") else None)
        assert answer.status == 400, (method, target, answer)
        assert b"the secret" not in answer.body
    after = sorted(file for file in server.folder.rglob("*") if "mainstay.db" not in file.name)
    assert after == before
    assert secret.read_text() == "the secret"


def test_static_files_lead_nowhere_else(server: RunningServer) -> None:
    outside(server)
    for path in (
        "/../app.py",
        "/%2e%2e/app.py",
        "/assets/../../app.py",
        "/..%2fapp.py",
        "//app.py",
    ):
        answer = server.request("GET", path)
        assert answer.status == 404, (path, answer)


def test_a_short_body_stores_nothing(server: RunningServer) -> None:
    with pytest.raises(BadInput):
        ProxyStore(server.url).write("1/short.bin", [b"abc"], size=2)
    assert server.request("GET", f"{ROUTE}/1/short.bin").status == 404


def frames(files: dict[str, bytes], *, wrong: str = "") -> bytes:
    parts = []
    for path, content in files.items():
        sha256 = hashlib.sha256(content if path != wrong else b"other").hexdigest()
        parts += [batch.frame(batch.Head(path, len(content), sha256)), content]
    return b"".join(parts) + batch.END


def test_a_batch_stores_every_file_in_one_request(server: RunningServer) -> None:
    files = {"MLmodel": b"flavors", "data/a.bin": b"a" * 100_000, "empty": b""}
    answer = server.request("PUT", "/api/mainstay/1.0/artifacts/batch/b/one", frames(files))
    assert answer.status == 200, answer
    assert answer.json == {
        "files": [
            {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for content in files.values()
        ]
    }
    for path, content in files.items():
        assert server.request("GET", f"{ROUTE}/b/one/{path}").body == content


def test_a_damaged_or_cut_batch_says_so_and_keeps_what_was_whole(server: RunningServer) -> None:
    url = "/api/mainstay/1.0/artifacts/batch/b/two"
    damaged = server.request("PUT", url, frames({"a": b"1", "b": b"2"}, wrong="b"))
    assert damaged.status == 400
    assert server.request("GET", f"{ROUTE}/b/two/b").status == 404
    assert server.request("GET", f"{ROUTE}/b/two/a").body == b"1"
    cut = server.request("PUT", url, frames({"c": b"3"})[:-4])
    assert (cut.status, "cut off" in str(cut.json["message"])) == (400, True)


def test_many_files_take_one_request_and_few_bytes_of_talk(
    server: RunningServer, tmp_path: Path
) -> None:
    for number in range(50):
        (tmp_path / f"{number:02}.txt").write_text(str(number))
    store = ProxyStore(server.url, "many")
    uploaded = upload_tree(store, tmp_path)
    assert len(uploaded) == 50
    down = download_tree(store, "", tmp_path / "down")
    assert sorted(file.read_text() for file in down.iterdir()) == sorted(map(str, range(50)))


@pytest.fixture
def frozen(server: RunningServer) -> Iterator[dict[str, str]]:
    """A registered version with two files."""
    run = server.call("POST", "/api/2.0/mlflow/runs/create").json["run"]
    assert isinstance(run, dict)
    root = run["info"]["artifact_uri"]
    folder = f"{root.removeprefix('mlflow-artifacts:/')}/model"
    for name in ("MLmodel", "model.bin"):
        server.request("PUT", f"{ROUTE}/{folder}/{name}", name.encode())
    server.call("POST", "/api/2.0/mlflow/registered-models/create", name="frozen")
    answer = server.call(
        "POST", "/api/2.0/mlflow/model-versions/create", name="frozen", source=f"{root}/model"
    )
    version = answer.json["model_version"]
    assert isinstance(version, dict)
    yield {"folder": folder, "digest": version["digest"], "version": version["version"]}
    server.call("DELETE", "/api/2.0/mlflow/registered-models/delete", name="frozen")


def test_registering_takes_the_digest_of_what_was_uploaded(frozen: dict[str, str]) -> None:
    expected = manifest.digest(
        manifest.Entry(name, len(name), hashlib.sha256(name.encode()).hexdigest())
        for name in ("MLmodel", "model.bin")
    )
    assert frozen["digest"] == expected


def test_files_of_a_version_never_change_by_any_door(
    server: RunningServer, frozen: dict[str, str]
) -> None:
    folder = frozen["folder"]
    doors = (
        ("PUT", f"{ROUTE}/{folder}/model.bin", b"other"),
        ("PUT", f"{ROUTE}/{folder}/new/file.bin", b"more"),
        ("DELETE", f"{ROUTE}/{folder}/model.bin", None),
        ("DELETE", f"{ROUTE}/{folder}", None),
        ("DELETE", f"{ROUTE}/{folder.rpartition('/')[0]}", None),
        ("PUT", f"/api/mainstay/1.0/artifacts/batch/{folder}", frames({"model.bin": b"other"})),
        ("PUT", f"{ROUTE}/{folder}", b"a file in place of the folder"),
    )
    for method, target, body in doors:
        answer = server.request(method, target, body)
        assert answer.status == 409, (method, target, answer)
        assert answer.json["error_code"] == "RESOURCE_CONFLICT"
    assert server.request("GET", f"{ROUTE}/{folder}/model.bin").body == b"model.bin"
    with pytest.raises(Conflict, match="never change"):
        ProxyStore(server.url, folder).write("model.bin", [b"other"])
    beside = server.request("PUT", f"{ROUTE}/{folder}2/model.bin", b"beside is free")
    assert beside.status == 200


def test_a_version_without_files_is_not_registered(server: RunningServer) -> None:
    server.call("POST", "/api/2.0/mlflow/registered-models/create", name="hollow")
    answer = server.call(
        "POST",
        "/api/2.0/mlflow/model-versions/create",
        name="hollow",
        source="mlflow-artifacts:/no/such/folder",
    )
    assert (answer.status, answer.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


@pytest.mark.parametrize(
    "source",
    [
        *("/etc", "file:///etc", "FILE:/etc", "file://localhost/etc", "./x", "../x", "relative/x"),
        *("file:/etc%2f..%2fetc", "s3://bucket/../x", "mlflow-artifacts:/", " /etc", "C:\\x"),
        *("mlflow-artifacts:/../x", "mlflow-artifacts:/%2e%2e/x", "models:/a/Production"),
    ],
)
def test_a_source_on_the_servers_disk_is_no_source(server: RunningServer, source: str) -> None:
    server.call("POST", "/api/2.0/mlflow/registered-models/create", name="local")
    run = server.call("POST", "/api/2.0/mlflow/runs/create").json["run"]
    assert isinstance(run, dict)
    for extra in ({}, {"run_id": run["info"]["run_id"]}):
        answer = server.call(
            "POST", "/api/2.0/mlflow/model-versions/create", name="local", source=source, **extra
        )
        assert answer.status == 400, (source, answer)


def test_a_local_source_planted_in_the_database_opens_no_door(
    server: RunningServer, tmp_path: Path
) -> None:
    from mainstay.stores.sql.database import Database
    from mainstay.stores.sql.registry import SqlRegistry

    (tmp_path / "secret.txt").write_text("the secret")
    database = Database(f"sqlite:///{server.folder}/mainstay.db")
    registry = SqlRegistry(database)
    registry.create_registered_model("planted")
    registry.create_model_version("planted", str(tmp_path))
    database.close()
    target = "/model-versions/get-artifact?name=planted&version=1&path=secret.txt"
    answer = server.request("GET", target)
    assert (answer.status, answer.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_experiments_keep_files_only_where_stores_can_be(server: RunningServer) -> None:
    for number, place in enumerate(("ftp://x/y", "http://169.254.169.254/", "runs:/a", "gopher:x")):
        answer = server.call(
            "POST",
            "/api/2.0/mlflow/experiments/create",
            name=f"place{number}",
            artifact_location=place,
        )
        assert answer.status == 400, (place, answer)


def test_a_server_that_carries_no_files_says_so(tmp_path: Path) -> None:
    root = tmp_path / "files"
    options = ("--no-serve-artifacts", "--default-artifact-root", str(root))
    with RunningServer(tmp_path / "server", *options) as server:
        answer = server.request("PUT", f"{ROUTE}/1/a.txt", b"x")
        assert (answer.status, answer.json["error_code"]) == (501, "NOT_IMPLEMENTED")
        made = server.call("POST", "/api/2.0/mlflow/experiments/create", name="direct").json
        found = server.request(
            "GET", f"/api/2.0/mlflow/experiments/get?experiment_id={made['experiment_id']}"
        ).json["experiment"]
        assert isinstance(found, dict)
        assert found["artifact_location"] == f"{root.as_uri()}/{made['experiment_id']}"
