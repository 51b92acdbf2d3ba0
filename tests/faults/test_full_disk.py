"""A full disk, real and small: 507 with a reason, and on again without a restart."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.api import API, FILES, create_run, get, history, post
from tests.support.server import Answer, Door, RunningServer

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MiB. Only root may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(options, capture_output=True).returncode != 0:
        pytest.skip("needs to mount a tmpfs: run as root, with the right to mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, *, leave: int) -> Path:
    """Take the room of a disk but for ``leave`` bytes."""
    about = os.statvfs(folder)
    ballast = folder / "ballast"
    with ballast.open("ab") as file:
        while (free := _free(folder)) > leave:
            file.write(b"\0" * min(free - leave, MIB))
            file.flush()
    assert about.f_bavail
    return ballast


def _free(folder: Path) -> int:
    about = os.statvfs(folder)
    return about.f_bavail * about.f_frsize


def eventually(ask: Callable[[], Answer], status: int) -> Answer:
    """Ask until the answer has this status; the server looks at the disk twice a second."""
    deadline = time.monotonic() + 120
    while (answer := ask()).status != status:
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    return answer


def log(server: Door, run: str, step: int) -> Answer:
    point = {"key": "m", "value": step, "timestamp": step, "step": step}
    return server.call("POST", f"{API}/runs/log-metric", run_id=run, **point)


def test_below_the_reserve_writes_are_refused_while_reads_and_deletions_work(
    small_disk: Path,
) -> None:
    with RunningServer(small_disk, environment={"MAINSTAY_DISK_RESERVE": "4M"}) as server:
        run, other = create_run(server), create_run(server)
        assert server.request("PUT", f"{FILES}/0/a.bin", b"a" * MIB).status == 200
        assert log(server, run, 1).status == 200
        ballast = fill(small_disk, leave=2 * MIB)

        refused = eventually(lambda: log(server, other, 2), 507)
        assert log(server, run, 2).status == 507
        assert refused.json["error_code"] == "RESOURCE_EXHAUSTED"
        assert "MAINSTAY_DISK_RESERVE" in str(refused.json["message"])
        for noun in ("experiments", "registered-models"):
            assert server.call("POST", f"{API}/{noun}/create", name="x").status == 507
        assert server.request("PUT", f"{FILES}/0/b.bin", b"b" * 100).status == 507

        assert history(server, run, "m") == [(1, 1.0)]
        assert server.request("GET", f"{FILES}/0/a.bin").body == b"a" * MIB
        assert post(server, f"{API}/runs/search", experiment_ids=["0"])["runs"]
        assert server.call("POST", f"{API}/runs/delete", run_id=other).status == 200
        assert server.request("DELETE", f"{FILES}/0/a.bin").status == 200

        ballast.unlink()
        eventually(lambda: log(server, run, 3), 200)
        assert server.request("PUT", f"{FILES}/0/b.bin", b"b" * 100).status == 200
        assert history(server, run, "m") == [(1, 1.0), (3, 3.0)]
        assert "Traceback" not in server.log


def test_a_disk_that_is_full_to_the_last_byte_breaks_nothing(small_disk: Path) -> None:
    """No reserve: the database and the file system say themselves that they are full."""
    with RunningServer(small_disk, environment={"MAINSTAY_DISK_RESERVE": "0"}) as server:
        run = create_run(server)
        assert log(server, run, 0).status == 200
        ballast = fill(small_disk, leave=0)
        answers = [log(server, run, step).status for step in range(1, 600)]
        assert set(answers) <= {200, 507}
        assert 507 in answers
        kept = [(0, 0.0)] + [
            (step, float(step)) for step, status in enumerate(answers, 1) if status == 200
        ]
        assert history(server, run, "m") == kept
        upload = server.request("PUT", f"{FILES}/0/big.bin", b"b" * MIB)
        assert upload.status == 507
        assert "no room for" in str(upload.json["message"])
        assert server.request("GET", f"{FILES}/0/big.bin").status == 404
        folder = small_disk / "mainstay-artifacts"
        assert [path for path in folder.rglob("*") if path.is_file()] == []

        ballast.unlink()
        assert log(server, run, 1000).status == 200
        assert server.request("PUT", f"{FILES}/0/big.bin", b"b" * MIB).status == 200
        assert history(server, run, "m") == [*kept, (1000, 1000.0)]
        assert "Traceback" not in server.log


def limit_files(process: int, size: int) -> None:
    """Let no file of a running process grow beyond ``size`` bytes: its disk fails from there on."""
    infinity = resource.RLIM_INFINITY
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size or infinity, infinity))


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux")
def test_after_an_error_of_the_disk_the_server_reads_and_writes_no_more(tmp_path: Path) -> None:
    """What a failed write or flush left behind is unknown; a retry that succeeds could lie."""
    server = RunningServer(tmp_path)
    run = create_run(server)
    acknowledged = []
    limit_files(server.process.pid, (tmp_path / "mainstay.db-wal").stat().st_size + 60_000)
    for step in range(500):
        answer = log(server, run, step)
        if answer.status != 200:
            break
        acknowledged.append((step, float(step)))
    else:
        raise AssertionError("the disk did not fail")
    assert answer.status == 500
    assert "nothing was acknowledged" in str(answer.json["message"])
    limit_files(server.process.pid, 0)  # the disk works again, and is not believed
    for _ in range(3):
        refused = log(server, run, 900)
        assert refused.status == 500
        assert "restart after the disk is repaired" in str(refused.json["message"])
    assert history(server, run, "m") == acknowledged
    assert get(server, f"{API}/runs/get", run_id=run).status == 200
    assert server.stop() == 1
    with RunningServer(tmp_path) as again:
        assert history(again, run, "m") == acknowledged
        assert log(again, run, 1000).status == 200
