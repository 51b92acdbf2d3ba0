"""The image of the server, built and run for real: two of it on one PostgreSQL and one bucket."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.containers import Container, Podman, free_port
from tests.support.parts import MLFLOW_PYTHON, require
from tests.support.s3 import S3Server

pytestmark = pytest.mark.timeout(900)
"""The first test makes the base image and builds this one."""

STOCK = """
import sys, mlflow
from mlflow import MlflowClient
from pathlib import Path
one, two = sys.argv[1:]
mlflow.set_tracking_uri(one)
mlflow.set_experiment("shared")
Path("report.txt").write_text("through the first\\n" * 100_000)
with mlflow.start_run() as run:
    mlflow.log_param("depth", 3)
    mlflow.log_metric("auc", 0.9)
    mlflow.log_artifact("report.txt", "docs")
other = MlflowClient(two)
found = other.get_run(run.info.run_id)
assert (found.data.params, found.data.metrics) == ({"depth": "3"}, {"auc": 0.9}), found.data
assert found.info.status == "FINISHED"
Path("back").mkdir()
copy = mlflow.artifacts.download_artifacts(
    run_id=run.info.run_id, artifact_path="docs/report.txt", dst_path="back", tracking_uri=two)
assert Path(copy).read_text() == Path("report.txt").read_text()
other.create_registered_model("m")
mlflow.set_tracking_uri(one)
assert MlflowClient(one).get_registered_model("m").name == "m"
print(run.info.run_id)
"""


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = S3Server(tmp_path_factory.mktemp("s3") / "log.txt")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def settings(postgres_uri: str, s3: S3Server) -> dict[str, str]:
    """What every container of the deployment is told."""
    return {
        **s3.environment,
        "MAINSTAY_BACKEND_STORE_URI": postgres_uri,
        "MAINSTAY_ARTIFACTS_DESTINATION": s3.make_bucket("shared") + "/artifacts",
    }


@pytest.fixture(scope="module")
def servers(
    podman: Podman, image: str, settings: dict[str, str]
) -> Iterator[tuple[Container, Container]]:
    """Two servers, after the preparation that the manifests run before them."""
    prepare = (
        'mainstay db upgrade "$MAINSTAY_BACKEND_STORE_URI" && printf "%s\\n" "$ADMIN_PASSWORD" | '
        "mainstay users add admin --role admin --password-stdin --exist-ok"
    )
    given = [f"--env={key}={value}" for key, value in settings.items()]
    for _ in range(2):  # a job that is run again changes nothing
        podman.call(
            *("run", "--rm", "--read-only", "--tmpfs=/tmp", "--entrypoint=/bin/sh", *given),
            *("--env=ADMIN_PASSWORD=correct horse battery", image, "-c", prepare),
        )
    started = []
    try:
        for _ in range(2):
            port = free_port()
            started.append(
                Container(
                    podman,
                    image,
                    *("server", "--host", "0.0.0.0", "--port", str(port)),
                    port=port,
                    options=("--read-only", "--tmpfs=/tmp", "--cap-drop=all"),
                    environment=settings,
                )
            )
        for server in started:
            server.wait_for("/readyz")
        yield started[0], started[1]
    finally:
        for server in started:
            server.remove()


def test_what_goes_in_by_one_server_is_read_through_the_other(
    servers: tuple[Container, Container], tmp_path: Path
) -> None:
    require("mlflow")
    done = subprocess.run(
        [str(MLFLOW_PYTHON), "-c", STOCK, servers[0].url, servers[1].url],
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "MLFLOW_TRACKING_USERNAME": "admin",
            "MLFLOW_TRACKING_PASSWORD": "correct horse battery",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_strangers_are_asked_who_they_are(servers: tuple[Container, Container]) -> None:
    for server in servers:
        answer = server.call("POST", "/api/2.0/mlflow/experiments/search", max_results=1)
        assert answer.status == 401
        assert server.request("GET", "/health").status == 200


def test_it_runs_as_a_user_that_is_not_root_and_shows_the_ui(
    podman: Podman, servers: tuple[Container, Container]
) -> None:
    assert servers[0].execute("id", "-u").strip() == "10001"
    assert b'<div id="app">' in servers[0].request("GET", "/").body
    about = podman.call("inspect", "--format", "{{.Config.Healthcheck}}", servers[0].id)
    assert "/livez" in about


def test_alone_it_keeps_everything_in_its_volume_and_ends_with_0(
    podman: Podman, image: str
) -> None:
    port = free_port()
    options = ("--read-only", "--tmpfs=/tmp")
    server = Container(
        podman,
        image,
        *("server", "--port", str(port)),
        port=port,
        options=options,
    )
    try:
        server.wait_for("/readyz")
        name = "/api/2.0/mlflow/experiments/create"
        assert server.call("POST", name, name="kept").status == 200
        assert "mainstay.db" in server.execute("ls", "/data")
        assert server.stop() == 0
    finally:
        server.remove()


def test_the_release_in_the_image_is_that_of_this_checkout(podman: Podman, image: str) -> None:
    from mainstay import __version__

    said = podman.call("run", "--rm", image, "doctor", "--json", "--help")
    assert "Usage: mainstay doctor" in said
    assert __version__ in podman.call("run", "--rm", image, "--version")
    config = json.dumps(podman.inspect(image))
    assert "10001:10001" in config
