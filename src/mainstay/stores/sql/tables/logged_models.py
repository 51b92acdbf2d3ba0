"""Logged models with their tags, parameters and metrics."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from mainstay.stores.sql.tables.base import Id, Millis, Real, String, identity, metadata

logged_models = Table(
    "logged_models",
    metadata,
    identity(),
    Column("model_id", String, nullable=False, unique=True),
    Column("experiment", Id, ForeignKey("experiments.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("artifact_location", String, nullable=False),
    Column("created_at", Millis, nullable=False),
    Column("updated_at", Millis, nullable=False),
    Column("status", String, nullable=False),
    Column("status_message", String),
    Column("lifecycle_stage", String, nullable=False),
    Column("model_type", String),
    # Text without a foreign key: a model may come from a run of another server.
    Column("source_run_id", String),
    # The principal that created it; null where it was imported.
    Column("recorded_by", String),
    Index("ix_logged_models_recent", "experiment", "created_at"),
    Index("ix_logged_models_run", "source_run_id"),
)

logged_model_tags = Table(
    "logged_model_tags",
    metadata,
    Column("model", Id, ForeignKey("logged_models.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
    sqlite_with_rowid=False,
)

logged_model_params = Table(
    "logged_model_params",
    metadata,
    Column("model", Id, ForeignKey("logged_models.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
    sqlite_with_rowid=False,
)

# A model's metrics are few (one a data set and evaluation), so they stay rows.
logged_model_metrics = Table(
    "logged_model_metrics",
    metadata,
    identity(),
    Column("model", Id, ForeignKey("logged_models.id", ondelete="CASCADE"), nullable=False),
    Column("run", Id, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("key", String, nullable=False),
    Column("timestamp", Millis, nullable=False),
    Column("step", Millis, nullable=False),
    Column("value", Real),
    Column("dataset_name", String),
    Column("dataset_digest", String),
    Index("ix_logged_model_metrics_key", "model", "key"),
    Index("ix_logged_model_metrics_run", "run"),
)
