"""Runs with their parameters and tags."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, func, text

from mainstay.stores.sql.tables.base import PREFIX, Id, Millis, Real, String, identity, metadata

runs = Table(
    "runs",
    metadata,
    identity(),
    Column("run_id", String, nullable=False, unique=True),
    Column("experiment", Id, ForeignKey("experiments.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("user_id", String, nullable=False),
    Column("status", String, nullable=False),
    Column("start_time", Millis, nullable=False),
    Column("end_time", Millis),
    Column("artifact_uri", String, nullable=False),
    Column("lifecycle_stage", String, nullable=False),
    # "run": deleted by itself; "experiment": by its experiment's deletion, which a restore undoes.
    Column("deleted_by", String),
    Column("deleted_at", Millis),
    # When the client last said that it is alive, and the seconds within which it speaks again.
    Column("heartbeat_at", Millis),
    Column("heartbeat_every", Real),
    # Grows with every change of the run's data; see ``kept``.
    Column("changes", Millis, nullable=False, server_default=text("0")),
    # When its files went by the retention of its experiment (0: they are going).
    Column("files_gone_at", Millis),
    # The principal that created it; null where it was imported.
    Column("recorded_by", String),
    Index("ix_runs_recent", "experiment", text("start_time DESC"), "run_id"),
    Index("ix_runs_name", "experiment", "name"),
)

params = Table(
    "params",
    metadata,
    Column("run", Id, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_params_value", params.c.key, func.substr(params.c.value, 1, PREFIX), params.c.run)

tags = Table(
    "tags",
    metadata,
    Column("run", Id, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_tags_value", tags.c.key, func.substr(tags.c.value, 1, PREFIX), tags.c.run)
