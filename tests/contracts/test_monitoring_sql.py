"""The monitoring contract on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mainstay.stores.sql.database import Database
from mainstay.stores.sql.monitoring import SqlMonitoring
from mainstay.testing.monitoring import MonitoringContract


@pytest.fixture
def database(database_uri: str) -> Iterator[Database]:
    opened = Database(database_uri)
    yield opened
    opened.close()


class TestSqlMonitoring(MonitoringContract):
    @pytest.fixture
    def store(self, database: Database) -> SqlMonitoring:
        return SqlMonitoring(database)
