"""Data sets, and which run read which; models that runs used and made."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from mainstay.stores.sql.tables.base import Id, Millis, String, identity, metadata

datasets = Table(
    "datasets",
    metadata,
    identity(),
    Column("experiment", Id, ForeignKey("experiments.id", ondelete="CASCADE"), nullable=False),
    Column("name", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("source_type", String, nullable=False),
    Column("source", String, nullable=False),
    Column("schema", String),
    Column("profile", String),
    UniqueConstraint("experiment", "name", "digest"),
)

inputs = Table(
    "inputs",
    metadata,
    identity(),
    Column("run", Id, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("dataset", Id, ForeignKey("datasets.id", ondelete="CASCADE"), nullable=False),
    UniqueConstraint("run", "dataset"),
    Index("ix_inputs_dataset", "dataset", "run"),
)

input_tags = Table(
    "input_tags",
    metadata,
    Column("input", Id, ForeignKey("inputs.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
    sqlite_with_rowid=False,
)

# Model ids are text without a foreign key: the spool may send a run's edge before the model.
model_inputs = Table(
    "model_inputs",
    metadata,
    Column("run", Id, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("model_id", String, primary_key=True),
    sqlite_with_rowid=False,
)

model_outputs = Table(
    "model_outputs",
    metadata,
    Column("run", Id, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("model_id", String, primary_key=True),
    Column("step", Millis, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
