"""Autolog of the heavy libraries on a fresh database; each is put back as it was afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.autolog import guard
from mainstay.autolog.framework import INTEGRATIONS
from tests.support.face import fresh_face


@pytest.fixture
def face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    yield from fresh_face(f"sqlite:///{tmp_path}/mainstay.db", tmp_path, monkeypatch)


@pytest.fixture(autouse=True)
def unpatched() -> Iterator[None]:
    guard._said.clear()
    yield
    for name in INTEGRATIONS.names():
        INTEGRATIONS.get(name).remove()
