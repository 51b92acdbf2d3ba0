"""A process killed while it logs: every call that returned is on the server afterwards, once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay import killpoints
from mainstay.client import Client
from mainstay.connect import connect
from mainstay.spool.segment import segments
from mainstay.spool.sync import sync
from tests.spool.conftest import PATIENCE, eventually

SCRIPT = """
import os, sys
import mainstay

run = mainstay.start_run()
print(run.info.run_id, flush=True)
with open("artifact.txt", "w") as file:
    file.write("kept")
mainstay.log_artifact("artifact.txt")
mainstay.log_param("p", 1)
done = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
step = 0
while True:
    mainstay.log_metric("loss", step / 2, step=step)
    os.write(done, b"%d\\n" % step)   # in the kernel: survives the kill, as the spool does
    step += 1
"""


POINTS = [point for point in killpoints.POINTS if point.startswith("spool.")]


def start(tmp_path: Path, *, offline: bool = False, kill_at: str = "") -> subprocess.Popen[str]:
    (tmp_path / "train.py").write_text(SCRIPT)
    environment = {
        **os.environ,
        "MAINSTAY_TRACKING_URI": f"sqlite:///{tmp_path}/runs.db",
        "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
        "MAINSTAY_OFFLINE": str(offline).lower(),
        "MAINSTAY_KILL_AT": kill_at,
    }
    return subprocess.Popen(
        [sys.executable, "train.py", "returned.txt"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize("offline", [False, True], ids=["sending", "offline"])
@pytest.mark.parametrize("attempt", range(2))
def test_every_call_that_returned_before_a_kill_is_there_after_sync_and_once(
    tmp_path: Path, offline: bool, attempt: int
) -> None:
    wanted = random.Random(attempt).randrange(50, 3000)
    process = start(tmp_path, offline=offline)
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    returned = tmp_path / "returned.txt"
    try:
        eventually(lambda: returned.exists() and returned.read_bytes().count(b"\n") >= wanted)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    everything_arrived(tmp_path, run_id)


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("point", POINTS)
def test_a_sender_that_dies_at_a_named_point_loses_and_doubles_nothing(
    tmp_path: Path, point: str, times: int
) -> None:
    process = start(tmp_path, kill_at=f"{point}:{1 if point == 'spool.after_upload' else times}")
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    try:
        assert process.wait(PATIENCE) == -signal.SIGKILL
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    everything_arrived(tmp_path, run_id)


def everything_arrived(tmp_path: Path, run_id: str) -> None:
    """Sync, and see that every call that had returned is at the target, once."""
    returned = tmp_path / "returned.txt"
    lines = returned.read_text().splitlines(keepends=True) if returned.exists() else []
    calls = [int(line) for line in lines if line.endswith("\n")]
    uri = f"sqlite:///{tmp_path}/runs.db"
    done = sync(tmp_path / "spool", lambda target: connect(target.uri))
    assert [one.state for one in done] == ["sent"]
    # Linux may end a write by a kill where a page ends: the call in it had not returned.
    said = [refusal.message for one in done for refusal in one.refused]
    assert [one for one in said if not one.startswith("the unfinished end of the spool")] == []
    assert len(said) <= 1
    with connect(uri) as stores:
        client = Client(stores=stores)
        steps = [point.step for point in client.get_metric_history(run_id, "loss")]
        # One call more may have reached the spool than had returned.
        assert steps in (calls, [*calls, len(calls)])
        run = stores.tracking.get_run(run_id)
        if calls:
            assert run.data.params == {"p": "1"}
            files = stores.artifacts_at(run.info.artifact_uri)
            assert b"".join(files.read("artifact.txt")) == b"kept"
    assert segments(tmp_path / "spool") == []
