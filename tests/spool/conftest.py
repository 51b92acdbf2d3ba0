"""Targets for spools: a database, and a server that can be stopped and started again."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mainstay.connect import Stores, connect
from mainstay.spool.segment import Target
from mainstay.spool.spool import Spool
from tests.support.server import RunningServer

PATIENCE = 180.0


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/runs.db"


@pytest.fixture
def stores(uri: str) -> Iterator[Stores]:
    with connect(uri) as found:
        yield found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def target(uri: str) -> Target:
    return Target(uri=uri, pid=os.getpid(), host="here", created_at=1)


@pytest.fixture
def make_spool(uri: str, root: Path) -> Iterator[Callable[..., Spool]]:
    made: list[Spool] = []

    def make(to: str = uri, *, offline: bool | None = None) -> Spool:
        spool = Spool(to, lambda: connect(to), root=root, offline=offline)
        made.append(spool)
        return spool

    yield make
    for spool in made:
        spool.close(0.1)


class Outage:
    """A server that is away until it is started, and may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self.running: RunningServer | None = None

    def start(self) -> None:
        self.running = RunningServer(self.folder, "--port", str(self.port))

    def kill(self) -> None:
        """End it without warning."""
        assert self.running is not None
        self.running.stop(number=signal.SIGKILL)
        self.running = None


@pytest.fixture
def outage(tmp_path: Path) -> Iterator[Outage]:
    made = Outage(tmp_path / "server")
    yield made
    if made.running is not None:
        made.running.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
