"""The logging standards of experiments, at most one each."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table

from mainstay.stores.sql.tables.base import Id, Millis, String, metadata

experiment_standards = Table(
    "experiment_standards",
    metadata,
    Column(
        "experiment",
        Id,
        ForeignKey("experiments.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("text", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("principal", String, nullable=False),
    Column("at", Millis, nullable=False),
)
