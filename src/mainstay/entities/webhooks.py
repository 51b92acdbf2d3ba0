"""Webhooks: who is told of which events, and what became of each delivery."""

from __future__ import annotations

from typing import Literal

import msgspec

WebhookStatus = Literal["ACTIVE", "DISABLED"]
DeliveryState = Literal["waiting", "delivered", "failed"]


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """An address that is told of events. ``events`` are kinds such as ``model_version.created``.

    The secret that deliveries are signed with goes in and never comes out; ``signed`` says whether
    there is one.
    """

    webhook_id: str
    name: str
    url: str
    events: tuple[str, ...]
    status: WebhookStatus = "ACTIVE"
    description: str = ""
    signed: bool = False
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try of a delivery: when, the answer's status if there was one, else why there was none.

    ``at`` is in milliseconds, ``seconds`` is how long it took.
    """

    at: int
    status: int | None = None
    error: str = ""
    seconds: float = 0.0


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to one webhook. ``delivery_id`` stays the same from try to try."""

    delivery_id: str
    webhook_id: str
    event_id: int
    event: str
    state: DeliveryState
    created_at: int
    next_at: int | None = None
    attempts: tuple[Attempt, ...] = ()


class WebhookTest(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test delivery; the answer's body is never kept or shown."""

    success: bool
    response_status: int | None = None
    error_message: str = ""


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that is due, with all that sending it takes. ``tries`` counts earlier attempts."""

    delivery_id: str
    webhook_id: str
    url: str
    secret: str | None
    body: bytes
    tries: int
