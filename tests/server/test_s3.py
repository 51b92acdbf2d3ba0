"""A server whose files are in a bucket: through its proxy, by parts, and by signed URLs."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest

from tests.support.s3 import S3Server
from tests.support.server import RunningServer

PROXY = "/api/2.0/mlflow-artifacts"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = S3Server(tmp_path_factory.mktemp("s3") / "log.txt")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def server(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    bucket = s3.make_bucket("proxied")
    with RunningServer(
        tmp_path_factory.mktemp("server"),
        *("--artifacts-destination", f"{bucket}/root"),
        environment=s3.environment,
    ) as running:
        yield running


def fetch(url: str, data: bytes | None = None) -> bytes:
    request = urllib.request.Request(url, data=data, method="GET" if data is None else "PUT")
    request.add_header("Content-Type", "application/octet-stream")
    with urllib.request.urlopen(request, timeout=120) as answer:
        return bytes(answer.read())


def test_files_go_into_the_bucket_and_come_back_whole_and_in_parts(server: RunningServer) -> None:
    content = bytes(range(256)) * 40_000
    target = f"{PROXY}/artifacts/0/run/artifacts/deep/model.bin"
    assert server.request("PUT", target, content).status == 200
    assert server.request("GET", target).body == content
    part = server.request("GET", target, headers={"Range": "bytes=1000000-1000009"})
    assert (part.status, part.body) == (206, content[1_000_000:1_000_010])
    listed = server.request("GET", f"{PROXY}/artifacts?path=0/run/artifacts/deep").json
    assert listed == {"files": [{"path": "model.bin", "is_dir": False, "file_size": len(content)}]}
    assert server.request("DELETE", target).status == 200
    assert server.request("GET", target).status == 404


def test_proxied_files_are_read_by_signed_urls(server: RunningServer) -> None:
    assert server.request("PUT", f"{PROXY}/artifacts/0/a.txt", b"hello").status == 200
    answer = server.request("GET", f"{PROXY}/presigned/0/a.txt").json
    assert answer["file_size"] == 5
    assert fetch(str(answer["url"])) == b"hello"
    info = server.request("GET", "/api/3.0/mlflow/server-info").json
    assert info["multipart_downloads_enabled"] is True
    assert info["multipart_uploads_enabled"] is True
    assert server.request("GET", f"{PROXY}/presigned/0/none.txt").status == 404


def test_files_of_a_run_in_a_bucket_of_its_own_are_written_and_read_by_signed_urls(
    server: RunningServer, s3: S3Server
) -> None:
    location = s3.make_bucket("direct") + "/files"
    made = server.call(
        "POST", "/api/2.0/mlflow/experiments/create", name="direct", artifact_location=location
    ).json
    run = server.call(
        "POST", "/api/2.0/mlflow/runs/create", experiment_id=made["experiment_id"]
    ).json["run"]
    run_id = run["info"]["run_id"]  # type: ignore[index]
    fields = {"run_id": run_id, "path": "plots/roc.txt"}
    upload = "/api/2.0/mlflow/artifacts/presigned-upload-url"
    signed = server.call("POST", upload, **fields, expiration=60).json
    fetch(str(signed["presigned_url"]), b"0 0\n1 1\n")
    download = "/api/2.0/mlflow/artifacts/presigned-download-url"
    signed = server.call("POST", download, **fields).json
    assert signed["file_size"] == 8
    assert fetch(str(signed["presigned_url"])) == b"0 0\n1 1\n"
    listed = server.request("GET", f"/api/2.0/mlflow/artifacts/list?run_id={run_id}&path=plots")
    assert listed.json["files"] == [{"path": "plots/roc.txt", "is_dir": False, "file_size": 8}]
    assert server.call("POST", upload, **fields, expiration=-1).status == 400
    assert server.call("POST", upload, run_id=run_id, path="../x").status == 400
