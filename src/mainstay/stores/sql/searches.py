"""The searches of tracking: runs, experiments, logged models."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Text,
    cast,
    exists,
    func,
    or_,
    select,
    true,
)

from mainstay import filters
from mainstay.entities.experiments import Experiment
from mainstay.entities.logged_models import LoggedModel
from mainstay.entities.pages import DatasetRef, Page, Search
from mainstay.entities.runs import Run
from mainstay.errors import BadInput, NotFound
from mainstay.filters import Comparison
from mainstay.stores.sql import experiments as experiment_rows
from mainstay.stores.sql import logged_models as logged_model_rows
from mainstay.stores.sql import runs as run_rows
from mainstay.stores.sql.paging import page_of
from mainstay.stores.sql.search import Fields, Keyed, compare
from mainstay.stores.sql.statements import Statement, among
from mainstay.stores.sql.tables.experiments import experiment_tags, experiments
from mainstay.stores.sql.tables.inputs import datasets, input_tags, inputs
from mainstay.stores.sql.tables.logged_models import (
    logged_model_metrics,
    logged_model_params,
    logged_model_tags,
    logged_models,
)
from mainstay.stores.sql.tables.metrics import series
from mainstay.stores.sql.tables.runs import params, runs, tags

MOST = 50_000
"""Results of a page, as in MLflow."""

CONTEXT_TAG = "mlflow.data.context"

_EXPERIMENTS = Statement(
    "SELECT id, name, artifact_location, lifecycle_stage, creation_time, last_update_time "
    "FROM experiments WHERE id {among}"
)


def search_runs(connection: Connection, experiment_ids: Sequence[str], search: Search) -> Page[Run]:
    """Return a page of runs. Raises: BadInput."""
    found, token = find_runs(connection, experiment_ids, search)
    return Page(run_rows.load_ids(connection, found), token)


def find_runs(
    connection: Connection, experiment_ids: Sequence[str], search: Search
) -> tuple[list[int], str | None]:
    """Return the internal numbers of a page of runs, and its token. Raises: BadInput."""
    numbers = numbers_of(experiment_ids)
    return page_of(
        connection,
        RUNS,
        search,
        where=[_visible(runs.c.lifecycle_stage, search)],
        within=[runs.c.experiment.in_(numbers)],
        apart=[runs.c.experiment == number for number in numbers],
        scope=repr(numbers),
        most=MOST,
    )


def search_experiments(connection: Connection, search: Search) -> Page[Experiment]:
    """Return a page of experiments. Raises: BadInput."""
    found, token = page_of(
        connection,
        EXPERIMENTS,
        search,
        where=[_visible(experiments.c.lifecycle_stage, search)],
        most=MOST,
    )
    rows = {row.id: row for row in _EXPERIMENTS.rows(connection, among(connection, found))}
    return Page(experiment_rows.load(connection, [rows[number] for number in found]), token)


def search_logged_models(
    connection: Connection, experiment_ids: Sequence[str], search: Search
) -> Page[LoggedModel]:
    """Return a page of logged models that are not deleted. Raises: BadInput."""
    numbers = numbers_of(experiment_ids)
    where = [
        logged_models.c.experiment.in_(numbers),
        logged_models.c.lifecycle_stage == "active",
    ]
    fields = LOGGED_MODELS
    if search.datasets or search.order_dataset:
        metric = _about(fields.keyed["metric"], search)
        fields = msgspec.structs.replace(fields, keyed={**fields.keyed, "metric": metric})
    if search.datasets:
        about = fields.keyed["metric"].table
        where.append(fields.identity.in_(select(about.c.model)))
    found, token = page_of(
        connection,
        fields,
        search,
        where=where,
        scope=repr((numbers, search.datasets, search.order_dataset)),
        most=MOST,
    )
    return Page(logged_model_rows.load_ids(connection, found), token)


def numbers_of(experiment_ids: Sequence[str]) -> list[int]:
    """Return experiment ids as numbers; unknown ones find nothing. Raises: BadInput (words)."""
    found = set()
    for text in experiment_ids:
        with suppress(NotFound):  # no experiment can have so long a number
            found.add(experiment_rows.number_of(text))
    return sorted(found)


def _visible(stage: ColumnElement[Any], search: Search) -> ColumnElement[bool]:
    match search.view:
        case "ACTIVE_ONLY":
            return stage == "active"
        case "DELETED_ONLY":
            return stage == "deleted"
        case "ALL":
            return true()
    raise BadInput(  # a value that came past the type
        f"{search.view!r} is not a view; use ACTIVE_ONLY, DELETED_ONLY or ALL"
    )


def _dataset(comparison: Comparison, dialect: str) -> ColumnElement[bool]:
    """Compare the name, digest or context of any data set that a run read."""
    source = inputs.join(datasets, datasets.c.id == inputs.c.dataset)
    mine = inputs.c.run == runs.c.id
    if comparison.key == "context":
        source = source.join(input_tags, input_tags.c.input == inputs.c.id)
        mine = mine & (input_tags.c.key == CONTEXT_TAG)
        column = input_tags.c.value
    else:
        column = datasets.c[comparison.key]
    if comparison.operator == "IS NULL":
        return ~exists(select(1).select_from(source).where(mine))
    return exists(select(1).select_from(source).where(mine, compare(column, comparison, dialect)))


def _about(metric: Keyed, search: Search) -> Keyed:
    """Return the points of logged models that are about the data sets of a search."""
    if search.datasets:
        chosen = or_(*(_of(one) for one in search.datasets))
        table = select(logged_model_metrics).where(chosen).subquery()
        metric = msgspec.structs.replace(
            metric, table=table, owner=table.c.model, key=table.c.key, value=table.c.value
        )
    if search.order_dataset:
        metric = msgspec.structs.replace(metric, newest=_newest(_of(search.order_dataset)))
    return metric


def _of(dataset: DatasetRef) -> ColumnElement[bool]:
    """Return the condition that a point is about a data set."""
    points = logged_model_metrics.c
    same = points.dataset_name == dataset.name
    return same if dataset.digest is None else same & (points.dataset_digest == dataset.digest)


def _newest(condition: ColumnElement[bool] | None = None) -> FromClause:
    """Return the newest point, of those meant, of each metric of each logged model."""
    points = logged_model_metrics.c
    rank = func.row_number().over(
        partition_by=(points.model, points.key),
        order_by=(points.timestamp.desc(), points.step.desc(), points.id.desc()),
    )
    meant = true() if condition is None else condition
    ranked = (
        select(points.model, points.key, points.value, rank.label("rank")).where(meant).subquery()
    )
    return select(ranked).where(ranked.c.rank == 1).subquery()


RUNS = Fields(
    spec=filters.RUNS,
    source=runs,
    identity=runs.c.id,
    attributes={
        "run_id": runs.c.run_id,
        "run_name": runs.c.name,
        "status": runs.c.status,
        "user_id": runs.c.user_id,
        "artifact_uri": runs.c.artifact_uri,
        "start_time": runs.c.start_time,
        "end_time": runs.c.end_time,
        "duration": runs.c.end_time - runs.c.start_time,
    },
    keyed={
        "param": Keyed(
            table=params,
            owner=params.c.run,
            key=params.c.key,
            value=params.c.value,
            indexed=True,
        ),
        "tag": Keyed(
            table=tags, owner=tags.c.run, key=tags.c.key, value=tags.c.value, indexed=True
        ),
        "metric": Keyed(
            table=series,
            owner=series.c.run,
            key=series.c.key,
            value=series.c.last,
            nan=True,
            ordered=True,
        ),
    },
    special={"dataset": _dataset},
    walked=frozenset({"start_time", "run_name"}),
    ties=((runs.c.start_time, False), (runs.c.run_id, True)),
)
EXPERIMENTS = Fields(
    spec=filters.EXPERIMENTS,
    source=experiments,
    identity=experiments.c.id,
    attributes={
        "name": experiments.c.name,
        "experiment_id": cast(experiments.c.id, Text),
        "creation_time": experiments.c.creation_time,
        "last_update_time": experiments.c.last_update_time,
    },
    sortable={"experiment_id": experiments.c.id},
    keyed={
        "tag": Keyed(
            table=experiment_tags,
            owner=experiment_tags.c.experiment,
            key=experiment_tags.c.key,
            value=experiment_tags.c.value,
        )
    },
    ties=((experiments.c.creation_time, False), (experiments.c.id, False)),
)
LOGGED_MODELS = Fields(
    spec=filters.LOGGED_MODELS,
    source=logged_models,
    identity=logged_models.c.id,
    attributes={
        "model_id": logged_models.c.model_id,
        "name": logged_models.c.name,
        "model_type": logged_models.c.model_type,
        "status": logged_models.c.status,
        "source_run_id": logged_models.c.source_run_id,
        "artifact_location": logged_models.c.artifact_location,
        "creation_timestamp": logged_models.c.created_at,
        "last_updated_timestamp": logged_models.c.updated_at,
    },
    keyed={
        "tag": Keyed(
            table=logged_model_tags,
            owner=logged_model_tags.c.model,
            key=logged_model_tags.c.key,
            value=logged_model_tags.c.value,
        ),
        "param": Keyed(
            table=logged_model_params,
            owner=logged_model_params.c.model,
            key=logged_model_params.c.key,
            value=logged_model_params.c.value,
        ),
        "metric": Keyed(
            table=logged_model_metrics,
            owner=logged_model_metrics.c.model,
            key=logged_model_metrics.c.key,
            value=logged_model_metrics.c.value,
            newest=_newest(),
            nan=True,
        ),
    },
    ties=((logged_models.c.created_at, False), (logged_models.c.model_id, True)),
)
