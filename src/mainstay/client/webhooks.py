"""The client's calls on webhooks: MLflow's names, and beside them what became of deliveries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mainstay.client.base import ClientBase
from mainstay.client.defaults import PagedList
from mainstay.entities.webhooks import Delivery, Webhook, WebhookStatus, WebhookTest
from mainstay.errors import BadInput

PAGE = 100


class WebhookCalls(ClientBase):
    """Who is told of what happens to models. Needs the role maintainer."""

    def create_webhook(
        self,
        name: str,
        url: str,
        events: Iterable[Any],
        description: str | None = None,
        secret: str | None = None,
        status: Any = None,
    ) -> Webhook:
        """Have ``url`` told of events such as ``model_version.created``.

        ``secret`` signs the deliveries. Raises: BadInput (an unknown event, an address that
        deliveries may not lead to, a name that is taken).
        """
        return self.stores.webhooks.create_webhook(
            name,
            url,
            _kinds(events),
            description=description or "",
            secret=secret,
            status=_status(status) or "ACTIVE",
        )

    def get_webhook(self, webhook_id: str) -> Webhook:
        """Return it. Raises: NotFound."""
        return self.stores.webhooks.get_webhook(webhook_id)

    def list_webhooks(
        self, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Webhook]:
        """Return a page of webhooks, newest first; its ``token`` brings the next."""
        page = self.stores.webhooks.list_webhooks(max_results=max_results or PAGE, token=page_token)
        return PagedList(page)

    def update_webhook(
        self,
        webhook_id: str,
        name: str | None = None,
        description: str | None = None,
        url: str | None = None,
        events: Iterable[Any] | None = None,
        secret: str | None = None,
        status: Any = None,
    ) -> Webhook:
        """Change what is given; an empty secret ends signing. Raises: NotFound, BadInput."""
        return self.stores.webhooks.update_webhook(
            webhook_id,
            name=name,
            url=url,
            events=_kinds(events or ()),
            description=description,
            secret=secret,
            status=_status(status),
        )

    def delete_webhook(self, webhook_id: str) -> None:
        """Delete it with its deliveries. Raises: NotFound."""
        self.stores.webhooks.delete_webhook(webhook_id)

    def test_webhook(self, webhook_id: str, event: Any = None) -> WebhookTest:
        """Send a sample of ``event`` (default: its first) now. Raises: NotFound, BadInput."""
        kind = _kinds([event])[0] if event is not None else None
        return self.stores.webhooks.test_webhook(webhook_id, kind)

    def list_webhook_deliveries(self, webhook_id: str, *, limit: int = PAGE) -> list[Delivery]:
        """Return deliveries with their attempts, newest first. Raises: NotFound."""
        return self.stores.webhooks.list_deliveries(webhook_id, limit=limit)

    def resend_webhook_delivery(self, delivery_id: str) -> Delivery:
        """Put a delivery in the queue again, under the same id. Raises: NotFound."""
        return self.stores.webhooks.resend(delivery_id)


def _kinds(events: Iterable[Any]) -> list[str]:
    """Return the kinds of events given as text, or as MLflow's objects with entity and action."""
    found = []
    for event in events:
        entity, action = getattr(event, "entity", None), getattr(event, "action", None)
        if entity is not None and action is not None:
            found.append(f"{getattr(entity, 'value', entity)}.{getattr(action, 'value', action)}")
        else:
            found.append(str(event))
    return found


def _status(given: Any) -> WebhookStatus | None:
    if given is None:
        return None
    text = str(getattr(given, "value", given)).upper()
    if text == "ACTIVE":
        return "ACTIVE"
    if text == "DISABLED":
        return "DISABLED"
    raise BadInput(f"{given!r} is not a webhook's status; use ACTIVE or DISABLED")
