"""The table of uploaded files: where each lies, how big it is, and its SHA-256."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table

from mainstay.stores.sql.tables.base import Millis, String, identity, metadata

artifact_files = Table(
    "artifact_files",
    metadata,
    identity(),
    # Compared byte by byte, so that "everything below a folder" is one range of the index.
    Column(
        "location",
        String,
        nullable=False,
        unique=True,
    ),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String, nullable=False),
    Column("at", Millis, nullable=False),
)
