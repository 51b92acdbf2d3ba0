"""Webhooks and their deliveries."""

from __future__ import annotations

from msgspec.structs import replace

from mainstay.server.context import Context
from mainstay.wire.base import Empty
from mainstay.wire.webhooks import (
    CreateWebhook,
    DeliveryAnswer,
    DeliveryList,
    ListDeliveries,
    ListWebhooks,
    Resend,
    TestResultMessage,
    TestWebhook,
    TestWebhookAnswer,
    UpdateWebhook,
    WebhookAnswer,
    WebhookMessage,
    WebhookRef,
    WebhooksPage,
    kinds,
)

USUAL = 100


def create(context: Context, request: CreateWebhook) -> WebhookAnswer:
    """Create a webhook."""
    made = context.webhooks.create_webhook(
        request.name,
        request.url,
        kinds([*request.events, *request.more_events]),
        description=request.description,
        secret=request.secret,
        status=request.status or "ACTIVE",
        by=context.principal,
    )
    return WebhookAnswer(webhook=WebhookMessage.of(made))


def list_webhooks(context: Context, request: ListWebhooks) -> WebhooksPage:
    """Return webhooks, newest first."""
    found = context.webhooks.list_webhooks(
        max_results=request.max_results or USUAL, token=request.page_token or None
    )
    page = WebhooksPage.of(found)
    if request.more_events:
        return page
    return replace(page, webhooks=[one for one in page.webhooks if one.events])


def get(context: Context, request: WebhookRef) -> WebhookAnswer:
    """Return a webhook."""
    found = context.webhooks.get_webhook(request.webhook_id)
    return WebhookAnswer(webhook=WebhookMessage.of(found))


def update(context: Context, request: UpdateWebhook) -> WebhookAnswer:
    """Change a webhook."""
    done = context.webhooks.update_webhook(
        request.webhook_id,
        name=request.name,
        url=request.url,
        events=kinds([*request.events, *request.more_events]),
        description=request.description,
        secret=request.secret,
        status=request.status,
        by=context.principal,
    )
    return WebhookAnswer(webhook=WebhookMessage.of(done))


def delete(context: Context, request: WebhookRef) -> Empty:
    """Delete a webhook."""
    context.webhooks.delete_webhook(request.webhook_id, by=context.principal)
    return Empty()


def test(context: Context, request: TestWebhook) -> TestWebhookAnswer:
    """Send a sample delivery and tell what came of it."""
    event = request.event.kind if request.event is not None else None
    result = context.webhooks.test_webhook(request.webhook_id, event)
    return TestWebhookAnswer(result=TestResultMessage.of(result))


def list_deliveries(context: Context, request: ListDeliveries) -> DeliveryList:
    """Return a webhook's deliveries with their attempts."""
    found = context.webhooks.list_deliveries(request.webhook_id, limit=request.limit)
    return DeliveryList(deliveries=found)


def resend(context: Context, request: Resend) -> DeliveryAnswer:
    """Queue a delivery again."""
    done = context.webhooks.resend(request.delivery_id, by=context.principal)
    return DeliveryAnswer(delivery=done)
