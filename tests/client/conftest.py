"""A fresh tracking database and spool for each test of the client's face."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.face import fresh_face
from tests.support.server import RunningServer


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(params=["sqlite", "server"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A tracking address of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/mainstay.db"
    running: RunningServer = request.getfixturevalue("shared_server")
    return running.url


@pytest.fixture
def face(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The fluent calls, pointed at a tracking address; nothing is active before and after."""
    yield from fresh_face(address, tmp_path, monkeypatch)
