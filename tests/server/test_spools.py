"""A server that is shown a spool folder completes what trainings of its machine left there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mainstay.client import Client
from mainstay.connect import Stores, connect
from mainstay.entities.spool import CreateRun, LogBatch
from mainstay.errors import Unavailable
from mainstay.server.hardening import Neighbours
from mainstay.server.whereabouts import Whereabouts
from mainstay.spool.segment import Segment, Target, segments
from mainstay.spool.spool import Spool
from mainstay.spool.writer import Writer
from tests.spool.conftest import eventually, free_port
from tests.support.server import RunningServer

TRAINING = """
import os, sys
import mainstay

run = mainstay.start_run(run_name="killed")
mainstay.log_param("depth", 3)
mainstay.log_text("kept", "notes.txt")
for step in range(500):
    mainstay.log_metric("loss", 1 / (step + 1), step=step)
print(run.info.run_id, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def training(spool: Path, uri: str, *, offline: bool) -> tuple[subprocess.Popen[str], str]:
    """Start a script that logs, says so and stays; return it and the id of its run."""
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINING],
        cwd=spool.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "MAINSTAY_TRACKING_URI": uri,
            "MAINSTAY_SPOOL_DIR": str(spool),
            "MAINSTAY_OFFLINE": str(offline).lower(),
        },
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def arrived(uri: str, run_id: str) -> bool:
    """Say whether the run is there with all that was logged, each point once."""
    with connect(uri) as stores:
        client = Client(stores=stores)
        if not client.search_runs(["0"]):
            return False
        points = client.get_metric_history(run_id, "loss")
        run = client.get_run(run_id)
        if [point.step for point in points] != list(range(500)):
            return False
        assert run.data.params == {"depth": "3"}
        files = [file.path for file in stores.artifacts_at(run.info.artifact_uri).list()]
        return "notes.txt" in files


def metric(server: RunningServer, name: str) -> float:
    found = re.search(
        rf"^{re.escape(name)} (\S+)$", server.request("GET", "/metrics").body.decode(), re.MULTILINE
    )
    return float(found.group(1)) if found else 0.0


def leave(spool: Path, uri: str, run_id: str, **about: object) -> Segment:
    """Write a segment as a process that is gone left it."""
    target = Target(uri=uri, program="train.py", **about)  # type: ignore[arg-type]
    writer = Writer(spool, target, cap=1 << 20, fsync="never")
    writer.append(CreateRun(run_id=run_id, experiment_id="0"))
    writer.append(LogBatch(run_id=run_id, values={"loss": 0.5}, timestamp=1))
    writer.close()
    return writer.segment


def knows(uri: str, run_id: str) -> bool:
    return any(run.info.run_id == run_id for run in Client(uri).search_runs(["0"]))


def test_a_killed_training_is_completed_by_the_server_that_it_wrote_to(
    tmp_path: Path, spool: Path
) -> None:
    """It is killed while the server is away; nobody calls sync, nothing else starts."""
    port = free_port()
    uri = f"http://127.0.0.1:{port}"
    process, run_id = training(spool, uri, offline=False)
    kill(process)
    (left,) = segments(spool)
    options = ("--port", str(port), "--spool-dir", str(spool))
    with RunningServer(tmp_path / "server", *options) as server:
        eventually(lambda: not left.folder.exists())
        assert arrived(uri, run_id)
        assert metric(server, "mainstay_spool_segments_sent_total") == 1
        assert f"segment {left.name} of -c (process {process.pid}" in server.log
    assert segments(spool) == []


def test_a_server_killed_while_it_sends_goes_on_after_its_restart(
    tmp_path: Path, spool: Path
) -> None:
    process, run_id = training(spool, f"sqlite:///{tmp_path}/server/mainstay.db", offline=True)
    kill(process)
    for point in ("spool.after_apply", "spool.after_upload", "spool.after_offset"):
        server = RunningServer(
            *(tmp_path / "server", "--spool-dir", str(spool)),
            environment={"MAINSTAY_KILL_AT": f"{point}:1"},
        )
        try:
            server.process.wait(120)
        finally:
            code = server.stop()
        assert code == -signal.SIGKILL
    with RunningServer(tmp_path / "server", "--spool-dir", str(spool)) as server:
        eventually(lambda: segments(spool) == [])
        assert arrived(server.url, run_id)


def test_what_a_living_process_sends_is_left_to_it(tmp_path: Path, spool: Path) -> None:
    port = free_port()
    uri = f"http://127.0.0.1:{port}"

    def away() -> Stores:
        raise Unavailable("this process cannot reach the server")

    living = Spool(uri, away, root=spool)
    run_id = "a" * 32
    try:
        living.append(CreateRun(run_id=run_id, experiment_id="0"))
        done = leave(spool, uri, "b" * 32)
        options = ("--port", str(port), "--spool-dir", str(spool))
        with RunningServer(tmp_path / "server", *options) as server:
            in_use = 'mainstay_spool_segments{state="in use"}'
            eventually(lambda: metric(server, in_use) == 1 and not done.folder.exists())
            assert knows(uri, "b" * 32)
            assert not knows(uri, run_id)
            living.close(0.1)
            eventually(lambda: knows(uri, run_id))
    finally:
        living.close(0.1)


def test_a_living_process_that_writes_offline_is_followed(tmp_path: Path, spool: Path) -> None:
    with RunningServer(tmp_path / "server", "--spool-dir", str(spool)) as server:
        process, run_id = training(spool, server.url, offline=True)
        try:
            eventually(lambda: arrived(server.url, run_id))
            assert len(segments(spool)) == 1
        finally:
            kill(process)
        eventually(lambda: segments(spool) == [])
        assert arrived(server.url, run_id)


def test_bad_and_foreign_segments_stop_no_other_and_are_said_once(
    tmp_path: Path, spool: Path
) -> None:
    port = free_port()
    uri = f"http://127.0.0.1:{port}"
    unreadable = leave(spool, uri, "1" * 32)
    (unreadable.folder / "target.json").write_text("{")
    strange = leave(spool, uri, "2" * 32)
    strange.chunk(1).unlink()
    strange.chunk(1).mkdir()
    elsewhere = leave(spool, "http://elsewhere.example:5000", "3" * 32)
    awaited = leave(spool, uri, "4" * 32)
    awaited.chunk(1).write_bytes(b"")
    orphan = Writer(spool, Target(uri=uri), cap=1 << 20, fsync="never")
    orphan.append(LogBatch(run_id="9" * 32, values={"loss": 0.5}, timestamp=1))
    orphan.close()
    torn = leave(spool, uri, "5" * 32)
    with torn.chunk(1).open("ab") as log:
        log.write(b"half a rec")
    good = leave(spool, uri, "6" * 32)

    options = ("--port", str(port), "--spool-dir", str(spool))
    with RunningServer(tmp_path / "server", *options) as server:
        eventually(lambda: not good.folder.exists() and not torn.folder.exists())
        assert knows(uri, "5" * 32)
        assert knows(uri, "6" * 32)

        def states() -> dict[str, float]:
            kinds = ("failed", "elsewhere", "awaited")
            return {k: metric(server, f'mainstay_spool_segments{{state="{k}"}}') for k in kinds}

        eventually(lambda: states() == {"failed": 2, "elsewhere": 1, "awaited": 1})
        assert metric(server, "mainstay_spool_records_refused_total") == 1
        assert "the unfinished end of the spool" in server.log
        assert f"segment {unreadable.name} cannot be sent" in server.log
        assert f"segment {strange.name} cannot be sent" in server.log
        assert "http://elsewhere.example:5000, which is no address of this server" in server.log
        said = server.log
        assert said.count(elsewhere.name) == said.count(orphan.segment.name) == 1
    left = {segment.name for segment in segments(spool)}
    assert left == {unreadable.name, strange.name, elsewhere.name, orphan.segment.name}


def test_a_folder_that_cannot_be_used_is_said_before_the_server_starts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "mainstay", "server", "--port", "0", "--spool-dir", "file"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2
    assert "--spool-dir" in done.stderr
    assert "mainstay is at" not in done.stdout


@pytest.mark.parametrize(
    ("uri", "meant"),
    [
        ("http://127.0.0.1:5000", True),
        ("http://localhost:5000", True),
        ("http://localhost:5001", False),
        ("https://ml.example.org", True),
        ("https://ml.example.org/other", False),
        ("http://10.255.255.1:5000", False),
        ("http://nowhere.invalid:5000", False),
        ("http://[::1", False),
        ("sqlite:////srv/runs.db", True),
        ("sqlite:////srv/../srv/runs.db", True),
        ("sqlite:////srv/others.db", False),
        ("postgresql://ada@db/runs", True),
        ("postgres://bob:secret@db:5432/runs", True),
        ("postgresql://db/others", False),
        ("nonsense", False),
    ],
)
def test_an_address_means_a_server_by_name_port_or_database(
    uri: str, meant: bool, whereabouts: Callable[[str], bool]
) -> None:
    assert whereabouts(uri) is meant


@pytest.fixture
def whereabouts() -> Callable[[str], bool]:
    databases = ("sqlite:////srv/runs.db", "postgresql://mainstay@db/runs")
    return Whereabouts(Neighbours(["ml.example.org", "*"]), 5000, "", databases).mean
