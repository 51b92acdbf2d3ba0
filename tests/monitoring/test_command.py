"""``mainstay monitor`` as a process, beside a real server."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.connect import Stores, connect
from tests.monitoring.traffic import DEPLOYMENT, NAME, customers, profile, window
from tests.support.server import RunningServer

REFERENCE = profile()


class Station:
    """A server, the stores behind it, and the command line in front of it."""

    def __init__(self, url: str, stores: Stores) -> None:
        self.stores = stores
        self.environment = {**os.environ, "MAINSTAY_TRACKING_URI": url}

    def command(self, *arguments: str, expect: int = 0) -> str:
        """Run ``mainstay monitor …``; return what it wrote."""
        done = subprocess.run(
            [sys.executable, "-m", "mainstay", "monitor", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def serve(self, version: int, *, errors: int = 0, shift: float = 0.0, seed: int = 5) -> None:
        """Report 150 requests that a worker answered until now."""
        frame = customers(150 - errors, seed, shift=shift)
        end = time.time_ns() // 1_000_000
        made = window(version, end=end, frame=frame, reference=REFERENCE, errors=errors)
        self.stores.monitoring.add_windows([made])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def station(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with connect(server.url) as stores:
        stores.registry.create_registered_model(NAME)
        for number in (1, 2):
            source = f"mlflow-artifacts:/models/v{number}"
            content = _profile_bytes(tmp_path_factory.mktemp("profile"))
            stores.artifacts_at(source).write("mainstay_profile.json", [content])
            stores.registry.create_model_version(NAME, source)
            stores.registry.set_alias(NAME, "champion", number)
        yield Station(server.url, stores)


def _profile_bytes(folder: Path) -> bytes:
    REFERENCE.write(folder)
    return (folder / "mainstay_profile.json").read_bytes()


def test_before_any_traffic_there_is_nothing_to_tell(station: Station) -> None:
    assert "no reports yet" in station.command("report", DEPLOYMENT)
    assert "No alerts." in station.command("alerts")
    assert json.loads(station.command("run", DEPLOYMENT, "--json"))["report"]["requests"] == 0


def test_drift_and_harm_over_the_wire_until_the_alias_is_back(station: Station) -> None:
    for seed in (1, 2):
        station.serve(2, shift=1.0, seed=seed)
        told = json.loads(station.command("run", DEPLOYMENT, "--json"))
    assert told["report"]["features"][0]["feature"] == "age"
    assert ("input_drift", "age") in [(a["kind"], a["subject"]) for a in told["firing"]]
    assert _holder(station) == 2
    assert "age" in station.command("report", DEPLOYMENT)
    assert "the input 'age' drifted" in station.command("alerts", DEPLOYMENT, "--firing")

    station.serve(2, errors=60)
    told = json.loads(station.command("run", DEPLOYMENT, "--json"))
    assert "error_rate" in [alert["kind"] for alert in told["firing"]]
    assert _holder(station) == 1
    actions = json.loads(station.command("actions", "--json"))
    (rollback,) = [action for action in actions if action["kind"] == "rollback"]
    assert rollback["done"]
    assert "went from version 2 back to 1" in rollback["detail"]
    assert "went from version 2 back to 1" in station.command("actions")
    moved = station.stores.registry.alias_history(NAME, "champion")[-1]
    assert moved.kind == "rollback"


def test_a_loop_looks_again_and_ends_cleanly_on_a_signal(station: Station) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mainstay", "monitor", "run", DEPLOYMENT, "--every", "0.2"],
        env={**station.environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        _read_and_stop(process)


def _read_and_stop(process: subprocess.Popen[str]) -> None:
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            if DEPLOYMENT in line:
                lines.put(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert "requests" in lines.get(timeout=120)
        assert "requests" in lines.get(timeout=120)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0
    finally:
        process.kill()
        process.wait(timeout=120)
    reader.join(timeout=120)
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()


def test_mistakes_are_told_in_a_sentence(station: Station, tmp_path: Path) -> None:
    assert "<model>@<alias>" in station.command("run", "churn", expect=2)
    assert "challenger" in station.command("run", "churn@challenger", expect=2)
    assert "nobody" in station.command("run", "nobody@champion", expect=1)
    wrong = tmp_path / "monitor.yaml"
    wrong.write_text("input_drift: {action: rollback}")
    assert "monitor policy" in station.command("run", DEPLOYMENT, "--policy", str(wrong), expect=2)
    wrong.write_bytes(b"\xff\xfe\xff")
    assert "not YAML" in station.command("run", DEPLOYMENT, "--policy", str(wrong), expect=2)
    assert "--every" in station.command("run", DEPLOYMENT, "--every", "0", expect=2)
    assert "does not exist" in station.command("run", DEPLOYMENT, "--policy", "none", expect=2)


def _holder(station: Station) -> int:
    return station.stores.registry.get_version_by_alias(NAME, "champion").version
