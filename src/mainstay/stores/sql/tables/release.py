"""Tables of releases: evidence, gate policies, verdicts, approvals, the audit chain, the outbox.

Records whose parts are free (measured values, results of checks) are kept as MessagePack, which
holds NaN and ±Inf as they are. Data of the audit chain is kept as the canonical JSON text that
its digest was taken over.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from mainstay.stores.sql.tables.base import metadata

evidence = Table(
    "evidence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("evidence_id", String(64), nullable=False, unique=True),
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(250), nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_evidence_model_version", "model_id", "version"),
    sqlite_autoincrement=True,
)

# By name, not by model: a gate stands before a name whether or not the model exists yet, and
# deleting a model must not take its gate away.
gate_policies = Table(
    "gate_policies",
    metadata,
    Column("name", String(256), primary_key=True),
    Column("alias", String(255), primary_key=True),
    Column("text", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("principal", String(512), nullable=False),
    Column("at", BigInteger, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("verdict_id", String(64), nullable=False, unique=True),
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("alias", String(255), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_verdicts_model_version", "model_id", "version"),
    sqlite_autoincrement=True,
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("approval_id", String(64), nullable=False, unique=True),
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("alias", String(255), nullable=False),
    Column("version_digest", String(64)),
    Column("policy_digest", String(64), nullable=False),
    Column("evidence_digest", String(64), nullable=False),
    Column("requested_by", String(512), nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),
    Column("decided_by", String(512)),
    Column("decided_at", BigInteger),
    Column("reason", Text, nullable=False),
    Index("ix_approvals_model_version", "model_id", "version"),
    Index("ix_approvals_state", "state"),
    sqlite_autoincrement=True,
)

audit_log = Table(
    "audit_log",
    metadata,
    # Given by the writer, not by the database: a gap is evidence of tampering.
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("principal", String(512), nullable=False),
    Column("action", String(250), nullable=False),
    Column("subject", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index("ix_audit_log_subject", "subject"),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(250), nullable=False),
    Column("subject", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
