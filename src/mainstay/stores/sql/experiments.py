"""Experiments: create, read, rename, delete, restore, tag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from mainstay.entities.experiments import Experiment
from mainstay.errors import AlreadyExists, BadInput, InvalidState, NotFound
from mainstay.stores.sql import rules
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.statements import Statement, among
from mainstay.stores.sql.tables.experiments import experiments

NAME_LENGTH = 500
LOCATION_LENGTH = 2048

_COLUMNS = "id, name, artifact_location, lifecycle_stage, creation_time, last_update_time"
_BY_ID = Statement(f"SELECT {_COLUMNS} FROM experiments WHERE id = ?")
_HOLD = Statement(f"SELECT {_COLUMNS} FROM experiments WHERE id = ? {{lock}}")
_SHARE = Statement(f"SELECT {_COLUMNS} FROM experiments WHERE id = ? {{share}}")
_BY_NAME = Statement(f"SELECT {_COLUMNS} FROM experiments WHERE name = ?")
_SET_LOCATION = Statement("UPDATE experiments SET artifact_location = ? WHERE id = ?")
_RENAME = Statement("UPDATE experiments SET name = ?, last_update_time = ? WHERE id = ?")
_TOUCH = Statement("UPDATE experiments SET last_update_time = ? WHERE id = ?")
_MARK = Statement("UPDATE experiments SET lifecycle_stage = ?, last_update_time = ? WHERE id = ?")
_DELETE_RUNS = Statement(
    "UPDATE runs SET lifecycle_stage = 'deleted', deleted_by = 'experiment', deleted_at = ? "
    "WHERE experiment = ? AND lifecycle_stage = 'active'"
)
_RESTORE_RUNS = Statement(
    "UPDATE runs SET lifecycle_stage = 'active', deleted_by = NULL, deleted_at = NULL "
    "WHERE experiment = ? AND lifecycle_stage = 'deleted' AND deleted_by = 'experiment'"
)
_TAGS = Statement(
    "SELECT experiment, key, value FROM experiment_tags WHERE experiment {among} "
    "ORDER BY experiment, key"
)
_SET_TAG = Statement(
    "INSERT INTO experiment_tags (experiment, key, value) VALUES (?, ?, ?) "
    "ON CONFLICT (experiment, key) DO UPDATE SET value = excluded.value"
)
_DELETE_TAG = Statement("DELETE FROM experiment_tags WHERE experiment = ? AND key = ?")


def create(
    connection: Connection,
    name: str,
    *,
    artifact_location: str | None,
    tags: Mapping[str, str],
    root: str,
) -> int:
    """Create an experiment and return its number. Raises: AlreadyExists, BadInput."""
    _check_name(name)
    checked = {key: _tag(key, value) for key, value in tags.items()}
    if artifact_location is not None:
        _check_location(artifact_location)
    moment = now()
    try:
        with connection.begin_nested():
            number: int = connection.execute(
                experiments.insert()
                .values(
                    name=name,
                    artifact_location=artifact_location or "",
                    lifecycle_stage="active",
                    creation_time=moment,
                    last_update_time=moment,
                )
                .returning(experiments.c.id)
            ).scalar_one()
    except IntegrityError as error:
        raise _taken(connection, name) from error
    if not artifact_location:
        _SET_LOCATION.run(connection, below(root, str(number)), number)
    _SET_TAG.many(connection, [(number, key, value) for key, value in checked.items()])
    return number


def below(root: str, path: str) -> str:
    """Return the address of ``path`` under a root, before a query if the root has one."""
    base, mark, query = root.partition("?")
    joint = "" if base.endswith("/") else "/"
    return f"{base}{joint}{path}{mark}{query}"


def number_of(experiment_id: str) -> int:
    """Return an experiment id as a number. Raises: NotFound, BadInput (it is no number)."""
    if not isinstance(experiment_id, str) or not experiment_id.removeprefix("-").isdecimal():
        raise BadInput(
            f"Invalid experiment ID '{experiment_id}'. Experiment ID must be a valid integer."
        )
    if len(experiment_id) < 19 and (number := int(experiment_id)) >= 0:
        return number
    raise missing(experiment_id)


def missing(experiment_id: object) -> NotFound:
    """Return the error for an id that no experiment has."""
    return NotFound(f"No Experiment with id={experiment_id} exists")


def hold(connection: Connection, number: int) -> Any:
    """Return an experiment's row and keep others from changing it. Raises: NotFound."""
    row = _HOLD.row(connection, number)
    if row is None:
        raise missing(number)
    return row


def find(connection: Connection, number: int) -> Any:
    """Return an experiment's row. Raises: NotFound."""
    row = _BY_ID.row(connection, number)
    if row is None:
        raise missing(number)
    return row


def share(connection: Connection, number: int) -> Any:
    """Return an experiment's row and keep it from being deleted meanwhile. Raises: NotFound."""
    row = _SHARE.row(connection, number)
    if row is None:
        raise missing(number)
    return row


def find_named(connection: Connection, name: str) -> Any | None:
    """Return the row of the experiment with a name, or None."""
    return _BY_NAME.row(connection, name) if "\x00" not in name else None


def active(row: Any) -> Any:
    """Return the row if its experiment is active. Raises: InvalidState."""
    if row.lifecycle_stage != "active":
        raise InvalidState(
            f"The experiment {row.id} must be in the 'active' state. "
            f"Current state is {row.lifecycle_stage}."
        )
    return row


def load(connection: Connection, rows: Iterable[Any]) -> list[Experiment]:
    """Return experiments with their tags, in the order of the rows."""
    listed = list(rows)
    tags: dict[int, dict[str, str]] = {row.id: {} for row in listed}
    for number, key, value in _TAGS.rows(connection, among(connection, tags)):
        tags[number][key] = value
    return [
        Experiment(
            experiment_id=str(row.id),
            name=row.name,
            artifact_location=row.artifact_location,
            lifecycle_stage=row.lifecycle_stage,
            creation_time=row.creation_time,
            last_update_time=row.last_update_time,
            tags=tags[row.id],
        )
        for row in listed
    ]


def rename(connection: Connection, number: int, name: str) -> None:
    """Rename an active experiment. Raises: NotFound, InvalidState, AlreadyExists, BadInput."""
    _check_name(name)
    row = hold(connection, number)
    if row.lifecycle_stage != "active":
        raise InvalidState(f"Cannot rename experiment {number}: it is deleted; restore it first")
    try:
        with connection.begin_nested():
            _RENAME.run(connection, name, now(), number)
    except IntegrityError as error:
        raise _taken(connection, name) from error


def delete(connection: Connection, number: int) -> None:
    """Mark an experiment and its active runs deleted. Raises: NotFound."""
    if hold(connection, number).lifecycle_stage == "deleted":
        raise missing(number)
    moment = now()
    _MARK.run(connection, "deleted", moment, number)
    _DELETE_RUNS.run(connection, moment, number)


def restore(connection: Connection, number: int) -> None:
    """Bring back a deleted experiment and the runs that went with it. Raises: NotFound."""
    if hold(connection, number).lifecycle_stage != "deleted":
        raise NotFound(f"No deleted Experiment with id={number} exists")
    _MARK.run(connection, "active", now(), number)
    _RESTORE_RUNS.run(connection, number)


def set_tag(connection: Connection, number: int, key: str, value: str) -> None:
    """Set a tag. Raises: NotFound, InvalidState, BadInput."""
    checked = _tag(key, value)
    active(hold(connection, number))
    _SET_TAG.run(connection, number, key, checked)
    _TOUCH.run(connection, now(), number)


def delete_tag(connection: Connection, number: int, key: str) -> None:
    """Take a tag off. Raises: NotFound, InvalidState."""
    active(hold(connection, number))
    if "\x00" in key or not _DELETE_TAG.run(connection, number, key):
        raise NotFound(f"No tag with name: {key} in experiment with id {number}")
    _TOUCH.run(connection, now(), number)


def _tag(key: str, value: str) -> str:
    rules.key(key, "Tag")
    return rules.plain(value, "value", most=rules.EXPERIMENT_TAG_LENGTH)


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name.strip():
        raise BadInput("Invalid experiment name: it is empty; give a name")
    rules.plain(name, "name", most=NAME_LENGTH)


def _check_location(location: str) -> None:
    rules.plain(location, "Artifact location", most=LOCATION_LENGTH)
    if location.partition(":")[0] == "runs":
        raise BadInput(f"Artifact location cannot be a runs:/ URI. Given: {location!r}")
    if ".." in location.replace("\\", "/").split("/"):
        raise BadInput(f"Invalid artifact location {location!r}: '..' is not allowed in it")


def _taken(connection: Connection, name: str) -> AlreadyExists:
    row = find_named(connection, name)
    if row is not None and row.lifecycle_stage == "deleted":
        return AlreadyExists(
            f"Experiment(name={name}) already exists in the deleted state (id {row.id}); "
            "restore it, or choose another name"
        )
    return AlreadyExists(f"Experiment(name={name}) already exists.")
