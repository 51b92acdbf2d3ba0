"""Read back what was brought, beside the source, record by record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from mainstay.entities.experiments import Experiment
from mainstay.entities.logged_models import LoggedModel
from mainstay.entities.registry import RegisteredModel
from mainstay.entities.runs import Run
from mainstay.importing.homes import Homes
from mainstay.importing.source import FoundModel, FoundRegistered, FoundRun, Source
from mainstay.importing.tally import Tally
from mainstay.stores.sql import (
    chunks,
    experiments,
    history,
    logged_models,
    registry_records,
    runs,
)
from mainstay.stores.sql.chunks import Point
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.rules import stored
from mainstay.stores.sql.tables import logged_models as model_tables
from mainstay.stores.sql.tables import metrics as metric_tables
from mainstay.stores.sql.tables import registry as tables
from mainstay.stores.sql.tables import runs as run_tables

PAGE = 25_000


class Comparison:
    """Puts records of the source, addresses translated, beside what this database gives back.

    What is only here is not looked at: several sources may share a database, and runs may go on.
    """

    def __init__(self, source: Source, database: Database, homes: Homes, tally: Tally) -> None:
        self._source = source
        self._database = database
        self._homes = homes
        self._tally = tally

    def experiment(self, there: Experiment) -> None:
        """Compare an experiment's head and tags."""
        number = self._homes.experiment(there.experiment_id).id
        with self._database.read() as connection:
            here = experiments.load(connection, [experiments.find(connection, number)])[0]
        # One that was here before is as old as the older of the two.
        age = min(there.creation_time, here.creation_time)
        self._tally.pair(
            "experiments",
            [there.name, there.lifecycle_stage, age],
            [here.name, here.lifecycle_stage, here.creation_time],
            f"experiment {there.name!r}",
        )
        self._tally.pairs("experiment tags", there.tags, here.tags, f"experiment {there.name!r}")

    def runs(self, found: Sequence[FoundRun]) -> None:
        """Compare runs with all that hangs on them."""
        with self._database.read() as connection:
            table = run_tables.runs
            ids = [one.run.info.run_id for one in found]
            numbers = {
                row.run_id: row.id
                for row in connection.execute(
                    select(table.c.run_id, table.c.id).where(table.c.run_id.in_(ids))
                )
            }
            here = {
                run.info.run_id: run for run in runs.load_ids(connection, list(numbers.values()))
            }
            for one in found:
                run_id = one.run.info.run_id
                self._run(one.run, here.get(run_id))
                if run_id in numbers:
                    self._points(connection, run_id, numbers[run_id])

    def models(self, experiment_id: str) -> None:
        """Compare the logged models of an experiment."""
        found = self._source.models(experiment_id)
        for start in range(0, len(found), 500):
            with self._database.read() as connection:
                self._some_models(connection, found[start : start + 500])

    def registered(self, found: FoundRegistered) -> None:
        """Compare a registered model with its versions and aliases."""
        with self._database.read() as connection:
            table = tables.registered_models
            rows = connection.execute(select(table).where(table.c.name == found.model.name)).all()
            here = registry_records.models(connection, rows)
            keys = [(rows[0].id, version.version) for version in found.versions] if rows else []
            versions = {
                version.version: version
                for version in registry_records.versions_by_key(connection, keys)
            }
        name, model = found.model.name, here[0] if here else None
        self._tally.pair(
            "registered models",
            _model_head(found.model),
            model and _model_head(model, found.model),
            f"registered model {name!r}",
        )
        for there in found.versions:
            got = versions.get(there.version)
            self._tally.pair(
                "versions",
                _version_head(there),
                got and _version_head(got, there),
                f"{name} v{there.version}",
            )
        self._tally.pairs("aliases", found.model.aliases, model.aliases if model else {}, name)

    def _run(self, there: Run, here: Run | None) -> None:
        what = f"run {there.info.run_id}"
        info = msgspec.structs.replace(
            there.info,
            experiment_id=str(self._homes.experiment(there.info.experiment_id).id),
            artifact_uri=self._homes.run_root(there),
        )
        self._tally.pair("runs", info, here and here.info, what)
        data = here.data if here else type(there.data)()
        self._tally.pairs("params", there.data.params, data.params, what)
        self._tally.pairs("tags", there.data.tags, data.tags, what)
        self._tally.pairs("data sets", _datasets(there), _datasets(here), what)
        self._tally.pairs("model links", _links(there), _links(here), what)

    def _points(self, connection: Connection, run_id: str, number: int) -> None:
        table = metric_tables.series
        query = select(table.c.key, table.c.id).where(table.c.run == number)
        series = {row[0]: row[1] for row in connection.execute(query)}
        for key, pieces in groupby(self._source.points(run_id), key=itemgetter(0)):
            here = _Reader(connection, series.get(key))
            for _, piece in pieces:
                self._tally.points(piece, here.those_of(piece), f"{key!r} of run {run_id}")

    def _some_models(self, connection: Connection, found: Sequence[FoundModel]) -> None:
        table = model_tables.logged_models
        ids = [one.model.model_id for one in found]
        rows = connection.execute(select(table).where(table.c.model_id.in_(ids))).all()
        deleted = {row.model_id: row.lifecycle_stage == "deleted" for row in rows}
        here = {model.model_id: model for model in logged_models.load(connection, rows)}
        for one in found:
            there, got = one.model, here.get(one.model.model_id)
            location = self._homes.model_root(there)
            experiment = str(self._homes.experiment(there.experiment_id).id)
            moved = msgspec.structs.replace(
                there, artifact_location=location, experiment_id=experiment
            )
            self._tally.pair(
                "logged models",
                [_logged_model(moved, there), one.deleted],
                got and [_logged_model(got, there), deleted[got.model_id]],
                f"logged model {there.model_id}",
            )


class _Reader:
    """Reads a series here alongside the source's, and gives those points that both have."""

    def __init__(self, connection: Connection, series: int | None) -> None:
        self._points = self._read(connection, series) if series is not None else iter(())
        self._next = next(self._points, None)

    def those_of(self, wanted: Sequence[Point]) -> list[Point]:
        """Return those of the next points of the source that are here too."""
        found = []
        for point in wanted:
            place = chunks.order(point)
            while self._next is not None and chunks.order(self._next) < place:
                self._next = next(self._points, None)
            if self._next is not None and _same(self._next, point):
                found.append(self._next)
        return found

    @staticmethod
    def _read(connection: Connection, series: int) -> Iterator[Point]:
        after = history.BEGINNING
        while places := history.read(connection, series, after=after, limit=PAGE):
            for timestamp, step, value, missing in places:
                yield timestamp, step, float("nan") if missing else value
            after = places[-1]


def _same(one: Point, other: Point) -> bool:
    return one[:2] == other[:2] and stored(one[2]) == stored(other[2])


def _datasets(run: Run | None) -> dict[str, Any]:
    items = run.inputs.dataset_inputs if run else ()
    return {f"{item.dataset.name} {item.dataset.digest}": item for item in items}


def _links(run: Run | None) -> dict[str, Any]:
    if run is None:
        return {}
    used = {f"input {item.model_id}": True for item in run.inputs.model_inputs}
    made = {f"output {item.model_id} {item.step}": True for item in run.outputs.model_outputs}
    return used | made


def _logged_model(model: LoggedModel, like: LoggedModel) -> dict[str, Any]:
    """Return what is compared of a logged model: of tags and parameters, those the source has."""
    values = msgspec.structs.asdict(model)
    values["tags"] = {key: model.tags.get(key) for key in like.tags}
    values["params"] = {key: model.params.get(key) for key in like.params}
    known = {_metric(metric) for metric in like.metrics}
    values["metrics"] = sorted(repr(one) for one in map(_metric, model.metrics) if one in known)
    return values


def _metric(metric: Any) -> tuple[Any, ...]:
    place = (metric.key, metric.timestamp, metric.step, metric.run_id)
    return (*place, stored(metric.value), metric.dataset_name, metric.dataset_digest)


def _model_head(model: RegisteredModel, like: RegisteredModel | None = None) -> list[Any]:
    tags = (like or model).tags
    return [model.name, model.creation_timestamp, model.description, _only(model.tags, tags)]


def _version_head(version: Any, like: Any = None) -> dict[str, Any]:
    values = msgspec.structs.asdict(version)
    for field in ("digest", "aliases", "last_updated_timestamp"):  # the last changes with tags here
        del values[field]
    values["tags"] = _only(version.tags, (like or version).tags)
    return values


def _only(tags: dict[str, str], wanted: dict[str, str]) -> dict[str, str | None]:
    return {key: tags.get(key) for key in wanted}
