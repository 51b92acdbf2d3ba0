"""Series of runs: what is kept of each, its newest points, and the sealed rest.

``points`` and ``pieces`` are the tail: single points in order of arrival, and stretches that came
together, as raw columns. When it is long enough it becomes one row of ``chunks``: compressed
columns, sorted by (timestamp, step, value), with what a chart needs of them in ``stretches``.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from mainstay.stores.sql.tables.base import Blob, Id, Millis, Real, String, identity, metadata

series = Table(
    "series",
    metadata,
    identity(),
    Column("run", Id, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("key", String, nullable=False),
    # The greatest point by (step, timestamp, value), where NaN counts as 0.
    Column("last", Real),
    Column("step", Millis, nullable=False),
    Column("timestamp", Millis, nullable=False),
    # Of all points but NaN.
    Column("low", Real),
    Column("high", Real),
    Column("count", Millis, nullable=False),
    # How many of them are in the tail, and the latest time of any.
    Column("tail", Integer, nullable=False),
    Column("newest", Millis, nullable=False),
    UniqueConstraint("run", "key"),
    Index("ix_series_last", "key", "last", "run"),
)

points = Table(
    "points",
    metadata,
    Column("series", Id, ForeignKey("series.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Millis, primary_key=True, autoincrement=False),
    Column("timestamp", Millis, nullable=False),
    Column("step", Millis, nullable=False),
    Column("value", Real),
    sqlite_with_rowid=False,
)

pieces = Table(
    "pieces",
    metadata,
    identity(),
    Column("series", Id, ForeignKey("series.id", ondelete="CASCADE"), nullable=False),
    Column("data", Blob, nullable=False),
    Index("ix_pieces_series", "series"),
)

chunks = Table(
    "chunks",
    metadata,
    identity(),
    Column("series", Id, ForeignKey("series.id", ondelete="CASCADE"), nullable=False),
    # Counts the chunks of a series, in the order in which they were sealed.
    Column("number", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("first_timestamp", Millis, nullable=False),
    Column("last_timestamp", Millis, nullable=False),
    Column("first_step", Millis, nullable=False),
    Column("last_step", Millis, nullable=False),
    Column("data", Blob, nullable=False),
    UniqueConstraint("series", "number"),
    # All that decides which chunks a page of history needs, without the pages that hold data.
    Index("ix_chunks_time", "series", "first_timestamp", "number", "last_timestamp"),
)

stretches = Table(
    "stretches",
    metadata,
    Column("series", Id, ForeignKey("series.id", ondelete="CASCADE"), primary_key=True),
    # 0: the chunk of that number; above, ``FAN`` neighbours of the level below together.
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("count", Millis, nullable=False),
    Column("first_step", Millis, nullable=False),
    Column("last_step", Millis, nullable=False),
    Column("first_timestamp", Millis, nullable=False),
    Column("last_timestamp", Millis, nullable=False),
    # Of the point that is last by (step, timestamp, value), and the extremes without NaN.
    Column("last", Real),
    Column("last_at", Millis, nullable=False),
    Column("low", Real),
    Column("high", Real),
    sqlite_with_rowid=False,
)
