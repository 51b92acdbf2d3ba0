"""The unmodified mlflow package works against our server, on both databases."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.parts import MLFLOW_PYTHON, require
from tests.support.server import RunningServer

SCRIPTS = Path(__file__).parent / "scripts"


@pytest.fixture
def server(database_uri: str, tmp_path: Path) -> Iterator[RunningServer]:
    require("mlflow")
    with RunningServer(tmp_path / "server", "--backend-store-uri", database_uri) as running:
        yield running


def run_script(name: str, server: RunningServer, folder: Path) -> str:
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")},
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
        "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "GIT_PYTHON_REFRESH": "quiet",
    }
    folder.mkdir()
    done = subprocess.run(
        [str(MLFLOW_PYTHON), str(SCRIPTS / name), server.url],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, f"{done.stderr[-4000:]}\n--- server ---\n{server.log[-3000:]}"
    return done.stdout


def test_autolog_register_alias_load_and_search_work(server: RunningServer, tmp_path: Path) -> None:
    assert "LIFECYCLE OK" in run_script("lifecycle.py", server, tmp_path / "work")
    version = server.request(
        "GET", "/api/2.0/mlflow/model-versions/get?name=stock-model&version=1"
    ).json["model_version"]
    assert isinstance(version, dict)
    assert len(version["digest"]) == 64, "a proxied version is frozen when it is registered"
    assert "Traceback" not in server.log


def test_every_call_of_the_classic_client_gives_the_right_values(
    server: RunningServer, tmp_path: Path
) -> None:
    assert "CLASSIC OK" in run_script("classic_client.py", server, tmp_path / "work")
    assert "Traceback" not in server.log
