"""How far the spool of each process has been applied, and what of it was refused."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table

from mainstay.stores.sql.tables.base import Blob, Id, Millis, String, identity, metadata

segments = Table(
    "segments",
    metadata,
    identity(),
    Column("segment", String, nullable=False, unique=True),
    Column("sequence", Millis, nullable=False),
    # Of the last block of records, so that another record under a used number is noticed
    # (``replays``).
    Column("checksums", Blob),
    Column("updated_at", Millis, nullable=False),
)

segment_blocks = Table(
    "segment_blocks",
    metadata,
    Column("segment", Id, ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Millis, primary_key=True, autoincrement=False),
    Column("checksums", Blob, nullable=False),
    sqlite_with_rowid=False,
)

rejections = Table(
    "rejections",
    metadata,
    Column("segment", Id, ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True),
    Column("sequence", Millis, primary_key=True, autoincrement=False),
    Column("error_code", String, nullable=False),
    Column("message", String, nullable=False),
    # The caller's file and line, as the client recorded it.
    Column("place", String, nullable=False),
    sqlite_with_rowid=False,
)
