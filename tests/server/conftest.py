"""Servers that the tests of this room share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.server import RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server on SQLite as it starts with no options, for a module."""
    with RunningServer(tmp_path_factory.mktemp("server")) as running:
        yield running
