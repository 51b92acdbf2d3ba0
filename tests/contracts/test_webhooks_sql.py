"""The webhooks contract on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from mainstay.entities.accounts import Principal
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.release import SqlRelease
from mainstay.stores.sql.tables.webhooks import webhooks
from mainstay.stores.sql.webhooks import SqlWebhooks
from mainstay.testing.webhooks import EVENTS, NOWHERE, WebhooksContract, made
from mainstay.webhooks.sending import Sender
from tests.webhooks.test_signing import KEY


@pytest.fixture
def database(database_uri: str) -> Iterator[Database]:
    opened = Database(database_uri)
    yield opened
    opened.close()


class TestSqlWebhooks(WebhooksContract):
    @pytest.fixture
    def store(self, database: Database) -> SqlWebhooks:
        return SqlWebhooks(database, Sender(allow_private=True))

    def test_who_changed_a_webhook_is_in_the_audit_and_its_secret_and_url_are_not(
        self, store: SqlWebhooks, database: Database
    ) -> None:
        ada = Principal(name="ada", authenticated=True, role="admin")
        webhook = store.create_webhook("hook", NOWHERE, EVENTS, secret="s3cret", by=ada)
        store.update_webhook(webhook.webhook_id, secret="other-s3cret", by=ada)
        store.delete_webhook(webhook.webhook_id, by=ada)
        links = SqlRelease(database).list_audit(subject=webhook.webhook_id)
        assert [(link.action, link.principal) for link in links] == [
            ("webhook.created", "ada"),
            ("webhook.updated", "ada"),
            ("webhook.deleted", "ada"),
        ]
        told = str(links) + str(SqlRelease(database).list_events())
        assert "s3cret" not in told
        assert "token=t" not in told

    def test_under_a_key_the_database_holds_no_secret(
        self, store: SqlWebhooks, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY", KEY)
        made(store)
        with database.read() as connection:
            (kept,) = connection.execute(select(webhooks.c.secret)).scalars()
        assert "s3cret" not in kept
