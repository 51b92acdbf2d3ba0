"""The first schema, every room's tables.

Longer than other files: a migration is one step, written once and never edited.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
LONG = sa.BigInteger()
INTEGER = sa.Integer()
REAL: sa.types.TypeEngine[float] = sa.Double()
BLOB = sa.LargeBinary()
BOOLEAN = sa.Boolean()


def upgrade() -> None:
    """Create every table and the Default experiment."""
    _experiments()
    _runs()
    _metrics()
    _inputs()
    _logged_models()
    _segments()
    _registry()
    _release()
    _accounts()
    _artifacts()
    _monitoring()
    _outbox()
    _webhooks()
    _standards()
    _retention()
    op.get_bind().execute(
        sa.text(
            "INSERT INTO experiments (id, name, artifact_location, lifecycle_stage, "
            "creation_time, last_update_time) "
            "VALUES (0, 'Default', 'mlflow-artifacts:/0', 'active', :now, :now)"
        ),
        {"now": time.time_ns() // 1_000_000},
    )


def downgrade() -> None:
    """There is nothing before the first."""
    raise NotImplementedError("the first migration cannot be undone; restore a backup")


def _experiments() -> None:
    op.create_table(
        "experiments",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("artifact_location", TEXT, nullable=False),
        Column("lifecycle_stage", TEXT, nullable=False),
        Column("creation_time", LONG, nullable=False),
        Column("last_update_time", LONG, nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_experiments")),
        UniqueConstraint("name", name=op.f("uq_experiments_name")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_experiments_recent", "experiments", ["creation_time", "id"])
    op.create_table(
        "experiment_tags",
        Column("experiment", ID, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("value", TEXT, nullable=False),
        ForeignKeyConstraint(
            ["experiment"],
            ["experiments.id"],
            name=op.f("fk_experiment_tags_experiment"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("experiment", "key", name=op.f("pk_experiment_tags")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "experiment_keys",
        Column("experiment", ID, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("key", TEXT, nullable=False),
        ForeignKeyConstraint(
            ["experiment"],
            ["experiments.id"],
            name=op.f("fk_experiment_keys_experiment"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("experiment", "kind", "key", name=op.f("pk_experiment_keys")),
        sqlite_with_rowid=False,
    )


def _runs() -> None:
    op.create_table(
        "runs",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("run_id", TEXT, nullable=False),
        Column("experiment", ID, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("user_id", TEXT, nullable=False),
        Column("status", TEXT, nullable=False),
        Column("start_time", LONG, nullable=False),
        Column("end_time", LONG, nullable=True),
        Column("artifact_uri", TEXT, nullable=False),
        Column("lifecycle_stage", TEXT, nullable=False),
        Column("deleted_by", TEXT, nullable=True),
        Column("deleted_at", LONG, nullable=True),
        Column("heartbeat_at", LONG, nullable=True),
        Column("heartbeat_every", REAL, nullable=True),
        Column("changes", LONG, nullable=False, server_default=sa.text("0")),
        Column("files_gone_at", LONG, nullable=True),
        Column("recorded_by", TEXT, nullable=True),
        ForeignKeyConstraint(["experiment"], ["experiments.id"], name=op.f("fk_runs_experiment")),
        PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        UniqueConstraint("run_id", name=op.f("uq_runs_run_id")),
    )
    op.create_index("ix_runs_name", "runs", ["experiment", "name"])
    op.create_index(
        "ix_runs_recent", "runs", ["experiment", sa.literal_column("start_time DESC"), "run_id"]
    )
    op.create_table(
        "params",
        Column("run", ID, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("value", TEXT, nullable=False),
        ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_params_run"), ondelete="CASCADE"),
        PrimaryKeyConstraint("run", "key", name=op.f("pk_params")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_params_value", "params", ["key", sa.literal_column("substr(value, 1, 100)"), "run"]
    )
    op.create_table(
        "tags",
        Column("run", ID, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("value", TEXT, nullable=False),
        ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_tags_run"), ondelete="CASCADE"),
        PrimaryKeyConstraint("run", "key", name=op.f("pk_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_tags_value", "tags", ["key", sa.literal_column("substr(value, 1, 100)"), "run"]
    )


def _metrics() -> None:
    op.create_table(
        "series",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("run", ID, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("last", REAL, nullable=True),
        Column("step", LONG, nullable=False),
        Column("timestamp", LONG, nullable=False),
        Column("low", REAL, nullable=True),
        Column("high", REAL, nullable=True),
        Column("count", LONG, nullable=False),
        Column("tail", INTEGER, nullable=False),
        Column("newest", LONG, nullable=False),
        ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_series_run"), ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name=op.f("pk_series")),
        UniqueConstraint("run", "key", name=op.f("uq_series_run_key")),
    )
    op.create_index("ix_series_last", "series", ["key", "last", "run"])
    op.create_table(
        "chunks",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("series", ID, nullable=False),
        Column("number", INTEGER, nullable=False),
        Column("count", INTEGER, nullable=False),
        Column("first_timestamp", LONG, nullable=False),
        Column("last_timestamp", LONG, nullable=False),
        Column("first_step", LONG, nullable=False),
        Column("last_step", LONG, nullable=False),
        Column("data", BLOB, nullable=False),
        ForeignKeyConstraint(
            ["series"], ["series.id"], name=op.f("fk_chunks_series"), ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("id", name=op.f("pk_chunks")),
        UniqueConstraint("series", "number", name=op.f("uq_chunks_series_number")),
    )
    op.create_index(
        "ix_chunks_time", "chunks", ["series", "first_timestamp", "number", "last_timestamp"]
    )
    op.create_table(
        "stretches",
        Column("series", ID, nullable=False),
        Column("level", INTEGER, autoincrement=False, nullable=False),
        Column("number", INTEGER, autoincrement=False, nullable=False),
        Column("count", LONG, nullable=False),
        Column("first_step", LONG, nullable=False),
        Column("last_step", LONG, nullable=False),
        Column("first_timestamp", LONG, nullable=False),
        Column("last_timestamp", LONG, nullable=False),
        Column("last", REAL, nullable=True),
        Column("last_at", LONG, nullable=False),
        Column("low", REAL, nullable=True),
        Column("high", REAL, nullable=True),
        ForeignKeyConstraint(
            ["series"], ["series.id"], name=op.f("fk_stretches_series"), ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("series", "level", "number", name=op.f("pk_stretches")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pieces",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("series", ID, nullable=False),
        Column("data", BLOB, nullable=False),
        ForeignKeyConstraint(
            ["series"], ["series.id"], name=op.f("fk_pieces_series"), ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("id", name=op.f("pk_pieces")),
    )
    op.create_index("ix_pieces_series", "pieces", ["series"])
    op.create_table(
        "points",
        Column("series", ID, nullable=False),
        Column("number", LONG, autoincrement=False, nullable=False),
        Column("timestamp", LONG, nullable=False),
        Column("step", LONG, nullable=False),
        Column("value", REAL, nullable=True),
        ForeignKeyConstraint(
            ["series"], ["series.id"], name=op.f("fk_points_series"), ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("series", "number", name=op.f("pk_points")),
        sqlite_with_rowid=False,
    )


def _inputs() -> None:
    op.create_table(
        "datasets",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("experiment", ID, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("digest", TEXT, nullable=False),
        Column("source_type", TEXT, nullable=False),
        Column("source", TEXT, nullable=False),
        Column("schema", TEXT, nullable=True),
        Column("profile", TEXT, nullable=True),
        ForeignKeyConstraint(
            ["experiment"],
            ["experiments.id"],
            name=op.f("fk_datasets_experiment"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
        UniqueConstraint(
            "experiment", "name", "digest", name=op.f("uq_datasets_experiment_name_digest")
        ),
    )
    op.create_table(
        "inputs",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("run", ID, nullable=False),
        Column("dataset", ID, nullable=False),
        ForeignKeyConstraint(
            ["dataset"], ["datasets.id"], name=op.f("fk_inputs_dataset"), ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_inputs_run"), ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name=op.f("pk_inputs")),
        UniqueConstraint("run", "dataset", name=op.f("uq_inputs_run_dataset")),
    )
    op.create_index("ix_inputs_dataset", "inputs", ["dataset", "run"])
    op.create_table(
        "model_inputs",
        Column("run", ID, nullable=False),
        Column("model_id", TEXT, nullable=False),
        ForeignKeyConstraint(
            ["run"], ["runs.id"], name=op.f("fk_model_inputs_run"), ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("run", "model_id", name=op.f("pk_model_inputs")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "model_outputs",
        Column("run", ID, nullable=False),
        Column("model_id", TEXT, nullable=False),
        Column("step", LONG, autoincrement=False, nullable=False),
        ForeignKeyConstraint(
            ["run"], ["runs.id"], name=op.f("fk_model_outputs_run"), ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("run", "model_id", "step", name=op.f("pk_model_outputs")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "input_tags",
        Column("input", ID, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("value", TEXT, nullable=False),
        ForeignKeyConstraint(
            ["input"], ["inputs.id"], name=op.f("fk_input_tags_input"), ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("input", "key", name=op.f("pk_input_tags")),
        sqlite_with_rowid=False,
    )


def _logged_models() -> None:
    op.create_table(
        "logged_models",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("model_id", TEXT, nullable=False),
        Column("experiment", ID, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("artifact_location", TEXT, nullable=False),
        Column("created_at", LONG, nullable=False),
        Column("updated_at", LONG, nullable=False),
        Column("status", TEXT, nullable=False),
        Column("status_message", TEXT, nullable=True),
        Column("lifecycle_stage", TEXT, nullable=False),
        Column("model_type", TEXT, nullable=True),
        Column("source_run_id", TEXT, nullable=True),
        Column("recorded_by", TEXT, nullable=True),
        ForeignKeyConstraint(
            ["experiment"], ["experiments.id"], name=op.f("fk_logged_models_experiment")
        ),
        PrimaryKeyConstraint("id", name=op.f("pk_logged_models")),
        UniqueConstraint("model_id", name=op.f("uq_logged_models_model_id")),
    )
    op.create_index("ix_logged_models_recent", "logged_models", ["experiment", "created_at"])
    op.create_index("ix_logged_models_run", "logged_models", ["source_run_id"])
    op.create_table(
        "logged_model_metrics",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("model", ID, nullable=False),
        Column("run", ID, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("timestamp", LONG, nullable=False),
        Column("step", LONG, nullable=False),
        Column("value", REAL, nullable=True),
        Column("dataset_name", TEXT, nullable=True),
        Column("dataset_digest", TEXT, nullable=True),
        ForeignKeyConstraint(
            ["model"],
            ["logged_models.id"],
            name=op.f("fk_logged_model_metrics_model"),
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["run"], ["runs.id"], name=op.f("fk_logged_model_metrics_run"), ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("id", name=op.f("pk_logged_model_metrics")),
    )
    op.create_index("ix_logged_model_metrics_key", "logged_model_metrics", ["model", "key"])
    op.create_index("ix_logged_model_metrics_run", "logged_model_metrics", ["run"])
    op.create_table(
        "logged_model_params",
        Column("model", ID, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("value", TEXT, nullable=False),
        ForeignKeyConstraint(
            ["model"],
            ["logged_models.id"],
            name=op.f("fk_logged_model_params_model"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("model", "key", name=op.f("pk_logged_model_params")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "logged_model_tags",
        Column("model", ID, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("value", TEXT, nullable=False),
        ForeignKeyConstraint(
            ["model"],
            ["logged_models.id"],
            name=op.f("fk_logged_model_tags_model"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("model", "key", name=op.f("pk_logged_model_tags")),
        sqlite_with_rowid=False,
    )


def _segments() -> None:
    op.create_table(
        "segments",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("segment", TEXT, nullable=False),
        Column("sequence", LONG, nullable=False),
        Column("checksums", BLOB),
        Column("updated_at", LONG, nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        UniqueConstraint("segment", name=op.f("uq_segments_segment")),
    )
    op.create_table(
        "segment_blocks",
        Column("segment", ID, nullable=False),
        Column("number", LONG, autoincrement=False, nullable=False),
        Column("checksums", BLOB, nullable=False),
        ForeignKeyConstraint(
            ["segment"],
            ["segments.id"],
            name=op.f("fk_segment_blocks_segment"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("segment", "number", name=op.f("pk_segment_blocks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rejections",
        Column("segment", ID, nullable=False),
        Column("sequence", LONG, autoincrement=False, nullable=False),
        Column("error_code", TEXT, nullable=False),
        Column("message", TEXT, nullable=False),
        Column("place", TEXT, nullable=False),
        ForeignKeyConstraint(
            ["segment"], ["segments.id"], name=op.f("fk_rejections_segment"), ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("segment", "sequence", name=op.f("pk_rejections")),
        sqlite_with_rowid=False,
    )


def _registry() -> None:
    op.create_table(
        "registered_models",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("description", TEXT, server_default="", nullable=False),
        Column("created_at", LONG, nullable=False),
        Column("updated_at", LONG, nullable=False),
        Column("last_version", INTEGER, server_default="0", nullable=False),
        Column("deleted_at", LONG, nullable=True),
        Column("deleted_name", TEXT, nullable=True),
        PrimaryKeyConstraint("id", name=op.f("pk_registered_models")),
        UniqueConstraint("name", name=op.f("uq_registered_models_name")),
    )
    op.create_index("ix_registered_models_updated_at", "registered_models", ["updated_at"])
    op.create_table(
        "alias_changes",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("model_id", ID, nullable=False),
        Column("alias", TEXT, nullable=False),
        Column("previous", INTEGER, nullable=True),
        Column("version", INTEGER, nullable=True),
        Column("principal", TEXT, nullable=False),
        Column("reason", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("verdict_id", TEXT, nullable=True),
        Column("at", LONG, nullable=False),
        ForeignKeyConstraint(
            ["model_id"],
            ["registered_models.id"],
            name=op.f("fk_alias_changes_model_id"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("id", name=op.f("pk_alias_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alias_changes_model_alias", "alias_changes", ["model_id", "alias"])
    op.create_table(
        "model_aliases",
        Column("model_id", ID, nullable=False),
        Column("alias", TEXT, nullable=False),
        Column("version", INTEGER, nullable=False),
        ForeignKeyConstraint(
            ["model_id"],
            ["registered_models.id"],
            name=op.f("fk_model_aliases_model_id"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("model_id", "alias", name=op.f("pk_model_aliases")),
    )
    op.create_index("ix_model_aliases_version", "model_aliases", ["model_id", "version"])
    op.create_table(
        "model_versions",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("model_id", ID, nullable=False),
        Column("version", INTEGER, nullable=False),
        Column("source", TEXT, nullable=False),
        Column("storage_location", TEXT, nullable=True),
        Column("run_id", TEXT, nullable=True),
        Column("logged_model_id", TEXT, nullable=True),
        Column("run_link", TEXT, nullable=True),
        Column("description", TEXT, server_default="", nullable=False),
        Column("user_id", TEXT, server_default="", nullable=False),
        Column("stage", TEXT, nullable=False),
        Column("status", TEXT, nullable=False),
        Column("status_message", TEXT, server_default="", nullable=False),
        Column("digest", TEXT, nullable=True),
        Column("created_at", LONG, nullable=False),
        Column("updated_at", LONG, nullable=False),
        Column("deleted", BOOLEAN, nullable=False),
        Column("deleted_at", LONG, nullable=True),
        Column("recorded_by", TEXT, nullable=True),
        Column("claimed_digest", TEXT, nullable=True),
        Column("hash_tries", INTEGER, server_default="0", nullable=False),
        Column("hash_at", LONG, nullable=True),
        ForeignKeyConstraint(
            ["model_id"],
            ["registered_models.id"],
            name=op.f("fk_model_versions_model_id"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("id", name=op.f("pk_model_versions")),
        UniqueConstraint("model_id", "version", name=op.f("uq_model_versions_model_id_version")),
    )
    op.create_index("ix_model_versions_hash_at", "model_versions", ["hash_at"])
    op.create_index("ix_model_versions_logged_model_id", "model_versions", ["logged_model_id"])
    op.create_index("ix_model_versions_run_id", "model_versions", ["run_id"])
    op.create_index("ix_model_versions_storage_location", "model_versions", ["storage_location"])
    op.create_index("ix_model_versions_updated_at", "model_versions", ["updated_at"])
    op.create_table(
        "registered_model_tags",
        Column("model_id", ID, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("value", TEXT, nullable=False),
        ForeignKeyConstraint(
            ["model_id"],
            ["registered_models.id"],
            name=op.f("fk_registered_model_tags_model_id"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("model_id", "key", name=op.f("pk_registered_model_tags")),
    )
    op.create_table(
        "model_version_tags",
        Column("version_id", ID, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("value", TEXT, nullable=False),
        ForeignKeyConstraint(
            ["version_id"],
            ["model_versions.id"],
            name=op.f("fk_model_version_tags_version_id"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("version_id", "key", name=op.f("pk_model_version_tags")),
    )


def _release() -> None:
    op.create_table(
        "audit_log",
        Column("sequence", ID, autoincrement=False, nullable=False),
        Column("at", LONG, nullable=False),
        Column("principal", TEXT, nullable=False),
        Column("action", TEXT, nullable=False),
        Column("subject", TEXT, nullable=False),
        Column("data", TEXT, nullable=False),
        Column("previous", TEXT, nullable=False),
        Column("digest", TEXT, nullable=False),
        PrimaryKeyConstraint("sequence", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_subject", "audit_log", ["subject"])
    op.create_table(
        "events",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("subject", TEXT, nullable=False),
        Column("data", TEXT, nullable=False),
        Column("at", LONG, nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "gate_policies",
        Column("name", TEXT, nullable=False),
        Column("alias", TEXT, nullable=False),
        Column("text", TEXT, nullable=False),
        Column("digest", TEXT, nullable=False),
        Column("principal", TEXT, nullable=False),
        Column("at", LONG, nullable=False),
        PrimaryKeyConstraint("name", "alias", name=op.f("pk_gate_policies")),
    )
    op.create_table(
        "approvals",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("approval_id", TEXT, nullable=False),
        Column("model_id", ID, nullable=False),
        Column("version", INTEGER, nullable=False),
        Column("alias", TEXT, nullable=False),
        Column("version_digest", TEXT, nullable=True),
        Column("policy_digest", TEXT, nullable=False),
        Column("evidence_digest", TEXT, nullable=False),
        Column("requested_by", TEXT, nullable=False),
        Column("requested_at", LONG, nullable=False),
        Column("state", TEXT, nullable=False),
        Column("decided_by", TEXT, nullable=True),
        Column("decided_at", LONG, nullable=True),
        Column("reason", TEXT, nullable=False),
        ForeignKeyConstraint(
            ["model_id"],
            ["registered_models.id"],
            name=op.f("fk_approvals_model_id"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        UniqueConstraint("approval_id", name=op.f("uq_approvals_approval_id")),
    )
    op.create_index("ix_approvals_model_version", "approvals", ["model_id", "version"])
    op.create_index("ix_approvals_state", "approvals", ["state"])
    op.create_table(
        "evidence",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("evidence_id", TEXT, nullable=False),
        Column("model_id", ID, nullable=False),
        Column("version", INTEGER, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("record", BLOB, nullable=False),
        Column("at", LONG, nullable=False),
        ForeignKeyConstraint(
            ["model_id"],
            ["registered_models.id"],
            name=op.f("fk_evidence_model_id"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        UniqueConstraint("evidence_id", name=op.f("uq_evidence_evidence_id")),
    )
    op.create_index("ix_evidence_model_version", "evidence", ["model_id", "version"])
    op.create_table(
        "verdicts",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("verdict_id", TEXT, nullable=False),
        Column("model_id", ID, nullable=False),
        Column("version", INTEGER, nullable=False),
        Column("alias", TEXT, nullable=False),
        Column("passed", BOOLEAN, nullable=False),
        Column("record", BLOB, nullable=False),
        Column("at", LONG, nullable=False),
        ForeignKeyConstraint(
            ["model_id"],
            ["registered_models.id"],
            name=op.f("fk_verdicts_model_id"),
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        UniqueConstraint("verdict_id", name=op.f("uq_verdicts_verdict_id")),
    )
    op.create_index("ix_verdicts_model_version", "verdicts", ["model_id", "version"])


def _accounts() -> None:
    op.create_table(
        "users",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("role", TEXT, nullable=False),
        Column("password_hash", TEXT, nullable=False),
        Column("created_at", LONG, nullable=False),
        Column("disabled_at", LONG, nullable=True),
        PrimaryKeyConstraint("id", name=op.f("pk_users")),
        UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "tokens",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("token_id", TEXT, nullable=False),
        Column("user_id", ID, nullable=False),
        Column("secret_hash", TEXT, nullable=False),
        Column("created_at", LONG, nullable=False),
        Column("expires_at", LONG, nullable=False),
        Column("note", TEXT, nullable=False),
        ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_tokens_user_id"), ondelete="CASCADE"
        ),
        PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        UniqueConstraint("secret_hash", name=op.f("uq_tokens_secret_hash")),
        UniqueConstraint("token_id", name=op.f("uq_tokens_token_id")),
    )


def _artifacts() -> None:
    op.create_table(
        "artifact_files",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("location", TEXT, nullable=False),
        Column("size", LONG, nullable=False),
        Column("sha256", TEXT, nullable=False),
        Column("at", LONG, nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_artifact_files")),
        UniqueConstraint("location", name=op.f("uq_artifact_files_location")),
    )


def _monitoring() -> None:
    op.create_table(
        "alert_actions",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("action_id", TEXT, nullable=False),
        Column("alert_id", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("done", BOOLEAN, nullable=False),
        Column("detail", TEXT, nullable=False),
        Column("at", LONG, nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_alert_actions")),
        UniqueConstraint("action_id", name=op.f("uq_alert_actions_action_id")),
    )
    op.create_index("ix_alert_actions_alert_id", "alert_actions", ["alert_id"])
    op.create_table(
        "alerts",
        Column("alert_id", TEXT, nullable=False),
        Column("deployment", TEXT, nullable=False),
        Column("state", TEXT, nullable=False),
        Column("updated_at", LONG, nullable=False),
        Column("record", BLOB, nullable=False),
        PrimaryKeyConstraint("alert_id", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_deployment", "alerts", ["deployment"])
    op.create_table(
        "deployments",
        Column("deployment", TEXT, nullable=False),
        Column("updated_at", LONG, nullable=False),
        Column("record", BLOB, nullable=False),
        PrimaryKeyConstraint("deployment", name=op.f("pk_deployments")),
    )
    op.create_table(
        "monitoring_reports",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("report_id", TEXT, nullable=False),
        Column("deployment", TEXT, nullable=False),
        Column("end_at", LONG, nullable=False),
        Column("record", BLOB, nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_monitoring_reports")),
        UniqueConstraint("report_id", name=op.f("uq_monitoring_reports_report_id")),
    )
    op.create_index(
        "ix_monitoring_reports_deployment_end_at", "monitoring_reports", ["deployment", "end_at"]
    )
    op.create_table(
        "monitoring_windows",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("window_id", TEXT, nullable=False),
        Column("deployment", TEXT, nullable=False),
        Column("version", INTEGER, nullable=False),
        Column("start_at", LONG, nullable=False),
        Column("end_at", LONG, nullable=False),
        Column("record", BLOB, nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_monitoring_windows")),
        UniqueConstraint("window_id", name=op.f("uq_monitoring_windows_window_id")),
    )
    op.create_index(
        "ix_monitoring_windows_deployment_end_at", "monitoring_windows", ["deployment", "end_at"]
    )


def _outbox() -> None:
    op.create_table(
        "outbox_cursors",
        Column("subscriber", TEXT, nullable=False),
        Column("position", LONG, nullable=False),
        Column("holder", TEXT, nullable=False),
        Column("held_until", LONG, nullable=False),
        PrimaryKeyConstraint("subscriber", name=op.f("pk_outbox_cursors")),
    )


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("webhook_id", TEXT, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("url", TEXT, nullable=False),
        Column("events", TEXT, nullable=False),
        Column("status", TEXT, nullable=False),
        Column("description", TEXT, nullable=False),
        Column("secret", TEXT),
        Column("after_event", LONG, nullable=False),
        Column("created_at", LONG, nullable=False),
        Column("updated_at", LONG, nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        UniqueConstraint("webhook_id", name=op.f("uq_webhooks_webhook_id")),
    )
    op.create_table(
        "webhook_deliveries",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("delivery_id", TEXT, nullable=False),
        Column("webhook", ID, nullable=False),
        Column("event_id", LONG, nullable=False),
        Column("event", TEXT, nullable=False),
        Column("body", BLOB, nullable=False),
        Column("state", TEXT, nullable=False),
        Column("tries", INTEGER, nullable=False),
        Column("created_at", LONG, nullable=False),
        Column("next_at", LONG),
        PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        UniqueConstraint("delivery_id", name=op.f("uq_webhook_deliveries_delivery_id")),
        UniqueConstraint(
            "webhook", "event_id", name=op.f("uq_webhook_deliveries_webhook_event_id")
        ),
        ForeignKeyConstraint(
            ["webhook"],
            ["webhooks.id"],
            name=op.f("fk_webhook_deliveries_webhook"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["state", "next_at"])
    op.create_table(
        "webhook_attempts",
        Column("id", ID, autoincrement=True, nullable=False),
        Column("delivery", ID, nullable=False),
        Column("at", LONG, nullable=False),
        Column("status", INTEGER),
        Column("error", TEXT, nullable=False),
        Column("seconds", REAL, nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
        ForeignKeyConstraint(
            ["delivery"],
            ["webhook_deliveries.id"],
            name=op.f("fk_webhook_attempts_delivery"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_webhook_attempts_delivery", "webhook_attempts", ["delivery"])


def _standards() -> None:
    op.create_table(
        "experiment_standards",
        Column("experiment", ID, autoincrement=False, nullable=False),
        Column("text", TEXT, nullable=False),
        Column("digest", TEXT, nullable=False),
        Column("principal", TEXT, nullable=False),
        Column("at", LONG, nullable=False),
        PrimaryKeyConstraint("experiment", name=op.f("pk_experiment_standards")),
        ForeignKeyConstraint(
            ["experiment"],
            ["experiments.id"],
            name=op.f("fk_experiment_standards_experiment"),
            ondelete="CASCADE",
        ),
    )


def _retention() -> None:
    op.create_table(
        "experiment_retention",
        Column("experiment", ID, autoincrement=False, nullable=False),
        Column("deleted", REAL, nullable=True),
        Column("unregistered", REAL, nullable=True),
        Column("files", REAL, nullable=True),
        Column("principal", TEXT, nullable=False),
        Column("at", LONG, nullable=False),
        PrimaryKeyConstraint("experiment", name=op.f("pk_experiment_retention")),
        ForeignKeyConstraint(
            ["experiment"],
            ["experiments.id"],
            name=op.f("fk_experiment_retention_experiment"),
            ondelete="CASCADE",
        ),
    )
