"""Tables of webhooks, of the deliveries that are queued for them, and of each attempt."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from mainstay.stores.sql.tables.base import Blob, Id, Millis, Real, String, identity, metadata

webhooks = Table(
    "webhooks",
    metadata,
    identity(),
    Column("webhook_id", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("url", String, nullable=False),
    # Kinds, each between spaces.
    Column("events", String, nullable=False),
    Column("status", String, nullable=False),
    Column("description", String, nullable=False),
    Column("secret", String),
    # Events up to this one happened before the webhook was there.
    Column("after_event", BigInteger, nullable=False),
    Column("created_at", Millis, nullable=False),
    Column("updated_at", Millis, nullable=False),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    identity(),
    Column("delivery_id", String, nullable=False, unique=True),
    Column("webhook", Id, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", BigInteger, nullable=False),
    Column("event", String, nullable=False),
    Column("body", Blob, nullable=False),
    Column("state", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created_at", Millis, nullable=False),
    # When it is due; a server that takes it moves this on, so that another leaves it alone.
    Column("next_at", Millis),
    UniqueConstraint("webhook", "event_id"),
    Index("ix_webhook_deliveries_due", "state", "next_at"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    identity(),
    Column("delivery", Id, ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("at", Millis, nullable=False),
    Column("status", Integer),
    Column("error", String, nullable=False),
    Column("seconds", Real, nullable=False),
    Index("ix_webhook_attempts_delivery", "delivery"),
)
