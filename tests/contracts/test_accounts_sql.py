"""The accounts contract on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mainstay.entities.accounts import Principal
from mainstay.stores.sql.accounts import SqlAccounts
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.release import SqlRelease
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

    def test_who_made_a_user_or_a_token_is_in_the_audit(self, database: Database) -> None:
        ada = Principal(name="ada", authenticated=True, role="admin")
        accounts = SqlAccounts(database)
        accounts.create_user("grace", password_hash="secret hash", role="viewer", by=ada)
        accounts.create_token(
            "grace", token_id="t1", secret_hash="secret hash", expires_at=4_000_000_000_000, by=ada
        )
        accounts.revoke_token("t1", by=ada)
        links = SqlRelease(database).list_audit(subject="grace")
        assert [(link.action, link.principal) for link in links] == [
            ("user.created", "ada"),
            ("token.created", "ada"),
            ("token.revoked", "ada"),
        ]
        assert all("secret" not in str(link.data) for link in links)
