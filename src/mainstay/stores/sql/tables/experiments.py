"""Experiments, their tags, and the keys that were ever logged in them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from mainstay.stores.sql.tables.base import Id, Millis, String, identity, metadata

experiments = Table(
    "experiments",
    metadata,
    identity(),
    Column("name", String, nullable=False, unique=True),
    Column("artifact_location", String, nullable=False),
    Column("lifecycle_stage", String, nullable=False),
    Column("creation_time", Millis, nullable=False),
    Column("last_update_time", Millis, nullable=False),
    Index("ix_experiments_recent", "creation_time", "id"),
    # The number of an experiment is part of addresses: never given twice.
    sqlite_autoincrement=True,
)

experiment_tags = Table(
    "experiment_tags",
    metadata,
    Column("experiment", Id, ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
    sqlite_with_rowid=False,
)

experiment_keys = Table(
    "experiment_keys",
    metadata,
    Column("experiment", Id, ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True),
    # "metric", "param" or "tag".
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    sqlite_with_rowid=False,
)
