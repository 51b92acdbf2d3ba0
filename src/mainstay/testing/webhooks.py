"""The contract of webhook stores as tests: subclass, and give a fixture ``store``.

The store lets webhooks lead to this machine, where nothing listens on port 9.
"""

from __future__ import annotations

from uuid import uuid4

import pytest

from mainstay.entities.webhooks import Webhook
from mainstay.errors import BadInput, NotFound, TooManyRequests
from mainstay.stores.base import WebhookStore

NOWHERE = "http://127.0.0.1:9/hook?token=t"
EVENTS = ("alert.firing", "model_version.created")


def made(store: WebhookStore, **changes: str) -> Webhook:
    """Return a new webhook."""
    given = {"name": f"w-{uuid4().hex[:8]}", "url": NOWHERE, "secret": "s3cret", **changes}
    return store.create_webhook(
        given["name"], given["url"], EVENTS, description="for tests", secret=given["secret"]
    )


class WebhooksContract:
    """What any webhook store does."""

    def test_a_webhook_reads_back_without_its_secret(self, store: WebhookStore) -> None:
        webhook = made(store)
        assert store.get_webhook(webhook.webhook_id) == webhook
        assert webhook in store.list_webhooks(max_results=1000).items
        assert (webhook.url, webhook.events, webhook.status) == (NOWHERE, EVENTS, "ACTIVE")
        assert webhook.description == "for tests"
        assert webhook.signed
        assert webhook.creation_timestamp == webhook.last_updated_timestamp > 0
        assert "s3cret" not in repr(webhook)
        assert not made(store, secret="").signed

    def test_pages_go_from_new_to_old_without_repeats(self, store: WebhookStore) -> None:
        wanted = [made(store).webhook_id for _ in range(3)][::-1]
        page = store.list_webhooks(max_results=2)
        found = [one.webhook_id for one in page.items]
        assert page.token
        found += [one.webhook_id for one in store.list_webhooks(token=page.token).items]
        assert found[:3] == wanted
        assert len(found) == len(set(found))
        for bad in (0, 1001):
            with pytest.raises(BadInput, match="between 1 and 1000"):
                store.list_webhooks(max_results=bad or -1)
        with pytest.raises(BadInput):
            store.list_webhooks(token="made up")

    def test_what_is_not_given_stays(self, store: WebhookStore) -> None:
        webhook = made(store)
        changed = store.update_webhook(webhook.webhook_id, description="", status="DISABLED")
        assert (changed.description, changed.status) == ("", "DISABLED")
        assert (changed.name, changed.url, changed.events) == (
            webhook.name,
            webhook.url,
            webhook.events,
        )
        assert changed.signed
        again = store.update_webhook(
            webhook.webhook_id, name="other", events=["alert.resolved"], url=NOWHERE + "2"
        )
        assert (again.name, again.events, again.url) == (
            "other",
            ("alert.resolved",),
            NOWHERE + "2",
        )
        assert not store.update_webhook(webhook.webhook_id, secret="").signed

    @pytest.mark.parametrize("name", ["a b", "-a", "a-", "x" * 64, "a/b", "ü", "a\n"])
    def test_an_odd_name_is_refused(self, store: WebhookStore, name: str) -> None:
        with pytest.raises(BadInput, match="letters, digits"):
            store.create_webhook(name, NOWHERE, EVENTS)

    @pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://a:b@127.0.0.1/", "x", "http://"])
    def test_an_address_that_is_none_is_refused(self, store: WebhookStore, url: str) -> None:
        with pytest.raises(BadInput):
            store.create_webhook("name", url, EVENTS)
        webhook = made(store)
        with pytest.raises(BadInput):
            store.update_webhook(webhook.webhook_id, url=url)
        assert store.get_webhook(webhook.webhook_id).url == NOWHERE

    def test_events_are_some_and_known(self, store: WebhookStore) -> None:
        for bad in ([], ["nothing.happened"], ["user.created"]):
            with pytest.raises(BadInput):
                store.create_webhook("name", NOWHERE, bad)

    def test_a_deleted_webhook_is_gone(self, store: WebhookStore) -> None:
        gone = made(store).webhook_id
        store.delete_webhook(gone)
        for call in (
            store.get_webhook,
            store.delete_webhook,
            store.update_webhook,
            store.test_webhook,
            store.list_deliveries,
            store.resend,
        ):
            with pytest.raises(NotFound):
                call(gone)

    def test_a_receiver_that_is_away_is_said_in_the_result(self, store: WebhookStore) -> None:
        result = store.test_webhook(made(store).webhook_id, "alert.firing")
        assert not result.success
        assert result.response_status is None
        assert "ConnectionRefused" in result.error_message
        assert store.list_deliveries(made(store).webhook_id) == []

    def test_a_test_is_no_way_to_load_somebody(self, store: WebhookStore) -> None:
        webhook = made(store).webhook_id
        for _ in range(5):
            store.test_webhook(webhook)
        with pytest.raises(TooManyRequests):
            store.test_webhook(webhook)
