"""Runs: create, read, update, delete, restore; their parameters and tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args
from uuid import uuid4

from sqlalchemy import Connection

from mainstay.entities import names
from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.metrics import Metric
from mainstay.entities.runs import BEATS_MISSED, TERMINAL, Pulse, Run, RunData, RunInfo, RunStatus
from mainstay.errors import BadInput, InvalidState, NotFound
from mainstay.stores.sql import experiments, inputs, keys, rules, sealing
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.rules import loaded
from mainstay.stores.sql.statements import Statement, among

NAME_TAG = "mlflow.runName"
NAME_LENGTH = 1000
USER_LENGTH = 256
STATUSES = get_args(RunStatus)

COLUMNS = (
    "id, run_id, experiment, name, user_id, status, start_time, end_time, artifact_uri, "
    "lifecycle_stage, changes"
)
_FIND = Statement(f"SELECT {COLUMNS} FROM runs WHERE run_id = ?")
_HOLD = Statement(f"SELECT {COLUMNS} FROM runs WHERE run_id = ? {{lock}}")
_CHANGE = Statement(f"UPDATE runs SET changes = changes + 1 WHERE run_id = ? RETURNING {COLUMNS}")
_BY_IDS = Statement(f"SELECT {COLUMNS} FROM runs WHERE id {{among}}")
_NEW = Statement(
    "INSERT INTO runs (run_id, experiment, name, user_id, status, start_time, artifact_uri, "
    "lifecycle_stage, changes, recorded_by) VALUES (?, ?, ?, ?, 'RUNNING', ?, ?, 'active', ?, ?) "
    f"ON CONFLICT (run_id) DO NOTHING RETURNING {COLUMNS}"
)
_UPDATE = Statement("UPDATE runs SET status = ?, end_time = ?, name = ? WHERE id = ?")
_RENAME = Statement("UPDATE runs SET name = ? WHERE id = ?")
_MARK = Statement(
    "UPDATE runs SET lifecycle_stage = ?, deleted_by = ?, deleted_at = ? WHERE id = ? "
    "AND (deleted_by IS NULL OR deleted_by <> 'gc')"
)
_BEAT = Statement("UPDATE runs SET heartbeat_at = ?, heartbeat_every = ? WHERE id = ?")
_PULSES = Statement(
    "SELECT run_id, status, heartbeat_at, heartbeat_every FROM runs "
    "WHERE run_id {among} AND heartbeat_at IS NOT NULL"
)
_PARAMS = Statement("SELECT run, key, value FROM params WHERE run {among} ORDER BY run, key")
_TAGS = Statement("SELECT run, key, value FROM tags WHERE run {among} ORDER BY run, key")
_LATEST = Statement(
    "SELECT run, key, last, timestamp, step FROM series WHERE run {among} ORDER BY run, key"
)
_LOGGED_PARAMS = Statement("SELECT key, value FROM params WHERE run = ? AND key {among}")
_NEW_PARAM = Statement(
    "INSERT INTO params (run, key, value) VALUES (?, ?, ?)",
    bulk="INSERT INTO params (run, key, value) "
    "SELECT * FROM unnest(?::bigint[], ?::text[], ?::text[])",
)
_SET_TAG = Statement(
    "INSERT INTO tags (run, key, value) VALUES (?, ?, ?) "
    "ON CONFLICT (run, key) DO UPDATE SET value = excluded.value",
    bulk="INSERT INTO tags (run, key, value) "
    "SELECT * FROM unnest(?::bigint[], ?::text[], ?::text[]) "
    "ON CONFLICT (run, key) DO UPDATE SET value = excluded.value",
)
_DELETE_TAG = Statement("DELETE FROM tags WHERE run = ? AND key = ?")


def create(
    connection: Connection,
    experiment: Any,
    *,
    run_id: str | None = None,
    run_name: str | None = None,
    user_id: str = "",
    start_time: int | None = None,
    tags: Mapping[str, str] = {},
    by: Principal = ANONYMOUS,
) -> Run:
    """Create a run in an experiment (its row) and return it; the same id returns the same.

    Raises: InvalidState, BadInput.
    """
    wanted = rules.run_id(run_id) if run_id else uuid4().hex
    if run_id and (known := _FIND.row(connection, wanted)) is not None:
        return load(connection, [_same_experiment(known, experiment)])[0]
    experiments.active(experiment)
    checked = rules.tags(tags)
    name = _name(run_name, checked)
    row = _NEW.row(
        connection,
        *(wanted, experiment.id, name, rules.plain(user_id, "User id", most=USER_LENGTH)),
        now() if start_time is None else rules.millis(start_time, "start_time"),
        experiments.below(experiment.artifact_location, f"{wanted}/artifacts"),
        # Counted from the clock, so that a run that is deleted for good and comes back under the
        # same id does not repeat a count that somebody remembers.
        now(),
        str(by),
    )
    if row is None:  # another transaction created it meanwhile
        return load(connection, [_same_experiment(find(connection, wanted), experiment)])[0]
    checked = {**checked, NAME_TAG: name}
    _write_tags(connection, row, checked)
    return Run(info=info(row), data=RunData(tags=dict(sorted(checked.items()))))


def find(connection: Connection, run_id: str) -> Any:
    """Return a run's row, deleted or not. Raises: NotFound."""
    row = _FIND.row(connection, run_id) if "\x00" not in run_id else None
    if row is None:
        raise NotFound(f"Run with id={run_id} not found")
    return row


def hold(connection: Connection, run_id: str) -> Any:
    """Return a run's row and keep other writers away from it. Raises: NotFound."""
    row = _HOLD.row(connection, run_id) if "\x00" not in run_id else None
    if row is None:
        raise NotFound(f"Run with id={run_id} not found")
    return row


def hold_active(connection: Connection, run_id: str) -> Any:
    """Return the held row of an active run, whose change is counted.

    Whatever writes data of a run starts here, so that readers can tell. Raises: NotFound,
    InvalidState.
    """
    row = _CHANGE.row(connection, run_id) if "\x00" not in run_id else None
    if row is None:
        raise NotFound(f"Run with id={run_id} not found")
    if row.lifecycle_stage != "active":
        raise InvalidState(
            f"The run {run_id} must be in the 'active' state. "
            f"Current state is {row.lifecycle_stage}."
        )
    return row


def info(row: Any) -> RunInfo:
    """Return the head of a run."""
    return RunInfo(
        run_id=row.run_id,
        experiment_id=str(row.experiment),
        run_name=row.name,
        user_id=row.user_id,
        status=row.status,
        start_time=row.start_time,
        end_time=row.end_time,
        artifact_uri=row.artifact_uri,
        lifecycle_stage=row.lifecycle_stage,
    )


def load(connection: Connection, rows: Iterable[Any]) -> list[Run]:
    """Return runs with everything but history, in the order of the rows."""
    listed = list(rows)
    numbers = among(connection, [row.id for row in listed])
    params: dict[int, dict[str, str]] = {row.id: {} for row in listed}
    tags: dict[int, dict[str, str]] = {row.id: {} for row in listed}
    latest: dict[int, list[Metric]] = {row.id: [] for row in listed}
    for run, key, value in _PARAMS.rows(connection, numbers):
        params[run][key] = value
    for run, key, value in _TAGS.rows(connection, numbers):
        tags[run][key] = value
    for run, key, value, timestamp, step in _LATEST.rows(connection, numbers):
        latest[run].append(Metric(key, loaded(value), timestamp, step))
    read = inputs.load_inputs(connection, [row.id for row in listed])
    made = inputs.load_outputs(connection, [row.id for row in listed])
    return [
        Run(
            info=info(row),
            data=RunData(latest=latest[row.id], params=params[row.id], tags=tags[row.id]),
            inputs=read[row.id],
            outputs=made[row.id],
        )
        for row in listed
    ]


def load_ids(connection: Connection, numbers: Iterable[int]) -> list[Run]:
    """Return runs by their internal numbers, in that order."""
    return load(connection, rows_of(connection, numbers))


def rows_of(connection: Connection, numbers: Iterable[int]) -> list[Any]:
    """Return rows by their internal numbers, in that order."""
    listed = list(numbers)
    rows = {row.id: row for row in _BY_IDS.rows(connection, among(connection, listed))}
    return [rows[number] for number in listed]


def update(
    connection: Connection,
    run_id: str,
    *,
    status: str | None,
    end_time: int | None,
    run_name: str | None,
) -> RunInfo:
    """Change an active run's head. Raises: NotFound, InvalidState, BadInput."""
    if status is not None and status not in STATUSES:
        raise BadInput(f"{status!r} is not a run status; use one of {', '.join(STATUSES)}")
    row = hold_active(connection, run_id)
    name = rules.plain(run_name, "Run name", most=NAME_LENGTH) if run_name else row.name
    ended = row.end_time if end_time is None else rules.millis(end_time, "end_time")
    _UPDATE.run(connection, status or row.status, ended, name, row.id)
    if name != row.name:
        _SET_TAG.run(connection, row.id, NAME_TAG, name)
    if status in TERMINAL:
        sealing.seal_run(connection, row.id)
    return info(find(connection, run_id))


def delete(connection: Connection, run_id: str) -> None:
    """Mark a run deleted by itself. Raises: NotFound."""
    _MARK.run(connection, "deleted", "run", now(), hold(connection, run_id).id)


def restore(connection: Connection, run_id: str) -> None:
    """Bring a run back. Raises: NotFound, InvalidState (it is being deleted for good)."""
    if not _MARK.run(connection, "active", None, None, hold(connection, run_id).id):
        raise InvalidState(f"run {run_id} is being deleted for good (mainstay gc)")


def beat(connection: Connection, run_id: str, *, at: int, every: float) -> None:
    """Note that the run's process is alive. Raises: NotFound."""
    _BEAT.run(connection, rules.millis(at, "at"), every, hold(connection, run_id).id)


def pulses(connection: Connection, run_ids: Sequence[str]) -> dict[str, Pulse]:
    """Return the last heartbeat of those of these runs that ever sent one."""
    moment = now()
    wanted = [run_id for run_id in run_ids if "\x00" not in run_id]
    return {
        row.run_id: Pulse(
            run_id=row.run_id,
            at=row.heartbeat_at,
            every=row.heartbeat_every,
            lost=row.status == "RUNNING"
            and moment > row.heartbeat_at + BEATS_MISSED * row.heartbeat_every * 1000,
        )
        for row in _PULSES.rows(connection, among(connection, wanted))
    }


def log_params(connection: Connection, row: Any, params: Mapping[str, str]) -> None:
    """Add parameters to a held run. Raises: BadInput if one would change."""
    checked = rules.params(params)
    if not checked:
        return
    found = _LOGGED_PARAMS.rows(connection, row.id, among(connection, checked))
    logged = {pair[0]: pair[1] for pair in found}
    changed = [
        {"key": key, "old_value": value, "new_value": checked[key]}
        for key, value in logged.items()
        if checked[key] != value
    ]
    if changed:
        raise BadInput(_change(row.run_id, changed, alone=len(checked) == 1))
    new = [(row.id, key, value) for key, value in checked.items() if key not in logged]
    keys.note(connection, row.experiment, "param", [one[1] for one in new])
    _NEW_PARAM.many(connection, new)


def _change(run_id: str, changed: Sequence[Mapping[str, str]], *, alone: bool) -> str:
    """Say which parameters would change, in MLflow's words for one and for a batch."""
    said = "Changing param values is not allowed. "
    if not alone:
        return f"{said}Params were already logged='{list(changed)}' for run ID='{run_id}'."
    one = changed[0]
    return (
        f"{said}Param with key='{one['key']}' was already logged with value='{one['old_value']}' "
        f"for run ID='{run_id}'. Attempted logging new value '{one['new_value']}'."
    )


def set_tags(connection: Connection, row: Any, tags: Mapping[str, str]) -> None:
    """Set tags of a held run; ``mlflow.runName`` renames it. Raises: BadInput."""
    if not tags:
        return
    checked = rules.tags(tags)
    _write_tags(connection, row, checked)
    name = checked.get(NAME_TAG)
    if name and name != row.name:
        _RENAME.run(connection, rules.plain(name, "Run name", most=NAME_LENGTH), row.id)


def _write_tags(connection: Connection, row: Any, checked: Mapping[str, str]) -> None:
    keys.note(connection, row.experiment, "tag", checked)
    _SET_TAG.many(connection, [(row.id, key, checked[key]) for key in sorted(checked)])


def delete_tag(connection: Connection, run_id: str, key: str) -> None:
    """Take a tag off an active run. Raises: NotFound, InvalidState."""
    row = hold_active(connection, run_id)
    if "\x00" in key or not _DELETE_TAG.run(connection, row.id, key):
        raise NotFound(f"No tag with name: {key} in run with id {run_id}")


def _same_experiment(row: Any, experiment: Any) -> Any:
    if row.experiment != experiment.id:
        raise BadInput(
            f"the run id {row.run_id} belongs to a run of experiment {row.experiment}, "
            f"not of experiment {experiment.id}; give a new id"
        )
    return row


def _name(run_name: str | None, tags: Mapping[str, str]) -> str:
    tagged = tags.get(NAME_TAG)
    if run_name and tagged and run_name != tagged:
        raise BadInput(
            f"Both 'run_name' argument and '{NAME_TAG}' tag are specified, but with different "
            f"values (run_name='{run_name}', {NAME_TAG}='{tagged}')."
        )
    return rules.plain(run_name or tagged or names.generate(), "Run name", most=NAME_LENGTH)
