"""The unmodified mlflow package works against our server, on both databases."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.entities.accounts import ROLES
from mainstay.entities.digests import text_digest
from mainstay.server.auth import passwords
from mainstay.stores.sql.accounts import SqlAccounts
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.release import SqlRelease
from tests.support.parts import MLFLOW2_PYTHON, MLFLOW_PYTHON, require
from tests.support.server import RunningServer

SCRIPTS = Path(__file__).parent / "scripts"


@pytest.fixture
def server(database_uri: str, tmp_path: Path) -> Iterator[RunningServer]:
    require("mlflow")
    with RunningServer(tmp_path / "server", "--backend-store-uri", database_uri) as running:
        yield running


def run_script(
    name: str, server: RunningServer, folder: Path, *arguments: str, python: Path = MLFLOW_PYTHON
) -> str:
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
        [str(python), str(SCRIPTS / name), server.url, *arguments],
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


def test_what_is_deleted_is_gone_for_the_stock_client_and_comes_back(
    server: RunningServer, tmp_path: Path
) -> None:
    assert "RESTORED OK" in run_script("restored.py", server, tmp_path / "work")
    assert "Traceback" not in server.log


def test_a_client_of_the_last_mlflow_2_goes_the_whole_way(
    database_uri: str, tmp_path: Path
) -> None:
    require("mlflow2")
    with RunningServer(tmp_path / "server", "--backend-store-uri", database_uri) as server:
        said = run_script("second.py", server, tmp_path / "work", python=MLFLOW2_PYTHON)
        assert "SECOND OK" in said
        assert "Traceback" not in server.log


def test_roles_and_gates_refuse_the_stock_client_at_once_and_in_words(tmp_path: Path) -> None:
    require("mlflow")
    folder = tmp_path / "server"
    folder.mkdir()
    database = Database(f"sqlite:///{folder}/mainstay.db")
    accounts, release = SqlAccounts(database), SqlRelease(database)
    password = passwords.hash_password("correct horse battery staple")
    soon = int(time.time() * 1000) + 3_600_000
    for role in ROLES:
        accounts.create_user(role, password_hash=password, role=role)
        secret = passwords.hash_token(f"mst_{role}")
        accounts.create_token(role, token_id=role, secret_hash=secret, expires_at=soon)
    policy = "checks:\n  - kind: threshold\n    metric: auc\n    minimum: 0.9\n"
    release.set_policy("gated", "champion", policy, digest=text_digest(policy))
    database.close()
    with RunningServer(folder, "--no-anonymous") as server:
        tokens = ("mst_contributor", "mst_maintainer")
        assert "GOVERNED OK" in run_script("governed.py", server, tmp_path / "work", *tokens)
