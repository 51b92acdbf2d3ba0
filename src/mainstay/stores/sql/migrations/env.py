"""Run migrations on the connection that ``schema.upgrade`` opened, in its transaction."""

from __future__ import annotations

from alembic import context

from mainstay.stores.sql.schema import stamp
from mainstay.stores.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=stamp.name,
    # SQLite changes a table by copying it.
    render_as_batch=True,
)
context.run_migrations()
