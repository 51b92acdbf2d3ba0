"""The image of a registered version, built, started and called for real."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.connect import Stores, connect
from tests.support.containers import Container, Podman, free_port
from tests.support.server import RunningServer

pytestmark = pytest.mark.timeout(900)
"""The first test makes the base image and builds this one."""


@pytest.fixture(scope="module")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    engine = Podman(tmp_path_factory.mktemp("podman"))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def image(
    podman: Podman, server: RunningServer, registered: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The champion, built by the command line."""
    name = podman.new_name()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mainstay", "models", "build-docker"),
            *("-m", "models:/line@champion", "-n", name, "--engine", "podman"),
            *("--base-image", podman.base_image(), "--json"),
        ],
        env={
            **podman.environment,
            "MAINSTAY_TRACKING_URI": server.url,
            "MAINSTAY_CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
        },
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout)
    assert (said["image"], said["engine"], said["card"]["version"]) == (name, "podman", 1)
    return name


@pytest.fixture(scope="module")
def serving(podman: Podman, image: str, server: RunningServer) -> Iterator[Container]:
    """The image, running with a read-only file system, and reporting to the server."""
    port = free_port()
    container = Container(
        podman,
        image,
        port=port,
        options=("--read-only", "--tmpfs=/tmp", "--cap-drop=all"),
        environment={"MAINSTAY_MODELS_PORT": str(port), "MAINSTAY_TRACKING_URI": server.url},
    )
    container.wait_for("/ready")
    yield container
    container.remove()


def ask(container: Container, rows: list[list[float]]) -> tuple[dict[str, object], dict[str, str]]:
    answer = container.call("POST", "/invocations", inputs=rows)
    assert answer.status == 200, answer
    return answer.json, dict(answer.headers)


def test_the_image_answers_for_the_version_it_was_built_from(serving: Container) -> None:
    said, headers = ask(serving, [[3.0], [0.5]])
    assert said["predictions"] == pytest.approx([6.0, 1.0])
    assert (headers["x-mainstay-model"], headers["x-mainstay-version"]) == ("line", "1")


def test_it_runs_as_a_user_that_is_not_root_and_says_that_it_is_healthy(
    podman: Podman, image: str, serving: Container
) -> None:
    assert serving.execute("id", "-u").strip() == "10001"
    podman.call("healthcheck", "run", serving.id)
    about = podman.inspect(image)
    assert about["User"] == "10001:10001"
    assert "/ping" in podman.call("inspect", "--format", "{{.Config.Healthcheck}}", serving.id)
    with pytest.raises(AssertionError):
        serving.execute("touch", "/opt/ml/model/new")


def test_its_labels_say_which_version_it_is(podman: Podman, image: str, stores: Stores) -> None:
    labels = podman.inspect(image)["Labels"]
    assert isinstance(labels, dict)
    version = stores.registry.get_model_version("line", 1)
    assert labels["mainstay.model"] == "line"
    assert labels["mainstay.version"] == "1"
    assert labels["mainstay.registered"] == "true"
    assert labels["mainstay.digest"] == version.digest
    assert labels["mainstay.uri"] == "models:/line/1"
    assert labels["mainstay.asked"] == "models:/line@champion"
    assert labels["mainstay.run"] == version.run_id


def test_the_server_sees_the_deployment_and_its_counts(
    serving: Container, server: RunningServer
) -> None:
    ask(serving, [[1.0]])
    deadline = time.monotonic() + 120
    with connect(server.url) as stores:
        while time.monotonic() < deadline:
            windows = stores.monitoring.list_windows("line/1")
            if sum(window.requests for window in windows):
                break
            time.sleep(0.1)
        [found] = stores.monitoring.list_deployments()
    assert (found.deployment, found.serving_version, found.state) == ("line/1", 1, "serving")
    assert sum(window.requests for window in windows) >= 1


def test_an_image_whose_model_was_changed_does_not_start(
    podman: Podman, image: str, tmp_path: Path
) -> None:
    changed = tmp_path / "MLmodel"
    changed.write_text("flavors: {}\n")
    changed.chmod(0o644)
    port = free_port()
    container = Container(
        podman,
        image,
        port=port,
        options=(f"--volume={changed}:/opt/ml/model/MLmodel:ro",),
        environment={"MAINSTAY_MODELS_PORT": str(port)},
    )
    try:
        assert container.wait() == 1
        assert "MLmodel changed" in container.log
        assert "Traceback" not in container.log
    finally:
        container.remove()


def test_it_ends_with_0_when_it_is_told_to_stop(podman: Podman, image: str) -> None:
    port = free_port()
    container = Container(podman, image, port=port, environment={"MAINSTAY_MODELS_PORT": str(port)})
    try:
        container.wait_for("/ping")  # without any tracking server
        assert container.stop() == 0
    finally:
        container.remove()
