"""How long experiments keep what nobody needs, at most one rule each."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table

from mainstay.stores.sql.tables.base import Id, Millis, Real, String, metadata

experiment_retention = Table(
    "experiment_retention",
    metadata,
    Column(
        "experiment",
        Id,
        ForeignKey("experiments.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    # Days; NULL keeps without end.
    Column("deleted", Real),
    Column("unregistered", Real),
    Column("files", Real),
    Column("principal", String, nullable=False),
    Column("at", Millis, nullable=False),
)
