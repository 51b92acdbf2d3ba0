"""The release contract on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mainstay.stores.sql.database import Database
from mainstay.stores.sql.registry import SqlRegistry
from mainstay.stores.sql.release import SqlRelease
from mainstay.testing.release import ReleaseContract


@pytest.fixture
def database(database_uri: str) -> Iterator[Database]:
    opened = Database(database_uri)
    yield opened
    opened.close()


class TestSqlRelease(ReleaseContract):
    @pytest.fixture
    def store(self, database: Database) -> SqlRelease:
        return SqlRelease(database)

    @pytest.fixture
    def registry(self, database: Database) -> SqlRegistry:
        return SqlRegistry(database)
