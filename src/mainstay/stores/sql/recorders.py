"""Who recorded what, inside a transaction: read, and vouched for afterwards."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from mainstay.entities.accounts import Principal, Recorder
from mainstay.stores.sql import journal, logged_models, runs
from mainstay.stores.sql import registry_rows as rows
from mainstay.stores.sql.tables.logged_models import logged_models as models_table
from mainstay.stores.sql.tables.registry import model_versions
from mainstay.stores.sql.tables.runs import runs as runs_table


def of_version(connection: Connection, name: str, version: int) -> Recorder:
    """Return who recorded a version. Raises: NotFound."""
    row = rows.version(connection, rows.model(connection, name), version)
    return Recorder.of(row.recorded_by)


def of_run(connection: Connection, run_id: str) -> Recorder:
    """Return who recorded a run. Raises: NotFound."""
    found = select(runs_table.c.recorded_by)
    row = runs.find(connection, run_id)
    return Recorder.of(connection.execute(found.where(runs_table.c.id == row.id)).scalar())


def of_logged_model(connection: Connection, model_id: str) -> Recorder:
    """Return who recorded a logged model. Raises: NotFound."""
    found = select(models_table.c.recorded_by)
    row = logged_models.find(connection, model_id)
    return Recorder.of(connection.execute(found.where(models_table.c.id == row.id)).scalar())


def vouch(connection: Connection, name: str, version: int, *, by: Principal) -> None:
    """Put ``by`` in the place of who recorded a version. Raises: NotFound."""
    row = rows.version(connection, rows.lock_model(connection, name), version)
    connection.execute(
        update(model_versions).where(model_versions.c.id == row.id).values(recorded_by=str(by))
    )
    data = {"name": name, "version": version, "recorded_by": row.recorded_by}
    journal.record(connection, "model_version.vouched", f"{name}/{version}", data, by=by)
