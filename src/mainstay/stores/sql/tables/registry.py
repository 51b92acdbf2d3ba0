"""Tables of the registry: models, versions, tags, aliases and the history of aliases.

Integer ids inside; a model's name is kept once, so that a rename touches one row. Times are
milliseconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from mainstay.stores.sql.tables.base import metadata

registered_models = Table(
    "registered_models",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(256), nullable=False, unique=True),
    Column("description", Text, nullable=False, server_default=""),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    # The highest number ever given out: a deleted version's number is never used again.
    Column("last_version", Integer, nullable=False, server_default="0"),
    Index("ix_registered_models_updated_at", "updated_at"),
    sqlite_autoincrement=True,
)

registered_model_tags = Table(
    "registered_model_tags",
    metadata,
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(250), primary_key=True),
    Column("value", Text, nullable=False),
)

model_versions = Table(
    "model_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("storage_location", Text),
    Column("run_id", String(32)),
    Column("logged_model_id", String(34)),
    Column("run_link", Text),
    Column("description", Text, nullable=False, server_default=""),
    Column("user_id", String(256), nullable=False, server_default=""),
    Column("stage", String(20), nullable=False),
    Column("status", String(24), nullable=False),
    Column("status_message", Text, nullable=False, server_default=""),
    Column("digest", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    UniqueConstraint("model_id", "version"),
    Index("ix_model_versions_updated_at", "updated_at"),
    Index("ix_model_versions_run_id", "run_id"),
    Index("ix_model_versions_logged_model_id", "logged_model_id"),
    sqlite_autoincrement=True,
)

model_version_tags = Table(
    "model_version_tags",
    metadata,
    Column("version_id", ForeignKey("model_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(250), primary_key=True),
    Column("value", Text, nullable=False),
)

model_aliases = Table(
    "model_aliases",
    metadata,
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), primary_key=True),
    Column("alias", String(255), primary_key=True),
    Column("version", Integer, nullable=False),
    Index("ix_model_aliases_version", "model_id", "version"),
)

alias_changes = Table(
    "alias_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), nullable=False),
    Column("alias", String(255), nullable=False),
    Column("previous", Integer),
    Column("version", Integer),
    Column("principal", String(512), nullable=False),
    Column("reason", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("verdict_id", String(64)),
    Column("at", BigInteger, nullable=False),
    Index("ix_alias_changes_model_alias", "model_id", "alias"),
    sqlite_autoincrement=True,
)
