"""Tables of the registry: models, versions, tags, aliases and the history of aliases.

Integer ids inside; a model's name is kept once, so that a rename touches one row. Times are
milliseconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from mainstay.stores.sql.tables.base import Millis, String, identity, metadata

registered_models = Table(
    "registered_models",
    metadata,
    identity(),
    Column("name", String, nullable=False, unique=True),
    Column("description", String, nullable=False, server_default=""),
    Column("created_at", Millis, nullable=False),
    Column("updated_at", Millis, nullable=False),
    # The highest number ever given out: a deleted version's number is never used again.
    Column("last_version", Integer, nullable=False, server_default="0"),
    # Deleted, and not yet for good: ``name`` is then one that no model can have, so that the old
    # one is free, and ``deleted_name`` the old one.
    Column("deleted_at", Millis),
    Column("deleted_name", String),
    Index("ix_registered_models_updated_at", "updated_at"),
)

registered_model_tags = Table(
    "registered_model_tags",
    metadata,
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)

model_versions = Table(
    "model_versions",
    metadata,
    identity(),
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("source", String, nullable=False),
    Column("storage_location", String),
    Column("run_id", String),
    Column("logged_model_id", String),
    Column("run_link", String),
    Column("description", String, nullable=False, server_default=""),
    Column("user_id", String, nullable=False, server_default=""),
    Column("stage", String, nullable=False),
    Column("status", String, nullable=False),
    Column("status_message", String, nullable=False, server_default=""),
    Column("digest", String),
    Column("created_at", Millis, nullable=False),
    Column("updated_at", Millis, nullable=False),
    Column("deleted", Boolean, nullable=False),
    # Equal to the model's where it went with its model.
    Column("deleted_at", Millis),
    # The principal that created it; null where it was imported.
    Column("recorded_by", String),
    # What a client said the digest is, of files that this server did not hash at upload.
    Column("claimed_digest", String),
    # Tries to hash the files, and when the next is due; null: none to come. See ``pending``.
    Column("hash_tries", Integer, nullable=False, server_default="0"),
    Column("hash_at", Millis),
    UniqueConstraint("model_id", "version"),
    Index("ix_model_versions_updated_at", "updated_at"),
    Index("ix_model_versions_run_id", "run_id"),
    Index("ix_model_versions_logged_model_id", "logged_model_id"),
    Index("ix_model_versions_storage_location", "storage_location"),
    Index("ix_model_versions_hash_at", "hash_at"),
)

model_version_tags = Table(
    "model_version_tags",
    metadata,
    Column("version_id", ForeignKey("model_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)

model_aliases = Table(
    "model_aliases",
    metadata,
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), primary_key=True),
    Column("alias", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Index("ix_model_aliases_version", "model_id", "version"),
)

alias_changes = Table(
    "alias_changes",
    metadata,
    identity(),
    Column("model_id", ForeignKey("registered_models.id", ondelete="CASCADE"), nullable=False),
    Column("alias", String, nullable=False),
    Column("previous", Integer),
    Column("version", Integer),
    Column("principal", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("verdict_id", String),
    Column("at", Millis, nullable=False),
    Index("ix_alias_changes_model_alias", "model_id", "alias"),
    sqlite_autoincrement=True,
)
