"""Tables of accounts: users, and the hashes of their tokens."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table

from mainstay.stores.sql.tables.base import Millis, String, identity, metadata

users = Table(
    "users",
    metadata,
    identity(),
    Column("name", String, nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("created_at", Millis, nullable=False),
    # Since when nobody gets in with it; what the user did stays theirs.
    Column("disabled_at", Millis),
)

tokens = Table(
    "tokens",
    metadata,
    identity(),
    Column("token_id", String, nullable=False, unique=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("secret_hash", String, nullable=False, unique=True),
    Column("created_at", Millis, nullable=False),
    Column("expires_at", Millis, nullable=False),
    Column("note", String, nullable=False),
)
