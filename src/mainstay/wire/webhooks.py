"""Messages about webhooks and their deliveries.

MLflow's client refuses a webhook with an event that it does not know, so an answer has MLflow's
events under ``events`` and ours under ``more_events``. A request may use either for both.
"""

from __future__ import annotations

from collections.abc import Iterable

from mainstay.entities.pages import Page
from mainstay.entities.webhooks import Delivery, Webhook, WebhookStatus, WebhookTest
from mainstay.wire.base import Answer, Int64, Message, Own, Request, Text, written

MLFLOW_EVENTS = frozenset(
    {
        *("registered_model.created", "model_version.created"),
        *("model_version_tag.set", "model_version_tag.deleted"),
        *("model_version_alias.created", "model_version_alias.deleted"),
    }
)


class EventMessage(Message, frozen=True, kw_only=True):
    """An event's kind in two upper-case words."""

    entity: Text
    action: Text

    @property
    def kind(self) -> str:
        """The kind in one word."""
        return f"{self.entity}.{self.action}".lower()


def kinds(events: Iterable[EventMessage]) -> list[str]:
    """Return the kinds of events."""
    return [event.kind for event in events]


def events(kinds: Iterable[str]) -> list[EventMessage]:
    """Return the events of kinds."""
    parts = (kind.upper().partition(".") for kind in kinds)
    return [EventMessage(entity=entity, action=action) for entity, _, action in parts]


class WebhookMessage(Message, frozen=True, kw_only=True):
    """A webhook; ``more_events`` and ``signed`` are ours."""

    webhook_id: str
    name: str
    description: str = ""
    url: str
    events: list[EventMessage] = []
    status: WebhookStatus = written("ACTIVE")
    creation_timestamp: int = written(0)
    last_updated_timestamp: int = written(0)
    more_events: list[EventMessage] = []
    signed: bool = False

    @classmethod
    def of(cls, webhook: Webhook) -> WebhookMessage:
        """Return the record's message."""
        return cls(
            webhook_id=webhook.webhook_id,
            name=webhook.name,
            description=webhook.description,
            url=webhook.url,
            events=events(one for one in webhook.events if one in MLFLOW_EVENTS),
            status=webhook.status,
            creation_timestamp=webhook.creation_timestamp,
            last_updated_timestamp=webhook.last_updated_timestamp,
            more_events=events(one for one in webhook.events if one not in MLFLOW_EVENTS),
            signed=webhook.signed,
        )

    def entity(self) -> Webhook:
        """Return the record."""
        return Webhook(
            webhook_id=self.webhook_id,
            name=self.name,
            url=self.url,
            events=tuple(sorted(kinds([*self.events, *self.more_events]))),
            status=self.status,
            description=self.description,
            signed=self.signed,
            creation_timestamp=self.creation_timestamp,
            last_updated_timestamp=self.last_updated_timestamp,
        )


class WebhookAnswer(Message, frozen=True, kw_only=True):
    """One webhook."""

    webhook: WebhookMessage


class CreateWebhook(Request, frozen=True, kw_only=True):
    """Create a webhook."""

    name: Text
    url: Text
    events: list[EventMessage]
    description: str = ""
    secret: str | None = None
    status: WebhookStatus | None = None
    more_events: list[EventMessage] = []


class WebhookRef(Request, frozen=True, kw_only=True):
    """Names a webhook."""

    webhook_id: Text


class ListWebhooks(Request, frozen=True, kw_only=True):
    """Ask for webhooks; 0 results means as many as usual, as in MLflow.

    Only who sets ``more_events`` sees those that have none of MLflow's events: the stock client
    takes no webhook without one, and would refuse the whole list.
    """

    max_results: Int64 = 0
    page_token: str | None = None
    more_events: bool = False


class WebhooksPage(Message, frozen=True, kw_only=True):
    """Some webhooks, newest first."""

    webhooks: list[WebhookMessage] = []
    next_page_token: str | None = None

    @classmethod
    def of(cls, page: Page[Webhook]) -> WebhooksPage:
        """Return the page's message."""
        return cls(
            webhooks=[WebhookMessage.of(one) for one in page.items], next_page_token=page.token
        )

    def page(self) -> Page[Webhook]:
        """Return the page."""
        return Page([one.entity() for one in self.webhooks], self.next_page_token or None)


class UpdateWebhook(Request, frozen=True, kw_only=True):
    """Change a webhook; what is left out, or empty, stays. An empty secret ends signing."""

    webhook_id: Text
    name: str | None = None
    url: str | None = None
    events: list[EventMessage] = []
    description: str | None = None
    secret: str | None = None
    status: WebhookStatus | None = None
    more_events: list[EventMessage] = []


class TestWebhook(Request, frozen=True, kw_only=True):
    """Send a sample delivery now."""

    webhook_id: Text
    event: EventMessage | None = None


class TestResultMessage(Message, frozen=True, kw_only=True):
    """What came of it. MLflow's ``response_body`` is never there: it is nobody's to read."""

    success: bool
    response_status: int | None = None
    error_message: str = ""

    @classmethod
    def of(cls, result: WebhookTest) -> TestResultMessage:
        """Return the record's message."""
        return cls(
            success=result.success,
            response_status=result.response_status,
            error_message=result.error_message,
        )

    def entity(self) -> WebhookTest:
        """Return the record."""
        return WebhookTest(
            success=self.success,
            response_status=self.response_status,
            error_message=self.error_message,
        )


class TestWebhookAnswer(Message, frozen=True, kw_only=True):
    """The result of a test delivery."""

    result: TestResultMessage


class ListDeliveries(Own, frozen=True, kw_only=True):
    """Ask for the deliveries of a webhook."""

    webhook_id: Text
    limit: Int64 = 100


class DeliveryList(Answer, frozen=True, kw_only=True):
    """Deliveries with their attempts, newest first."""

    deliveries: list[Delivery]


class Resend(Own, frozen=True, kw_only=True):
    """Send a delivery again, under the same id."""

    delivery_id: Text


class DeliveryAnswer(Answer, frozen=True, kw_only=True):
    """One delivery."""

    delivery: Delivery
