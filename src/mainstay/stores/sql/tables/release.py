"""Tables of releases: evidence, gate policies, verdicts, approvals, the audit chain, the outbox.

Records whose parts are free (measured values, results of checks) are kept as MessagePack, which
holds NaN and ±Inf as they are. Data of the audit chain is kept as the canonical JSON text that
its digest was taken over.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table

from mainstay.stores.sql.tables.base import Blob, Id, Millis, String, identity, metadata

evidence = Table(
    "evidence",
    metadata,
    identity(),
    Column("evidence_id", String, nullable=False, unique=True),
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("record", Blob, nullable=False),
    Column("at", Millis, nullable=False),
    Index("ix_evidence_model_version", "model_id", "version"),
)

# By name, not by model: a gate stands before a name whether or not the model exists yet, and
# deleting a model must not take its gate away.
gate_policies = Table(
    "gate_policies",
    metadata,
    Column("name", String, primary_key=True),
    Column("alias", String, primary_key=True),
    Column("text", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("principal", String, nullable=False),
    Column("at", Millis, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    identity(),
    Column("verdict_id", String, nullable=False, unique=True),
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("alias", String, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("record", Blob, nullable=False),
    Column("at", Millis, nullable=False),
    Index("ix_verdicts_model_version", "model_id", "version"),
)

approvals = Table(
    "approvals",
    metadata,
    identity(),
    Column("approval_id", String, nullable=False, unique=True),
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("alias", String, nullable=False),
    Column("version_digest", String),
    Column("policy_digest", String, nullable=False),
    Column("evidence_digest", String, nullable=False),
    Column("requested_by", String, nullable=False),
    Column("requested_at", Millis, nullable=False),
    Column("state", String, nullable=False),
    Column("decided_by", String),
    Column("decided_at", Millis),
    Column("reason", String, nullable=False),
    Index("ix_approvals_model_version", "model_id", "version"),
    Index("ix_approvals_state", "state"),
)

audit_log = Table(
    "audit_log",
    metadata,
    # Given by the writer, not by the database: a gap is evidence of tampering.
    Column("sequence", Id, primary_key=True, autoincrement=False),
    Column("at", Millis, nullable=False),
    Column("principal", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("data", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("digest", String, nullable=False),
    Index("ix_audit_log_subject", "subject"),
)

events = Table(
    "events",
    metadata,
    identity(),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("data", String, nullable=False),
    Column("at", Millis, nullable=False),
    sqlite_autoincrement=True,
)
