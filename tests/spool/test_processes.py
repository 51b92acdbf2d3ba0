"""Processes that a training starts, and ends that are none: spawn, fork, and ``os._exit``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mainstay
from mainstay.client import Client

WORKERS = """
import multiprocessing, os, sys
import mainstay

def work(number, run_id, wait):
    os.environ["MAINSTAY_END_WAIT"] = wait
    for step in range(100):
        mainstay.log_metric(f"worker_{number}", step / 2, step=step, run_id=run_id)

if __name__ == "__main__":
    run = mainstay.start_run()
    mainstay.log_metric("before", 1.0)
    context = multiprocessing.get_context(sys.argv[1])
    told = run.info.run_id, sys.argv[2]
    workers = [context.Process(target=work, args=(n, *told)) for n in range(3)]
    for worker in workers:
        worker.start()
    for step in range(100):
        mainstay.log_metric("parent", step / 2, step=step)
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    mainstay.end_run()
    print(run.info.run_id)
"""

LEAVES = """
import os
import mainstay
run = mainstay.start_run()
for step in range(1000):
    mainstay.log_metric("loss", step / 2, step=step)
print(run.info.run_id, flush=True)
os._exit(3)
"""


def run(tmp_path: Path, script: str, *arguments: str, code: int = 0) -> tuple[str, Client]:
    (tmp_path / "train.py").write_text(script)
    uri = f"sqlite:///{tmp_path}/runs.db"
    done = subprocess.run(
        [sys.executable, "train.py", *arguments],
        cwd=tmp_path,
        env={
            **os.environ,
            "MAINSTAY_TRACKING_URI": uri,
            "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
            "MAINSTAY_END_WAIT": "60",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout.split()[-1], Client(uri)


@pytest.mark.parametrize("wait", ["30", "0.001"], ids=["patient", "hasty"])
@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_workers_write_into_the_run_of_their_parent_and_all_arrives(
    tmp_path: Path, method: str, wait: str
) -> None:
    """What a worker cannot send in its bounded last wait, its parent sends at its own end."""
    run_id, client = run(tmp_path, WORKERS, method, wait)
    for key in ("parent", "worker_0", "worker_1", "worker_2"):
        steps = [point.step for point in client.get_metric_history(run_id, key)]
        assert steps == list(range(100)), key
    assert client.get_run(run_id).info.status == "FINISHED"


def test_a_process_that_leaves_without_last_words_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, client = run(tmp_path, LEAVES, code=3)
    monkeypatch.setenv("MAINSTAY_SPOOL_DIR", str(tmp_path / "spool"))
    mainstay.sync()
    steps = [point.step for point in client.get_metric_history(run_id, "loss")]
    assert steps == list(range(1000))
