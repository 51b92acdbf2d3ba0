"""Logged models: create, finalise, tag, delete; their parameters and metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args
from uuid import uuid4

from sqlalchemy import Connection

from mainstay.entities import names
from mainstay.entities.accounts import Principal
from mainstay.entities.logged_models import LoggedModel, LoggedModelStatus
from mainstay.entities.metrics import Metric
from mainstay.errors import BadInput, NotFound
from mainstay.stores.sql import experiments, rules, upsert
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.rules import loaded, stored
from mainstay.stores.sql.statements import Statement, among
from mainstay.stores.sql.tables.logged_models import logged_models

NAME_LENGTH = 500
STATUSES = get_args(LoggedModelStatus)
FORBIDDEN = ("/", ":", ".", "%", '"', "'")
"""Characters that no name of a logged model has."""

COLUMNS = (
    "id, model_id, experiment, name, artifact_location, created_at, updated_at, status, "
    "status_message, model_type, source_run_id, lifecycle_stage"
)
_FIND = Statement(f"SELECT {COLUMNS} FROM logged_models WHERE model_id = ?")
_HOLD = Statement(f"SELECT {COLUMNS} FROM logged_models WHERE model_id = ? {{lock}}")
_BY_IDS = Statement(f"SELECT {COLUMNS} FROM logged_models WHERE id {{among}}")
_NUMBERS = Statement(
    "SELECT model_id, id FROM logged_models "
    "WHERE model_id {among} AND lifecycle_stage = 'active' ORDER BY id"
)
_FINALIZE = Statement("UPDATE logged_models SET status = ?, updated_at = ? WHERE id = ?")
_TOUCH = Statement("UPDATE logged_models SET updated_at = ? WHERE id = ?")
_DELETE = Statement(
    "UPDATE logged_models SET lifecycle_stage = 'deleted', updated_at = ? WHERE id = ?"
)
_TAGS = Statement(
    "SELECT model, key, value FROM logged_model_tags WHERE model {among} ORDER BY model, key"
)
_PARAMS = Statement(
    "SELECT model, key, value FROM logged_model_params WHERE model {among} ORDER BY model, key"
)
_METRICS = Statement(
    "SELECT model, runs.run_id, key, value, timestamp, step, dataset_name, dataset_digest "
    "FROM logged_model_metrics JOIN runs ON runs.id = logged_model_metrics.run "
    "WHERE model {among} ORDER BY model, key, timestamp, step, logged_model_metrics.id"
)
_SET_TAG = Statement(
    "INSERT INTO logged_model_tags (model, key, value) VALUES (?, ?, ?) "
    "ON CONFLICT (model, key) DO UPDATE SET value = excluded.value"
)
_DELETE_TAG = Statement("DELETE FROM logged_model_tags WHERE model = ? AND key = ?")
_NEW_PARAM = Statement("INSERT INTO logged_model_params (model, key, value) VALUES (?, ?, ?)")
_KNOWN_METRICS = Statement(
    "SELECT model, key, timestamp, step, value, dataset_name, dataset_digest "
    "FROM logged_model_metrics WHERE run = ? AND model {among}"
)
_NEW_METRIC = Statement(
    "INSERT INTO logged_model_metrics "
    "(model, run, key, timestamp, step, value, dataset_name, dataset_digest) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def create(
    connection: Connection,
    experiment: Any,
    *,
    name: str | None,
    model_id: str | None,
    model_type: str | None,
    source_run_id: str | None,
    params: Mapping[str, str],
    tags: Mapping[str, str],
    by: Principal,
) -> Any:
    """Create a logged model in an experiment (its row) and return its row. Raises: BadInput."""
    wanted = rules.model_id(model_id) if model_id else f"m-{uuid4().hex}"
    if model_id and (known := _FIND.row(connection, wanted)) is not None:
        return _same_experiment(known, experiment)
    experiments.active(experiment)
    checked_tags, checked_params = _values(tags, "Tag"), _values(params, "Param")
    moment = now()
    inserted = connection.execute(
        _insert(connection).values(
            model_id=wanted,
            experiment=experiment.id,
            name=_name(name),
            artifact_location=experiments.below(
                experiment.artifact_location, f"models/{wanted}/artifacts"
            ),
            created_at=moment,
            updated_at=moment,
            status="PENDING",
            lifecycle_stage="active",
            model_type=model_type and rules.plain(model_type, "Model type", most=NAME_LENGTH),
            source_run_id=source_run_id and rules.plain(source_run_id, "Source run id", most=64),
            recorded_by=str(by),
        )
    )
    row = find(connection, wanted)
    if not inserted.rowcount:  # another transaction created it meanwhile
        return _same_experiment(row, experiment)
    _SET_TAG.many(connection, [(row.id, *pair) for pair in checked_tags.items()])
    _NEW_PARAM.many(connection, [(row.id, *pair) for pair in checked_params.items()])
    return row


def find(connection: Connection, model_id: str) -> Any:
    """Return a model's row. Raises: NotFound (deleted ones too)."""
    return _there(_FIND.row(connection, model_id) if "\x00" not in model_id else None, model_id)


def hold(connection: Connection, model_id: str) -> Any:
    """Return a model's row and keep other writers away. Raises: NotFound (deleted ones too)."""
    return _there(_HOLD.row(connection, model_id) if "\x00" not in model_id else None, model_id)


def load(connection: Connection, rows: Iterable[Any]) -> list[LoggedModel]:
    """Return logged models in the order of the rows."""
    listed = list(rows)
    numbers = among(connection, [row.id for row in listed])
    tags: dict[int, dict[str, str]] = {row.id: {} for row in listed}
    params: dict[int, dict[str, str]] = {row.id: {} for row in listed}
    metrics: dict[int, list[Metric]] = {row.id: [] for row in listed}
    for model, key, value in _TAGS.rows(connection, numbers):
        tags[model][key] = value
    for model, key, value in _PARAMS.rows(connection, numbers):
        params[model][key] = value
    models = {row.id: row.model_id for row in listed}
    for model, run_id, key, value, timestamp, step, name, digest in _METRICS.rows(
        connection, numbers
    ):
        point = Metric(key, loaded(value), timestamp, step, models[model], name, digest, run_id)
        metrics[model].append(point)
    return [_read(row, params[row.id], tags[row.id], metrics[row.id]) for row in listed]


def load_ids(connection: Connection, numbers: Iterable[int]) -> list[LoggedModel]:
    """Return logged models by their internal numbers, in that order."""
    listed = list(numbers)
    rows = {row.id: row for row in _BY_IDS.rows(connection, among(connection, listed))}
    return load(connection, [rows[number] for number in listed])


def finalize(connection: Connection, model_id: str, status: str) -> Any:
    """Set the status and return the row. Raises: NotFound, BadInput."""
    if status not in STATUSES:
        raise BadInput(f"{status!r} is not a model status; use one of {', '.join(STATUSES)}")
    _FINALIZE.run(connection, status, now(), hold(connection, model_id).id)
    return find(connection, model_id)


def delete(connection: Connection, model_id: str) -> None:
    """Mark a model deleted; a deleted one stays so. Raises: NotFound."""
    row = _HOLD.row(connection, model_id) if "\x00" not in model_id else None
    if row is None:
        raise _missing(model_id)
    if row.lifecycle_stage == "active":
        _DELETE.run(connection, now(), row.id)


def set_tags(connection: Connection, model_id: str, tags: Mapping[str, str]) -> Any:
    """Set tags and return the row. Raises: NotFound, BadInput."""
    checked = _values(tags, "Tag")
    row = hold(connection, model_id)
    _SET_TAG.many(connection, [(row.id, *pair) for pair in sorted(checked.items())])
    _TOUCH.run(connection, now(), row.id)
    return find(connection, model_id)


def delete_tag(connection: Connection, model_id: str, key: str) -> None:
    """Take a tag off. Raises: NotFound (model or tag)."""
    row = hold(connection, model_id)
    if "\x00" in key or not _DELETE_TAG.run(connection, row.id, key):
        raise NotFound(f"No tag with key {key!r} found for model with ID {model_id!r}.")


def log_params(connection: Connection, model_id: str, params: Mapping[str, str]) -> None:
    """Add parameters; one that is there keeps its value. Raises: NotFound, BadInput."""
    checked = _values(params, "Param")
    row = hold(connection, model_id)
    logged = {key: value for _, key, value in _PARAMS.rows(connection, among(connection, [row.id]))}
    for key, value in checked.items():
        if logged.get(key, value) != value:
            raise BadInput(
                f"Changing param values is not allowed. Param with key='{key}' was already "
                f"logged with value='{logged[key]}' for model ID='{model_id}'. Attempted logging "
                f"new value '{value}'."
            )
    _NEW_PARAM.many(
        connection, [(row.id, key, value) for key, value in checked.items() if key not in logged]
    )


def log_metrics(connection: Connection, run: int, metrics: Sequence[Metric]) -> None:
    """Keep the points that name a model; exact duplicates have no effect. Raises: NotFound."""
    named = [metric for metric in metrics if metric.model_id]
    if not named:
        return
    wanted = {metric.model_id for metric in named if metric.model_id}
    numbers = {row[0]: row[1] for row in _NUMBERS.rows(connection, among(connection, wanted))}
    for model_id in sorted(wanted):
        if model_id not in numbers:
            raise _missing(model_id)
    known = {
        tuple(row)
        for row in _KNOWN_METRICS.rows(connection, run, among(connection, numbers.values()))
    }
    rows = []
    for metric in named:
        model = numbers[metric.model_id]
        rest = (metric.key, metric.timestamp, metric.step, stored(metric.value))
        data = (metric.dataset_name, metric.dataset_digest)
        if (model, *rest, *data) not in known:
            known.add((model, *rest, *data))
            rows.append((model, run, *rest, *data))
    _NEW_METRIC.many(connection, rows)


def _insert(connection: Connection) -> Any:
    return upsert.insert(connection, logged_models).on_conflict_do_nothing(
        index_elements=["model_id"]
    )


def _there(row: Any | None, model_id: str) -> Any:
    if row is None or row.lifecycle_stage != "active":
        raise _missing(model_id)
    return row


def _missing(model_id: str) -> NotFound:
    return NotFound(f"Logged model with ID '{model_id}' not found.")


def _same_experiment(row: Any, experiment: Any) -> Any:
    if row.experiment != experiment.id:
        raise BadInput(
            f"the model id {row.model_id} belongs to a model of experiment {row.experiment}, "
            f"not of experiment {experiment.id}; give a new id"
        )
    return _there(row, row.model_id)


def _name(name: str | None) -> str:
    if name is None:
        return names.generate()
    if not name.strip() or any(one in name for one in FORBIDDEN):
        raise BadInput(
            f"Invalid model name ({name!r}) provided. Model name must be a non-empty string and "
            f"cannot contain the following characters: {FORBIDDEN}"
        )
    return rules.plain(name, "Logged model name", most=NAME_LENGTH)


def _values(values: Mapping[str, str], what: str) -> dict[str, str]:
    most = rules.LOGGED_MODEL_VALUE_LENGTH
    return {
        rules.key(key, what): rules.shortened(value, f"the value of {what} {key!r}", most=most)
        for key, value in values.items()
    }


def _read(
    row: Any, params: dict[str, str], tags: dict[str, str], metrics: list[Metric]
) -> LoggedModel:
    return LoggedModel(
        model_id=row.model_id,
        experiment_id=str(row.experiment),
        name=row.name,
        artifact_location=row.artifact_location,
        creation_timestamp=row.created_at,
        last_updated_timestamp=row.updated_at,
        status=row.status,
        status_message=row.status_message,
        model_type=row.model_type,
        source_run_id=row.source_run_id,
        params=params,
        tags=tags,
        metrics=metrics,
    )
