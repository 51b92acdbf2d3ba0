"""The registry contract on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mainstay.stores.sql.database import Database
from mainstay.stores.sql.registry import SqlRegistry
from mainstay.testing.registry import RegistryContract


@pytest.fixture
def database(database_uri: str) -> Iterator[Database]:
    opened = Database(database_uri)
    yield opened
    opened.close()


class TestSqlRegistry(RegistryContract):
    @pytest.fixture
    def store(self, database: Database) -> SqlRegistry:
        return SqlRegistry(database)
