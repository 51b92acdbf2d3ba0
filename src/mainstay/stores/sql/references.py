"""What still refers to runs and logged models that were deleted, and so keeps them.

A version keeps the run and the model it came from and whatever its address goes through; a logged
model keeps its source run and the runs that measured it; a run that stays keeps the models it read
or made; a fresh upload keeps what it goes to.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, select

from mainstay.stores.sql.doomed import components
from mainstay.stores.sql.tables.artifacts import artifact_files
from mainstay.stores.sql.tables.inputs import model_inputs, model_outputs
from mainstay.stores.sql.tables.logged_models import logged_model_metrics, logged_models
from mainstay.stores.sql.tables.registry import model_versions, registered_models
from mainstay.stores.sql.tables.runs import runs

PROXIED = "mlflow-artifacts:/"
_AT_ONCE = 500


class Versions:
    """The addresses of all registered versions."""

    def __init__(self, connection: Connection) -> None:
        self._by_id: dict[str, str] = {}
        self._by_folder: dict[str, str] = {}
        columns = model_versions.c
        query = select(
            registered_models.c.name,
            columns.version,
            columns.run_id,
            columns.logged_model_id,
            columns.source,
            columns.storage_location,
        ).join(registered_models, registered_models.c.id == columns.model_id)
        # Deleted versions too, until they are deleted for good: they may be restored.
        for row in connection.execute(query):
            label = f"{row.name} v{row.version}"
            for part in components(row.source, row.storage_location):
                self._by_id[part] = label
            for one in (row.run_id, row.logged_model_id):
                if one:
                    self._by_id[one] = label
            for folder in (row.source, row.storage_location):
                if folder:
                    self._by_folder[folder.rstrip("/")] = label

    def keeping(self, identity: str, location: str) -> str | None:
        """Return a version that needs the files of this run or model, if one does."""
        found = self._by_id.get(identity)
        while found is None and "/" in location:
            found = self._by_folder.get(location)
            location = location.rpartition("/")[0]
        return f"version {found}" if found else None

    def below(self, location: str) -> str | None:
        """Return a version whose files lie in a folder, if one does."""
        inside = f"{location.rstrip('/')}/"
        for folder, label in self._by_folder.items():
            if folder.startswith(inside):
                return f"version {label}"
        return None


def edges_to_models(connection: Connection, model_ids: set[str]) -> list[tuple[str, str]]:
    """Return (model id, run id) of every run that read or made one of these models."""
    found: list[tuple[str, str]] = []
    for table in (model_inputs, model_outputs):
        for some in pieces(model_ids):
            query = select(table.c.model_id, runs.c.run_id).join(runs, runs.c.id == table.c.run)
            found += _pairs(connection, query.where(table.c.model_id.in_(some)))
    return found


def edges_to_runs(connection: Connection, run_ids: set[str]) -> list[tuple[str, str]]:
    """Return (run id, model id) of every logged model that came from, or was measured by, a run."""
    found: list[tuple[str, str]] = []
    models = logged_models.c
    for some in pieces(run_ids):
        made = select(models.source_run_id, models.model_id).where(models.source_run_id.in_(some))
        measured = (
            select(runs.c.run_id, models.model_id)
            .join(logged_model_metrics, logged_model_metrics.c.run == runs.c.id)
            .join(logged_models, models.id == logged_model_metrics.c.model)
            .where(runs.c.run_id.in_(some))
            .distinct()
        )
        found += [*_pairs(connection, made), *_pairs(connection, measured)]
    return found


def fresh_upload(connection: Connection, location: str, *, after: int) -> str | None:
    """Return a file that was uploaded below a proxied location after a moment (ms), if any."""
    folder = location.removeprefix(PROXIED).strip("/")
    if not location.startswith(PROXIED) or not folder:
        return None
    place = artifact_files.c.location
    # "0" follows "/".
    below = (place >= f"{folder}/", place < f"{folder}0", artifact_files.c.at > after)
    found = connection.execute(select(place).where(*below).limit(1)).scalar()
    return f"the upload of {found}" if found else None


def has_files(connection: Connection, location: str) -> bool:
    """Tell whether there are files at a location; yes where the server cannot see."""
    folder = location.removeprefix(PROXIED).strip("/")
    if not location.startswith(PROXIED) or not folder:
        return True
    place = artifact_files.c.location
    query = select(place).where(place >= f"{folder}/", place < f"{folder}0").limit(1)
    return connection.execute(query).first() is not None


def knows_files(connection: Connection) -> bool:
    """Tell whether a database has a record of any file or model, as that of a registry has."""
    tables = (artifact_files.c.id, registered_models.c.id)
    return any(connection.execute(select(one).limit(1)).first() for one in tables)


def _pairs(connection: Connection, query: Select[Any]) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in connection.execute(query)]


def pieces(values: Iterable[str]) -> Iterable[list[str]]:
    """Split values so that a statement can name them."""
    listed = sorted(values)
    return (listed[at : at + _AT_ONCE] for at in range(0, len(listed), _AT_ONCE))
