"""A server that is started again and again on the same data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.server import RunningServer

Start = Callable[..., RunningServer]


@pytest.fixture
def start(database_uri: str, tmp_path: Path) -> Iterator[Start]:
    """Start a server on the test's database (of each kind); ``kill_at`` names a point."""
    started: list[RunningServer] = []

    def begin(*options: str, kill_at: str = "") -> RunningServer:
        folder = tmp_path / "server"
        server = RunningServer(
            folder,
            *("--backend-store-uri", database_uri, *options),
            environment={"MAINSTAY_KILL_AT": kill_at},
        )
        started.append(server)
        return server

    yield begin
    for server in started:
        server.stop()
