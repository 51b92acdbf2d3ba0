"""The webhooks contract: who is told of events, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.pages import Page
from mainstay.entities.webhooks import Delivery, Webhook, WebhookStatus, WebhookTest


class WebhookStore(Protocol):
    """Keeps webhooks. A server delivers: events after a webhook's creation, at least once each."""

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
        """Create a webhook. Raises: BadInput (name, events, an address it may not lead to)."""
        ...

    def get_webhook(self, webhook_id: str) -> Webhook:
        """Return it. Raises: NotFound."""
        ...

    def list_webhooks(self, *, max_results: int = 100, token: str | None = None) -> Page[Webhook]:
        """Return webhooks, newest first. Raises: BadInput."""
        ...

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
        """Change what is given; an empty secret ends signing. Raises: NotFound, BadInput."""
        ...

    def delete_webhook(self, webhook_id: str, *, by: Principal = ANONYMOUS) -> None:
        """Delete it with its deliveries. Raises: NotFound."""
        ...

    def test_webhook(self, webhook_id: str, event: str | None = None) -> WebhookTest:
        """Send a sample of ``event`` (default: its first). Raises: NotFound, BadInput."""
        ...

    def list_deliveries(self, webhook_id: str, *, limit: int = 100) -> list[Delivery]:
        """Return deliveries with their attempts, newest first. Raises: NotFound."""
        ...

    def resend(self, delivery_id: str, *, by: Principal = ANONYMOUS) -> Delivery:
        """Put a delivery in the queue again, under the same id. Raises: NotFound."""
        ...
