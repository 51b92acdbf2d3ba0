"""The table of uploaded files: where each lies, how big it is, and its SHA-256."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from mainstay.stores.sql.tables.base import metadata

artifact_files = Table(
    "artifact_files",
    metadata,
    Column("id", Integer, primary_key=True),
    # Compared byte by byte, so that "everything below a folder" is one range of the index.
    Column(
        "location",
        Text().with_variant(Text(collation="C"), "postgresql"),
        nullable=False,
        unique=True,
    ),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
