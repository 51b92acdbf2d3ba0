"""The table of outbox cursors: how far each subscriber has come, and which server delivers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table

from mainstay.stores.sql.tables.base import Millis, String, metadata

outbox_cursors = Table(
    "outbox_cursors",
    metadata,
    Column("subscriber", String, primary_key=True),
    Column("position", BigInteger, nullable=False),
    # One server at a time delivers: the holder, until this moment, unless it renews.
    Column("holder", String, nullable=False),
    Column("held_until", Millis, nullable=False),
)
