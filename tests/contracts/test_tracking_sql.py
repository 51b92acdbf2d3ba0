"""The tracking store on SQL keeps its contract on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mainstay.stores.base import TrackingStore
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tracking import SqlTracking
from mainstay.testing.tracking import TrackingStoreContract


@pytest.fixture(scope="module")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A SQLite file for all tests of the module."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('tracking')}/mainstay.db")
    yield database
    database.close()


@pytest.fixture(scope="module")
def postgres_database(postgres_uri: str) -> Iterator[Database]:
    """A PostgreSQL database for all tests of the module."""
    database = Database(postgres_uri)
    yield database
    database.close()


class TestSqlite(TrackingStoreContract):
    @pytest.fixture
    def store(self, sqlite_database: Database) -> TrackingStore:
        return SqlTracking(sqlite_database)


class TestPostgresql(TrackingStoreContract):
    @pytest.fixture
    def store(self, postgres_database: Database) -> TrackingStore:
        return SqlTracking(postgres_database)
