"""Write what another store kept, as it was: its ids, times, states and users.

Every function works inside the caller's transaction and may be repeated: natural keys decide what
is new, and what is here already keeps its value. Limits of the live API are not applied, since
what another store accepted must not be lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from mainstay.entities.experiments import Experiment
from mainstay.entities.logged_models import LoggedModel
from mainstay.entities.metrics import Metric
from mainstay.entities.runs import TERMINAL, Run
from mainstay.stores.sql import experiments as named
from mainstay.stores.sql import keys, metrics, runs, sealing
from mainstay.stores.sql.rules import stored
from mainstay.stores.sql.tables.experiments import experiment_tags, experiments
from mainstay.stores.sql.tables.logged_models import (
    logged_model_metrics,
    logged_model_params,
    logged_model_tags,
    logged_models,
)
from mainstay.stores.sql.tables.metrics import series
from mainstay.stores.sql.tables.runs import params, tags
from mainstay.stores.sql.tables.runs import runs as run_rows

SMALL = 2**31
"""Ids of other stores above this (file stores make them of 18 digits) move no counter."""


def experiment(connection: Connection, wanted: Experiment, *, root: str | None) -> Any:
    """Return the row of the experiment of that name, made with its old id if that is free.

    ``root`` is below which new artifacts go, as ``<root>/<id>``; None keeps the old location.
    """
    row = named.find_named(connection, wanted.name)
    if row is None:
        row = _new_experiment(connection, wanted, root)
    elif not _in_use(connection, row.id):
        _state(connection, row.id, wanted)
    elif 0 < wanted.creation_time < row.creation_time:
        connection.execute(
            update(experiments)
            .where(experiments.c.id == row.id)
            .values(creation_time=wanted.creation_time)
        )
    pairs = [{"experiment": row.id, "key": k, "value": v} for k, v in wanted.tags.items()]
    keep(connection, experiment_tags, pairs)
    return row


def run(
    connection: Connection,
    experiment: Any,
    wanted: Run,
    *,
    artifact_uri: str,
    deleted_by: str | None,
    deleted_at: int | None,
) -> Any:
    """Return the row of the run with that id, made or completed, with parameters and tags."""
    info = wanted.info
    keep(
        connection,
        run_rows,
        [
            {
                "run_id": info.run_id,
                "experiment": experiment.id,
                "name": info.run_name,
                "user_id": info.user_id,
                "status": info.status,
                "start_time": info.start_time,
                "end_time": info.end_time,
                "artifact_uri": artifact_uri,
                "lifecycle_stage": info.lifecycle_stage,
                "deleted_by": deleted_by,
                "deleted_at": deleted_at,
            }
        ],
        key=["run_id"],
    )
    row = runs.find(connection, info.run_id)
    if row.status not in TERMINAL and row.status != info.status:
        connection.execute(
            update(run_rows)
            .where(run_rows.c.id == row.id)
            .values(status=info.status, end_time=info.end_time)
        )
    keys.note(connection, experiment.id, "param", wanted.data.params)
    keys.note(connection, experiment.id, "tag", wanted.data.tags)
    for table, values in ((params, wanted.data.params), (tags, wanted.data.tags)):
        keep(connection, table, [{"run": row.id, "key": k, "value": values[k]} for k in values])
    return row


def counted(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return how many points each series of some runs holds."""
    found: dict[int, dict[str, int]] = {}
    query = select(series.c.run, series.c.key, series.c.count).where(series.c.run.in_(numbers))
    for run, key, count in connection.execute(query):
        found.setdefault(run, {})[key] = count
    return found


def points(connection: Connection, run: int, points: Sequence[Metric]) -> None:
    """Add points to a run; exact duplicates have no effect."""
    metrics.write(connection, run, points)


def settle(connection: Connection, run: int) -> None:
    """Seal the tails of a run whose points are all there."""
    sealing.seal_run(connection, run)


def logged_model(
    connection: Connection,
    experiment: Any,
    wanted: LoggedModel,
    *,
    artifact_location: str,
    deleted: bool,
) -> None:
    """Keep a logged model with its tags, parameters and metrics; their runs must be here."""
    keep(
        connection,
        logged_models,
        [
            {
                "model_id": wanted.model_id,
                "experiment": experiment.id,
                "name": wanted.name,
                "artifact_location": artifact_location,
                "created_at": wanted.creation_timestamp,
                "updated_at": wanted.last_updated_timestamp,
                "status": wanted.status,
                "status_message": wanted.status_message,
                "lifecycle_stage": "deleted" if deleted else "active",
                "model_type": wanted.model_type,
                "source_run_id": wanted.source_run_id,
            }
        ],
        key=["model_id"],
    )
    row = connection.execute(
        select(logged_models).where(logged_models.c.model_id == wanted.model_id)
    ).one()
    if row.status == "PENDING" != wanted.status:
        connection.execute(
            update(logged_models)
            .where(logged_models.c.id == row.id)
            .values(status=wanted.status, updated_at=wanted.last_updated_timestamp)
        )
    for table, values in ((logged_model_tags, wanted.tags), (logged_model_params, wanted.params)):
        keep(connection, table, [{"model": row.id, "key": k, "value": values[k]} for k in values])
    _model_metrics(connection, row.id, wanted.metrics)


def keep(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Iterable[str] | None = None,
) -> None:
    """Insert the rows whose key (default: the primary key) is not taken."""
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    taken = list(key or (column.name for column in table.primary_key))
    connection.execute(
        dialect.insert(table).on_conflict_do_nothing(index_elements=taken),
        [dict(row) for row in rows],
    )


def _new_experiment(connection: Connection, wanted: Experiment, root: str | None) -> Any:
    number = int(wanted.experiment_id) if wanted.experiment_id.isdecimal() else None
    if (
        number is not None
        and connection.execute(select(experiments.c.id).where(experiments.c.id == number)).first()
    ):
        number = None
    values = {
        "name": wanted.name,
        "artifact_location": wanted.artifact_location,
        "lifecycle_stage": wanted.lifecycle_stage,
        "creation_time": wanted.creation_time,
        "last_update_time": wanted.last_update_time,
    }
    if number is not None:
        values["id"] = number
    keep(connection, experiments, [values], key=["name"])
    row = named.find_named(connection, wanted.name)
    assert row is not None, "the experiment was just written"
    if root is not None:
        connection.execute(
            update(experiments)
            .where(experiments.c.id == row.id)
            .values(artifact_location=named.below(root, str(row.id)))
        )
    if number is not None and number < SMALL and connection.dialect.name == "postgresql":
        # PostgreSQL's counter does not see ids that were given.
        connection.execute(
            text(
                "SELECT setval(pg_get_serial_sequence('experiments', 'id'), "
                "GREATEST((SELECT last_value FROM experiments_id_seq), :number, 1))"
            ),
            {"number": number},
        )
    return named.find(connection, row.id)


def _in_use(connection: Connection, number: int) -> bool:
    """Tell whether an experiment has runs, models or tags: a new Default has none."""
    tables = (
        (run_rows, run_rows.c.experiment),
        (logged_models, logged_models.c.experiment),
        (experiment_tags, experiment_tags.c.experiment),
    )
    return any(
        connection.execute(
            select(func.count()).select_from(table).where(column == number).limit(1)
        ).scalar()
        for table, column in tables
    )


def _state(connection: Connection, number: int, wanted: Experiment) -> None:
    connection.execute(
        update(experiments)
        .where(experiments.c.id == number)
        .values(
            lifecycle_stage=wanted.lifecycle_stage,
            creation_time=wanted.creation_time,
            last_update_time=wanted.last_update_time,
        )
    )


def _model_metrics(connection: Connection, model: int, wanted: Sequence[Metric]) -> None:
    """Add the points of a model that are not there."""
    table = logged_model_metrics
    numbers = {
        run_id: runs.find(connection, run_id).id
        for run_id in {metric.run_id for metric in wanted if metric.run_id}
    }
    fields = ("run", "key", "timestamp", "step", "value", "dataset_name", "dataset_digest")
    columns = [table.c[field] for field in fields]
    known = {
        tuple(row) for row in connection.execute(select(*columns).where(table.c.model == model))
    }
    rows = []
    for metric in wanted:
        identity = (
            *(numbers[metric.run_id or ""], metric.key, metric.timestamp, metric.step),
            *(stored(metric.value), metric.dataset_name, metric.dataset_digest),
        )
        if identity not in known:
            known.add(identity)
            rows.append({"model": model, **dict(zip(fields, identity, strict=True))})
    if rows:
        connection.execute(table.insert(), rows)
