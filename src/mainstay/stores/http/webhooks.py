"""The webhook store over HTTP: MLflow's endpoints, and ours for deliveries."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.pages import Page
from mainstay.entities.webhooks import Delivery, Webhook, WebhookStatus, WebhookTest
from mainstay.stores.http.client import HttpClient
from mainstay.wire import webhooks as messages
from mainstay.wire.base import Empty
from mainstay.wire.endpoints import webhooks as rows


class HttpWebhooks:
    """A server's webhooks. MLflow's own server takes MLflow's events only."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client

    def create_webhook(
        self,
        name: str,
        url: str,
        events: Sequence[str],
        *,
        description: str = "",
        secret: str | None = None,
        status: WebhookStatus = "ACTIVE",
        by: Principal = ANONYMOUS,
    ) -> Webhook:
        """Send POST webhooks."""
        request = messages.CreateWebhook(
            name=name,
            url=url,
            events=messages.events(events),
            description=description,
            secret=secret,
            status=status,
        )
        return self.client.call(
            rows.CREATE, request, messages.WebhookAnswer, by=by
        ).webhook.entity()

    def get_webhook(self, webhook_id: str) -> Webhook:
        """Send GET webhooks/{id}."""
        request = messages.WebhookRef(webhook_id=webhook_id)
        return self.client.call(rows.GET, request, messages.WebhookAnswer).webhook.entity()

    def list_webhooks(self, *, max_results: int = 100, token: str | None = None) -> Page[Webhook]:
        """Send GET webhooks."""
        request = messages.ListWebhooks(max_results=max_results, page_token=token, more_events=True)
        return self.client.call(rows.LIST, request, messages.WebhooksPage).page()

    def update_webhook(
        self,
        webhook_id: str,
        *,
        name: str | None = None,
        url: str | None = None,
        events: Sequence[str] = (),
        description: str | None = None,
        secret: str | None = None,
        status: WebhookStatus | None = None,
        by: Principal = ANONYMOUS,
    ) -> Webhook:
        """Send PATCH webhooks/{id}."""
        request = messages.UpdateWebhook(
            webhook_id=webhook_id,
            name=name,
            url=url,
            events=messages.events(events),
            description=description,
            secret=secret,
            status=status,
        )
        return self.client.call(
            rows.UPDATE, request, messages.WebhookAnswer, by=by
        ).webhook.entity()

    def delete_webhook(self, webhook_id: str, *, by: Principal = ANONYMOUS) -> None:
        """Send DELETE webhooks/{id}."""
        self.client.call(rows.DELETE, messages.WebhookRef(webhook_id=webhook_id), Empty, by=by)

    def test_webhook(self, webhook_id: str, event: str | None = None) -> WebhookTest:
        """Send POST webhooks/{id}/test."""
        wanted = messages.events([event])[0] if event else None
        request = messages.TestWebhook(webhook_id=webhook_id, event=wanted)
        return self.client.call(rows.TEST, request, messages.TestWebhookAnswer).result.entity()

    def list_deliveries(self, webhook_id: str, *, limit: int = 100) -> list[Delivery]:
        """Send GET webhooks/deliveries."""
        request = messages.ListDeliveries(webhook_id=webhook_id, limit=limit)
        return self.client.call(rows.LIST_DELIVERIES, request, messages.DeliveryList).deliveries

    def resend(self, delivery_id: str, *, by: Principal = ANONYMOUS) -> Delivery:
        """Send POST webhooks/resend."""
        request = messages.Resend(delivery_id=delivery_id)
        return self.client.call(rows.RESEND, request, messages.DeliveryAnswer, by=by).delivery
