"""What waits is sent by ``mainstay sync``, and ``mainstay doctor`` says what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay.client import Client
from tests.spool.conftest import eventually, free_port


def mainstay(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "MAINSTAY_TRACKING_URI": f"sqlite:///{folder}/runs.db",
        "MAINSTAY_SPOOL_DIR": str(folder / "spool"),
        **variables,
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def offline_run(folder: Path, name: str) -> None:
    code = (
        "import mainstay\n"
        f"with mainstay.start_run(run_name={name!r}):\n"
        "    mainstay.log_metric('loss', 1.0)\n"
        "    mainstay.log_text('kept', 'a.txt')\n"
    )
    assert mainstay(folder, "-c", code, MAINSTAY_OFFLINE="1").returncode == 0


def test_offline_runs_arrive_with_sync_and_a_second_sync_finds_nothing(tmp_path: Path) -> None:
    offline_run(tmp_path, "one")
    offline_run(tmp_path, "two")
    waiting = json.loads(mainstay(tmp_path, "-m", "mainstay", "sync", "--dry-run", "--json").stdout)
    assert len(waiting) == 2
    assert not (tmp_path / "runs.db").exists()
    done = json.loads(mainstay(tmp_path, "-m", "mainstay", "sync", "--json").stdout)
    assert [one["state"] for one in done] == ["sent", "sent"]
    assert "Nothing waits" in mainstay(tmp_path, "-m", "mainstay", "sync").stdout
    client = Client(f"sqlite:///{tmp_path}/runs.db")
    runs = client.search_runs(["0"])
    assert sorted(run.info.run_name for run in runs) == ["one", "two"]
    assert all(run.data.metrics == {"loss": 1.0} for run in runs)
    assert all(run.info.status == "FINISHED" for run in runs)


def test_a_copied_spool_is_sent_to_another_address(tmp_path: Path) -> None:
    offline_run(tmp_path, "moved")
    (tmp_path / "spool").rename(tmp_path / "stick")
    other = f"sqlite:///{tmp_path}/other.db"
    done = mainstay(tmp_path, "-m", "mainstay", "sync", "stick", "--to", other)
    assert done.returncode == 0, done.stderr
    (run,) = Client(other).search_runs(["0"])
    assert run.info.run_name == "moved"


def test_what_cannot_be_sent_stays_and_the_exit_code_says_so(tmp_path: Path) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    code = "import mainstay; mainstay.log_metric('loss', 1.0)"
    variables = {"MAINSTAY_TRACKING_URI": away, "MAINSTAY_HTTP_REQUEST_MAX_RETRIES": "1"}
    assert mainstay(tmp_path, "-c", code, MAINSTAY_OFFLINE="1", **variables).returncode == 0
    done = mainstay(tmp_path, "-m", "mainstay", "sync", **variables)
    assert done.returncode == 1
    assert "failed" in done.stdout
    waiting = mainstay(tmp_path, "-m", "mainstay", "sync", "--dry-run", "--json", **variables)
    assert len(json.loads(waiting.stdout)) == 1


def test_a_script_ends_in_time_and_says_where_its_records_are_when_the_server_is_away(
    tmp_path: Path,
) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    code = "import mainstay\nwith mainstay.start_run():\n    mainstay.log_metric('loss', 1.0)\n"
    done = mainstay(
        tmp_path,
        "-c",
        code,
        MAINSTAY_TRACKING_URI=away,
        MAINSTAY_END_WAIT="1",
        MAINSTAY_HTTP_REQUEST_MAX_RETRIES="1",
    )
    assert done.returncode == 0
    assert "mainstay sync" in done.stderr
    assert "cannot take records at the moment" in done.stderr


def test_a_script_that_dies_leaves_a_failed_run(tmp_path: Path) -> None:
    code = "import mainstay; mainstay.log_metric('loss', 1.0); raise SystemError('as meant')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool")}
        | {"MAINSTAY_TRACKING_URI": f"sqlite:///{tmp_path}/runs.db"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "as meant" in done.stderr
    (run,) = Client(f"sqlite:///{tmp_path}/runs.db").search_runs(["0"])
    assert (run.info.status, run.data.metrics) == ("FAILED", {"loss": 1.0})


def test_multiprocessing_workers_log_into_the_run_of_their_parent(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import multiprocessing, sys\n"
        "import mainstay\n"
        "def work(run_id, number):\n"
        "    mainstay.log_metric('loss', number, step=number, run_id=run_id)\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method(sys.argv[1])\n"
        "    with mainstay.start_run() as run:\n"
        "        workers = [multiprocessing.Process(target=work, args=(run.info.run_id, n))\n"
        "                   for n in range(3)]\n"
        "        for worker in workers: worker.start()\n"
        "        for worker in workers: worker.join()\n"
        "    print(run.info.run_id)\n"
    )
    client = Client(f"sqlite:///{tmp_path}/runs.db")
    for method in ("fork", "spawn"):
        done = mainstay(tmp_path, "train.py", method)
        assert done.returncode == 0, done.stderr
        run_id = done.stdout.strip()
        steps = sorted(m.step for m in client.get_metric_history(run_id, "loss"))
        assert steps == [0, 1, 2], method
        assert client.get_run(run_id).info.status == "FINISHED"


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_doctor_says_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    fine = mainstay(tmp_path, "-m", "mainstay", "doctor", "--json")
    assert fine.returncode == 0, fine.stdout
    states = {one["what"]: one["state"] for one in json.loads(fine.stdout)}
    assert states["tracking"] == states["spool"] == states["spool folder"] == "ok"

    offline_run(tmp_path, "waits")
    (tmp_path / "spool").chmod(0o755)
    found = json.loads(mainstay(tmp_path, "-m", "mainstay", "doctor", "--json").stdout)
    advice = {one["what"]: one["advice"] for one in found}
    assert "mainstay sync" in advice["spool"]
    assert "chmod 700" in advice["spool folder"]

    away = mainstay(
        tmp_path,
        *("-m", "mainstay", "doctor", "--tracking-uri", f"http://127.0.0.1:{free_port()}"),
        MAINSTAY_HTTP_REQUEST_MAX_RETRIES="1",
    )
    assert away.returncode == 1
    assert "mainstay server" in away.stdout


def test_doctor_does_not_print_secrets(tmp_path: Path) -> None:
    done = mainstay(tmp_path, "-m", "mainstay", "doctor", MAINSTAY_TRACKING_TOKEN="s3cret-token")
    assert "MAINSTAY_TRACKING_TOKEN=***" in done.stdout
    assert "s3cret" not in done.stdout + done.stderr


def test_a_standing_sync_completes_what_trainings_leave_behind(tmp_path: Path) -> None:
    """It begins before there is anything, and ends by a signal."""
    uri = f"sqlite:///{tmp_path}/runs.db"
    (tmp_path / "spool").mkdir()
    standing = subprocess.Popen(
        [sys.executable, "-m", "mainstay", "sync", str(tmp_path / "spool"), "--every", "0.2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for name in ("one", "two"):
            offline_run(tmp_path, name)
            eventually(lambda: not any((tmp_path / "spool").glob("*/target.json")))
    finally:
        standing.terminate()
    out, err = standing.communicate(timeout=120)
    assert (standing.returncode, err) == (0, "")
    assert out.count("sent") == 2
    runs = Client(uri).search_runs(["0"])
    assert sorted(run.info.run_name for run in runs) == ["one", "two"]
