"""Uploads in parts that clients send to the bucket behind a server, each to a signed URL."""

from __future__ import annotations

import hashlib
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.artifact_store.object import ObjectStore, open_store
from mainstay.packaging.manifest import Entry, digest
from tests.support.parts import MLFLOW_PYTHON, require
from tests.support.s3 import S3Server
from tests.support.server import RunningServer

API = "/api/2.0/mlflow"
PROXY = "/api/2.0/mlflow-artifacts"
PART = 5 << 20
"""The smallest part that S3 takes, but for the last one."""

STOCK = """
import sys, mlflow
from pathlib import Path
mlflow.set_tracking_uri(sys.argv[1])
Path("weights.bin").write_bytes(bytes(range(256)) * (12 << 12))
with mlflow.start_run() as run:
    mlflow.log_artifact("weights.bin", "model")
Path("back").mkdir()
copy = mlflow.artifacts.download_artifacts(
    run_id=run.info.run_id, artifact_path="model/weights.bin", dst_path="back")
assert Path(copy).read_bytes() == Path("weights.bin").read_bytes()
print(run.info.artifact_uri)
"""


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = S3Server(tmp_path_factory.mktemp("s3") / "log.txt")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def server(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    s3.make_bucket("parts")
    with RunningServer(
        tmp_path_factory.mktemp("server"),
        *("--artifacts-destination", "s3://parts/deep/root"),
        environment=s3.environment,
    ) as running:
        yield running


def begin(server: RunningServer, folder: str, count: int) -> tuple[str, list[str]]:
    answer = server.call(
        "POST", f"{PROXY}/mpu/create/{folder}", path="/home/me/net.bin", num_parts=count
    )
    assert answer.status == 200, answer
    found = answer.json
    urls = found["credentials"]
    assert isinstance(urls, list)
    assert [one["part_number"] for one in urls] == list(range(1, count + 1))
    return str(found["upload_id"]), [one["url"] for one in urls]


def put(url: str, content: bytes) -> str:
    request = urllib.request.Request(url, data=content, method="PUT")
    request.add_header("Content-Type", "")
    with urllib.request.urlopen(request, timeout=120) as answer:
        return str(answer.headers["ETag"])


def test_the_stock_client_sends_a_large_file_to_the_bucket_itself(
    server: RunningServer, s3: S3Server, tmp_path: Path
) -> None:
    require("mlflow")
    done = subprocess.run(
        [str(MLFLOW_PYTHON), "-c", STOCK, server.url],
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
            "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": str(6 << 20),
            "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(PART),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    path = done.stdout.split()[-1].removeprefix("mlflow-artifacts:/")
    request = urllib.request.Request(
        f"{s3.url}/parts/deep/root/{path}/model/weights.bin", method="HEAD"
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        # What S3 says of an object that was made of three parts.
        assert answer.headers["ETag"].strip('"').endswith("-3")


def test_a_version_of_a_file_that_came_in_parts_has_its_digest_and_freezes_it(
    server: RunningServer,
) -> None:
    content = b"x" * PART + b"the rest"
    target = f"{PROXY}/artifacts/0/frozen/net.bin"
    assert server.request("PUT", target, b"y" * len(content)).status == 200
    upload, urls = begin(server, "0/frozen", 2)
    sent = [put(urls[0], content[:PART]), put(urls[1], content[PART:])]
    parts = [{"part_number": number, "etag": tag} for number, tag in enumerate(sent, 1)]
    # Until it is complete, the file is the old one.
    assert server.request("GET", target).body == b"y" * len(content)
    fields = {"path": "net.bin", "upload_id": upload, "parts": parts}
    assert server.call("POST", f"{PROXY}/mpu/complete/0/frozen", **fields).status == 200
    assert server.request("GET", target).body == content
    server.call("POST", f"{API}/registered-models/create", name="net")
    source = "mlflow-artifacts:/0/frozen"
    server.call("POST", f"{API}/model-versions/create", name="net", source=source)
    shown = server.request("GET", f"{API}/model-versions/get?name=net&version=1").json
    entry = Entry("net.bin", len(content), hashlib.sha256(content).hexdigest())
    assert shown["model_version"]["digest"] == digest([entry])  # type: ignore[index]
    for verb, more in (("create", {"num_parts": 1}), ("complete", {"upload_id": upload})):
        answer = server.call("POST", f"{PROXY}/mpu/{verb}/0/frozen", path="net.bin", **more)
        assert answer.status == 409, answer
    assert server.request("GET", target).body == content


def test_an_upload_that_is_aborted_or_unknown_is_told(server: RunningServer) -> None:
    upload, urls = begin(server, "0/aborted", 1)
    put(urls[0], b"some")
    fields = {"path": "net.bin", "upload_id": upload}
    assert server.call("POST", f"{PROXY}/mpu/abort/0/aborted", **fields).status == 200
    assert server.request("GET", f"{PROXY}/artifacts/0/aborted/net.bin").status == 404
    assert server.call("POST", f"{PROXY}/mpu/abort/0/aborted", **fields).status == 404
    for count in (0, 10_001):
        refused = server.call(
            "POST", f"{PROXY}/mpu/create/0/aborted", path="net.bin", num_parts=count
        )
        assert (refused.status, refused.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    for path in ("..", "", "a/..", "C:\\x\\.."):
        refused = server.call("POST", f"{PROXY}/mpu/create/0/aborted", path=path, num_parts=1)
        assert refused.status == 400, path


def test_parts_that_differ_from_what_was_stored_are_the_callers_mistake(
    server: RunningServer,
) -> None:
    upload, urls = begin(server, "0/wrong", 1)
    put(urls[0], b"some")
    parts = [{"part_number": 1, "etag": '"0123456789abcdef0123456789abcdef"'}]
    answer = server.call(
        "POST", f"{PROXY}/mpu/complete/0/wrong", path="n", upload_id=upload, parts=parts
    )
    assert answer.status in (400, 404), answer


def test_a_server_can_be_told_to_keep_clients_away_from_its_bucket(
    s3: S3Server, tmp_path: Path
) -> None:
    bucket = s3.make_bucket("inside")
    environment = {
        **s3.environment,
        "MAINSTAY_ENABLE_PROXY_MULTIPART_UPLOAD": "false",
        "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "false",
    }
    with RunningServer(
        tmp_path, "--artifacts-destination", bucket, environment=environment
    ) as server:
        info = server.request("GET", "/api/3.0/mlflow/server-info").json
    assert info["multipart_uploads_enabled"] is False
    assert info["multipart_downloads_enabled"] is False


def test_uploads_that_nobody_completed_are_cleared(
    server: RunningServer, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, urls = begin(server, "0/left", 1)
    put(urls[0], b"some")
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    store = open_store("s3://parts/deep/root")
    assert isinstance(store, ObjectStore)
    # This test server says of every upload that it began in 2010.
    assert store.clear_partials(before=1.2e9) == 0
    assert store.clear_partials(before=time.time()) >= 1
    assert store.clear_partials(before=time.time()) == 0
