"""The accounts contract on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mainstay.stores.sql.accounts import SqlAccounts
from mainstay.stores.sql.database import Database
from mainstay.testing.accounts import AccountsContract


@pytest.fixture
def database(database_uri: str) -> Iterator[Database]:
    opened = Database(database_uri)
    yield opened
    opened.close()


class TestSqlAccounts(AccountsContract):
    @pytest.fixture
    def store(self, database: Database) -> SqlAccounts:
        return SqlAccounts(database)
