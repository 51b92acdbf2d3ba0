"""A full disk costs the calls that do not fit, says so once, and never the training."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay.client import Client
from mainstay.connect import connect
from mainstay.spool.sync import sync

# The limit on a file's size stands for the end of the disk: writing fails in the middle of a frame.
SCRIPT = """
import resource, signal
import mainstay

run = mainstay.start_run()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
for step in range(1000):
    mainstay.log_metric("loss", step, step=step)
mainstay.log_text("x" * 50_000, "large.txt")
print(run.info.run_id, "trained")
"""


@pytest.mark.skipif(os.name != "posix", reason="limits are those of POSIX")
def test_training_goes_on_when_the_spool_cannot_be_written(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "MAINSTAY_TRACKING_URI": f"sqlite:///{tmp_path}/runs.db",
        "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
        "MAINSTAY_OFFLINE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    run_id, word = done.stdout.split()
    assert word == "trained"
    assert done.stderr.count("log calls are being lost") == 1
    assert done.stderr.count("large.txt was not kept") == 1

    (result,) = sync(tmp_path / "spool", lambda target: connect(target.uri))
    assert (result.state, result.refused) == ("sent", [])
    steps = [
        point.step
        for point in Client(f"sqlite:///{tmp_path}/runs.db").get_metric_history(run_id, "loss")
    ]
    assert steps == list(range(len(steps)))
    assert len(steps) > 50
