"""What the target does never reaches the training: locks, absence for long, its own memory."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mainstay
from mainstay.client import Client
from tests.support.face import fresh_face
from tests.support.server import RunningServer


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "runs.db"
    for _ in fresh_face(f"sqlite:///{path}", tmp_path, monkeypatch):
        yield path


def test_a_locked_database_does_not_stop_the_training_and_all_arrives(database: Path) -> None:
    with mainstay.start_run() as run:
        mainstay.log_metric("before", 1.0)
        assert mainstay.flush(120)
        with sqlite3.connect(database, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            for step in range(1000):
                mainstay.log_metric("loss", step / 2, step=step)
            other.execute("ROLLBACK")
        assert mainstay.flush(120)
    history = mainstay.MlflowClient().get_metric_history(run.info.run_id, "loss")
    assert [point.step for point in history] == list(range(1000))


TRAINS = """
import mainstay
with mainstay.start_run() as run:
    for step in range(500):
        mainstay.log_metric("loss", step / 2, step=step)
print(run.info.run_id)
"""


def test_several_trainings_and_a_running_server_share_the_local_file(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/runs.db"
    environment = {**os.environ, "MAINSTAY_TRACKING_URI": uri, "MAINSTAY_END_WAIT": "120"}
    with RunningServer(tmp_path / "server", "--backend-store-uri", uri) as server:
        trainings = [
            subprocess.Popen(
                [sys.executable, "-c", TRAINS],
                cwd=tmp_path,
                env={**environment, "MAINSTAY_SPOOL_DIR": str(tmp_path / f"spool-{number}")},
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(3)
        ]
        try:
            printed = [one.communicate(timeout=240)[0] for one in trainings]
        finally:
            for one in trainings:
                one.kill()
        assert [one.returncode for one in trainings] == [0, 0, 0]
        client = Client(server.url)
        for text in printed:
            history = client.get_metric_history(text.split()[-1], "loss")
            assert [point.step for point in history] == list(range(500))


AWAY = """
import json, os
from pathlib import Path
import mainstay

def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1000

values = {f"metric_{number}": 0.5 for number in range(10)}
run = mainstay.start_run()
for step in range(100):
    mainstay.log_metrics(values, step=step)
before = resident()
for step in range(100, 20_000):
    mainstay.log_metrics(values, step=step)
print(json.dumps(resident() - before), flush=True)
os._exit(0)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's own table")
def test_what_waits_for_a_server_that_is_away_is_on_the_disk_not_in_memory(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AWAY],
        cwd=tmp_path,
        env={
            **os.environ,
            "MAINSTAY_TRACKING_URI": "http://127.0.0.1:9",
            "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    kept = sum(path.stat().st_size for path in (tmp_path / "spool").rglob("*.log"))
    assert kept > 1_000_000
    assert float(done.stdout) < 30
