"""The servers that are measured: how each is started, watched and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.tracking.client import Connection, Failed, request

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0


@dataclass(frozen=True)
class Kind:
    """One product: its name and the command that starts it on a port with a database."""

    name: str
    command: Callable[[int, str], list[str]]
    registry: bool = True
    """Whether it has aliases and serves artifacts."""

    environment: Mapping[str, str] = field(default_factory=dict)


def _mainstay(port: int, database: str) -> list[str]:
    command = [sys.executable, "-m", "mainstay", "server", "--port", str(port)]
    return [*command, "--backend-store-uri", database]


def _mlflow(port: int, database: str) -> list[str]:
    command = [_of("mlflow", "mlflow"), "server", "--port", str(port), "--workers", "1"]
    files = ["--artifacts-destination", "./mlflow-artifacts"]
    return [*command, "--backend-store-uri", database, *files]


def _fasttrackml(port: int, database: str) -> list[str]:
    address = f"127.0.0.1:{port}"
    # Its addresses have two slashes where SQLAlchemy's have three.
    place = database.replace("sqlite:///", "sqlite://", 1)
    return [_of("fasttrackml", "fml"), "server", "-a", address, "-d", place, "-l", "error"]


def _floor(port: int, database: str) -> list[str]:
    path = database.removeprefix("sqlite:///")
    return [sys.executable, "-m", "benchmarks.tracking.floor", str(port), path]


MAINSTAY = Kind("mainstay", _mainstay)
MLFLOW = Kind("MLflow", _mlflow)
FASTTRACKML = Kind("FastTrackML", _fasttrackml, registry=False)
FLOOR = Kind("floor", _floor)
RELAXED = Kind("mainstay-normal", _mainstay, environment={"MAINSTAY_SQLITE_SYNCHRONOUS": "NORMAL"})
"""Ourselves as durable as FastTrackML, which does not flush its commits."""


class Server:
    """A running server on a free port. ``start_seconds`` lasted until the first /health."""

    def __init__(self, kind: Kind, folder: Path, database: str = "") -> None:
        self.kind = kind
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        port = _free_port()
        self.address = f"127.0.0.1:{port}"
        # Nothing that keeps a process from using or writing bytecode is inherited.
        left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
        environment = {name: value for name, value in os.environ.items() if name not in left_out}
        environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
        environment["PYTHONPATH"] = str(ROOT)
        environment.update(kind.environment)
        self.database = database or f"sqlite:///{folder}/{kind.name}.db"
        command = kind.command(port, self.database)
        begun = time.perf_counter()
        with (folder / f"{kind.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=folder, stdout=log, stderr=log, env=environment, start_new_session=True
            )
        self._wait()
        self.start_seconds = time.perf_counter() - begun

    @property
    def pid(self) -> int:
        """The number of the process that was started; others may be its children."""
        return self._process.pid

    def memory(self) -> int:
        """Return the resident bytes of the server's processes, shared pages counted once."""
        pids = [self._process.pid]
        for pid in pids:
            children = Path(f"/proc/{pid}/task/{pid}/children")
            pids += [int(child) for child in children.read_text().split()]
        return sum(_proportional(pid) for pid in pids)

    def stop(self) -> None:
        """End it and the processes that it started, by the number of its own group."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                break
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                continue

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait(self) -> None:
        asked = request("GET", "/health")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                connection = Connection(self.address)
                try:
                    connection.call(asked)
                    return
                finally:
                    connection.close()
            except (OSError, Failed):
                time.sleep(0.005)
        self.stop()
        log = (self.folder / f"{self.kind.name}.log").read_text()[-2000:]
        raise RuntimeError(f"{self.kind.name} did not come up: {log}")


def end_servers_with_us() -> None:
    """Let SIGTERM unwind a measuring program, so that the servers that it started end with it."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


def _of(environment: str, program: str) -> str:
    path = ROOT / ".bench" / environment / "bin" / program
    if not path.exists():
        raise SystemExit(f"{path} is missing; run benchmarks/tracking/setup.sh first")
    return str(path)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _proportional(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
