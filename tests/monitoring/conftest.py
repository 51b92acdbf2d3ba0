"""A registry with two served versions, on a real database, with the profile in real files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.connect import Stores, connect
from tests.monitoring.traffic import NAME, profile


@pytest.fixture
def stores(database_uri: str, tmp_path: Path) -> Iterator[Stores]:
    """Stores on SQLite and on PostgreSQL; versions 1 and 2 are there, 1 is champion."""
    with connect(database_uri) as opened:
        opened.registry.create_registered_model(NAME)
        for number in (1, 2):
            folder = tmp_path / f"v{number}"
            folder.mkdir()
            profile().write(folder)
            opened.registry.create_model_version(NAME, str(folder), digest=str(number) * 64)
        opened.registry.set_alias(NAME, "champion", 1)
        yield opened
