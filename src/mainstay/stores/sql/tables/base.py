"""The one metadata that every table hangs on, and the column types that recur."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Double, Integer, LargeBinary, MetaData, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives an automatic number only to INTEGER; PostgreSQL's INTEGER ends at 2^31.
Id = BigInteger().with_variant(Integer(), "sqlite")
"""The type of internal ids."""

Millis = BigInteger
"""Milliseconds since 1970 UTC."""

Real = Double
"""A double. NaN is kept as NULL, since SQLite has no NaN; ±Inf is kept as it is."""

Blob = LargeBinary

String = Text().with_variant(Text(collation="C"), "postgresql")
"""Text, compared byte by byte on both databases, so that order does not depend on a locale."""

PREFIX = 100
"""How many characters of a long text an index holds; PostgreSQL refuses large index rows."""


def identity(name: str = "id") -> Column[Any]:
    """Return an automatic integer primary key."""
    return Column(name, Id, primary_key=True, autoincrement=True)
