"""Everything that this database keeps of runs and models, in one snapshot, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, func, select

from mainstay.entities.experiments import Experiment
from mainstay.entities.registry import ModelVersion, RegisteredModel
from mainstay.entities.runs import Run
from mainstay.importing.source import FoundModel
from mainstay.stores.sql import experiments, history, logged_models, registry_records, runs
from mainstay.stores.sql.chunks import Point
from mainstay.stores.sql.tables.experiments import experiments as experiment_rows
from mainstay.stores.sql.tables.logged_models import logged_models as model_rows
from mainstay.stores.sql.tables.metrics import series as series_rows
from mainstay.stores.sql.tables.registry import model_versions, registered_models
from mainstay.stores.sql.tables.runs import runs as run_rows

AT_ONCE = 200
PAGE = history.MOST


class KeptRun(msgspec.Struct, frozen=True):
    """A run with its internal number, and when it was deleted."""

    number: int
    run: Run
    deleted_at: int | None


class KeptModel(msgspec.Struct, frozen=True):
    """A registered model, its versions, the numbers of deleted ones, and the highest given."""

    model: RegisteredModel
    versions: list[ModelVersion]
    deleted: list[int]
    last_version: int


class Here:
    """Reads through one connection, which holds the snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run_count(self) -> int:
        """Return how many runs there are."""
        return self._connection.execute(select(func.count()).select_from(run_rows)).scalar_one()

    def experiments(self) -> list[Experiment]:
        """Return every experiment, in order of id."""
        rows = self._connection.execute(select(experiment_rows).order_by(experiment_rows.c.id))
        return experiments.load(self._connection, rows.all())

    def runs(self, experiment_id: str) -> Iterator[list[KeptRun]]:
        """Yield the runs of an experiment, some at a time."""
        query = (
            select(run_rows.c.id, run_rows.c.deleted_at)
            .where(run_rows.c.experiment == int(experiment_id))
            .order_by(run_rows.c.id)
        )
        rows = self._connection.execute(query).all()
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            found = runs.load_ids(self._connection, [row.id for row in part])
            yield [
                KeptRun(row.id, run, row.deleted_at) for row, run in zip(part, found, strict=True)
            ]

    def points(self, run: int) -> Iterator[tuple[str, list[Point]]]:
        """Yield the points of a run, some at a time, each list of one key."""
        query = select(series_rows.c.key, series_rows.c.id).where(series_rows.c.run == run)
        for key, number in self._connection.execute(query.order_by(series_rows.c.key)).all():
            after = history.BEGINNING
            while places := history.read(self._connection, number, after=after, limit=PAGE):
                yield (
                    key,
                    [
                        (timestamp, step, float("nan") if missing else value)
                        for timestamp, step, value, missing in places
                    ],
                )
                after = places[-1]

    def models(self, experiment_id: str) -> list[FoundModel]:
        """Return the logged models of an experiment."""
        query = (
            select(model_rows)
            .where(model_rows.c.experiment == int(experiment_id))
            .order_by(model_rows.c.id)
        )
        rows = self._connection.execute(query).all()
        found = logged_models.load(self._connection, rows)
        return [
            FoundModel(model, row.lifecycle_stage == "deleted")
            for row, model in zip(rows, found, strict=True)
        ]

    def registered(self) -> Iterator[KeptModel]:
        """Yield the registered models, by name."""
        there = registered_models.c.deleted_at.is_(None)
        query = select(registered_models).where(there).order_by(registered_models.c.name)
        for row in self._connection.execute(query).all():
            model = registry_records.models(self._connection, [row])[0]
            versions = select(model_versions, registered_models.c.name).join(registered_models)
            mine = versions.where(model_versions.c.model_id == row.id)
            rows = self._connection.execute(mine.order_by(model_versions.c.version)).all()
            kept = [version for version in rows if not version.deleted]
            yield KeptModel(
                model,
                registry_records.versions(self._connection, kept),
                [version.version for version in rows if version.deleted],
                row.last_version,
            )
