"""Apply spooled records, each once: the segment's place moves in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection

from mainstay.entities import spool
from mainstay.entities.accounts import Principal
from mainstay.entities.metrics import Metric
from mainstay.entities.spool import Applied, LogBatch, Operation, Record, Rejection
from mainstay.errors import BadInput, Conflict, MainstayError, NotFound
from mainstay.stores.sql import (
    experiments,
    inputs,
    logged_models,
    metrics,
    registered_models,
    replays,
    rules,
    runs,
    versions,
)
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.statements import Statement, among

MISTAKES = (BadInput, NotFound, Conflict)
"""What is the user's fault: the record can never be applied."""

DEFAULT_EXPERIMENT = 0

_START = Statement(
    "INSERT INTO segments (segment, sequence, updated_at) VALUES (?, 0, ?) "
    "ON CONFLICT (segment) DO NOTHING"
)
_HOLD = Statement("SELECT id, sequence, checksums FROM segments WHERE segment = ? {lock}")
_FIND = Statement("SELECT sequence FROM segments WHERE segment = ?")
_MOVE = Statement("UPDATE segments SET sequence = ?, checksums = ?, updated_at = ? WHERE id = ?")
_KEEP = Statement("INSERT INTO segment_blocks (segment, number, checksums) VALUES (?, ?, ?)")
_KEPT = Statement(
    "SELECT number, checksums FROM segment_blocks WHERE segment = ? AND number {among}"
)
_REJECT = Statement(
    "INSERT INTO rejections (segment, sequence, error_code, message, place) VALUES (?, ?, ?, ?, ?)"
)
_REJECTED = Statement(
    "SELECT sequence, error_code, message, place FROM rejections "
    "WHERE segment = ? AND sequence BETWEEN ? AND ? ORDER BY sequence"
)


def apply(
    connection: Connection,
    segment: str,
    records: Sequence[Record],
    *,
    root: str,
    by: Principal,
    refused: Mapping[int, MainstayError] = {},
) -> Applied:
    """Apply what was not applied before; ``root`` is where new experiments keep files.

    Records whose sequence is in ``refused`` are rejected with that error, whatever they say.
    Raises: Conflict: a record comes again with another content.
    """
    _START.run(connection, segment, now())
    row = _HOLD.row(connection, segment)
    assert row is not None, "the segment was just written"
    new = [record for record in records if record.sequence > row.sequence]
    if len(new) < len(records):
        again = records[: len(records) - len(new)]
        replays.check(segment, _checksums(connection, row, again), again)
    if new:
        allowed = [record for record in new if record.sequence not in refused]
        rejected = _apply_together(connection, allowed, root=root, by=by)
        rejected += [
            _rejection(record, refused[record.sequence])
            for record in new
            if record.sequence in refused
        ]
        _REJECT.many(
            connection,
            [(row.id, one.sequence, one.error_code, one.message, one.where) for one in rejected],
        )
        kept = replays.remember(row.sequence, row.checksums, new)
        _KEEP.many(connection, [(row.id, *block) for block in kept.filled])
        _MOVE.run(connection, new[-1].sequence, kept.last, now(), row.id)
    sequence = new[-1].sequence if new else row.sequence
    return Applied(
        segment=segment,
        sequence=sequence,
        rejected=_known(connection, row, records),
        roots=_roots(connection, records),
    )


def applied(connection: Connection, segment: str) -> int:
    """Return the last applied sequence; 0 for an unknown segment."""
    row = _FIND.row(connection, segment)
    return int(row.sequence) if row is not None else 0


def check(segment: str, records: Sequence[Record]) -> None:
    """Refuse what is not a segment's log. Raises: BadInput."""
    rules.plain(segment, "Segment", most=200)
    if not segment:
        raise BadInput("the segment has no name")
    before = 0
    for record in records:
        if record.sequence <= before:
            raise BadInput(
                f"segment {segment}: sequence {record.sequence} follows {before}; "
                "sequences start at 1 and must rise"
            )
        before = record.sequence


def _checksums(
    connection: Connection, row: Any, records: Sequence[Record]
) -> dict[int, bytes | None]:
    """Return the blocks of checksums that some records of a segment are in."""
    last = replays.block_of(row.sequence)
    wanted = {replays.block_of(record.sequence) for record in records} - {last}
    found = _KEPT.rows(connection, row.id, among(connection, sorted(wanted))) if wanted else ()
    return {last: row.checksums, **{one.number: one.checksums for one in found}}


def _apply_together(
    connection: Connection, records: Sequence[Record], *, root: str, by: Principal
) -> list[Rejection]:
    """Apply all in one savepoint; if one of them is a mistake, again one by one."""
    savepoint = connection.begin_nested()
    try:
        for operation in _merged(records):
            _perform(connection, operation, root=root, by=by)
    except MISTAKES:
        savepoint.rollback()
        return _apply_singly(connection, records, root=root, by=by)
    savepoint.commit()
    return []


def _apply_singly(
    connection: Connection, records: Sequence[Record], *, root: str, by: Principal
) -> list[Rejection]:
    rejected = []
    for record in records:
        savepoint = connection.begin_nested()
        try:
            _perform(connection, record.operation, root=root, by=by)
        except MISTAKES as error:
            savepoint.rollback()
            rejected.append(_rejection(record, error))
        else:
            savepoint.commit()
    return rejected


def _merged(records: Sequence[Record]) -> list[Operation]:
    """Return the operations with neighbouring batches of one run made one."""
    merged: list[Operation] = []
    points: list[Metric] = []
    for record in records:
        operation = record.operation
        before = merged[-1] if merged else None
        if not isinstance(operation, LogBatch):
            merged.append(operation)
        elif (
            isinstance(before, LogBatch)
            and before.run_id == operation.run_id
            and not operation.params.keys() & before.params.keys()
        ):
            points += operation.points
            if operation.params or operation.tags:
                merged[-1] = LogBatch(
                    run_id=operation.run_id,
                    metrics=points,
                    params={**before.params, **operation.params},
                    tags={**before.tags, **operation.tags},
                )
        else:
            points = list(operation.points)
            merged.append(
                LogBatch(
                    run_id=operation.run_id,
                    metrics=points,
                    params=operation.params,
                    tags=operation.tags,
                )
            )
    return merged


def _perform(connection: Connection, operation: Operation, *, root: str, by: Principal) -> None:
    match operation:
        case LogBatch():
            log_batch(connection, operation)
        case spool.CreateRun():
            runs.create(
                connection,
                _experiment(connection, operation, root=root),
                run_id=operation.run_id,
                run_name=operation.run_name,
                user_id=operation.user_id,
                start_time=operation.start_time,
                tags=operation.tags,
                by=by,
            )
        case spool.UpdateRun():
            runs.update(
                connection,
                operation.run_id,
                status=operation.status,
                end_time=operation.end_time,
                run_name=operation.run_name,
            )
        case spool.DeleteTag():
            runs.delete_tag(connection, operation.run_id, operation.key)
        case spool.LogInputs():
            row = runs.hold_active(connection, operation.run_id)
            inputs.log_inputs(connection, row, datasets=operation.datasets, models=operation.models)
        case spool.LogOutputs():
            row = runs.hold_active(connection, operation.run_id)
            inputs.log_outputs(connection, row, operation.models)
        case spool.Heartbeat():
            # By our clock: the client's may be wrong, and what it sends late was alive late.
            runs.beat(connection, operation.run_id, at=now(), every=operation.every)
        case spool.CreateLoggedModel():
            _create_logged_model(connection, operation, root=root, by=by)
        case spool.FinalizeLoggedModel():
            logged_models.finalize(connection, operation.model_id, operation.status)
        case spool.CreateVersion():
            _create_version(connection, operation, by=by)
        case spool.UploadArtifact():
            raise BadInput("artifact records are uploaded by the sender, not applied")


def log_batch(connection: Connection, batch: LogBatch) -> None:
    """Write points, parameters and tags of one active run. Raises: NotFound, BadInput."""
    points = rules.metrics(batch.points)
    row = runs.hold_active(connection, batch.run_id)
    runs.log_params(connection, row, batch.params)
    metrics.write(connection, row.id, points)
    logged_models.log_metrics(connection, row.id, points)
    runs.set_tags(connection, row, batch.tags)


def _experiment(
    connection: Connection, operation: spool.CreateRun | spool.CreateLoggedModel, *, root: str
) -> Any:
    """Return the row of the experiment that a record means, created if it is only named."""
    if operation.experiment_id is not None:
        return experiments.share(connection, experiments.number_of(operation.experiment_id))
    if not operation.experiment_name:
        return experiments.share(connection, DEFAULT_EXPERIMENT)
    row = experiments.find_named(connection, operation.experiment_name)
    if row is not None:
        return row
    try:
        experiments.create(
            connection, operation.experiment_name, artifact_location=None, tags={}, root=root
        )
    except BadInput:  # another process created it meanwhile, or the name cannot be used
        row = experiments.find_named(connection, operation.experiment_name)
        if row is None:
            raise
        return row
    return experiments.find_named(connection, operation.experiment_name)


def _create_logged_model(
    connection: Connection, operation: spool.CreateLoggedModel, *, root: str, by: Principal
) -> None:
    logged_models.create(
        connection,
        _experiment(connection, operation, root=root),
        name=operation.name,
        model_id=operation.model_id,
        model_type=operation.model_type,
        source_run_id=operation.source_run_id,
        params=operation.params,
        tags=operation.tags,
        by=by,
    )


def _create_version(
    connection: Connection, operation: spool.CreateVersion, *, by: Principal
) -> None:
    registered_models.insert(connection, operation.name, by=by)
    versions.insert_version(
        connection,
        operation.name,
        operation.source,
        run_id=operation.run_id,
        model_id=operation.model_id,
        tags=operation.tags,
        by=by,
    )


def _known(connection: Connection, segment: Any, records: Sequence[Record]) -> list[Rejection]:
    """Return what of these records is refused, now or before."""
    if not records:
        return []
    asked = {record.sequence for record in records}
    return [
        Rejection(
            sequence=row.sequence, error_code=row.error_code, message=row.message, where=row.place
        )
        for row in _REJECTED.rows(connection, segment.id, min(asked), max(asked))
        if row.sequence in asked
    ]


def _roots(connection: Connection, records: Sequence[Record]) -> dict[str, str]:
    """Return where the files go of the runs and models that these records create."""
    roots: dict[str, str] = {}
    for record in records:
        with suppress(*MISTAKES):  # refused, or deleted since
            match record.operation:
                case spool.CreateRun(run_id=run_id):
                    roots[run_id] = runs.find(connection, run_id).artifact_uri
                case spool.CreateLoggedModel(model_id=model_id):
                    roots[model_id] = logged_models.find(connection, model_id).artifact_location
    return roots


def _rejection(record: Record, error: MainstayError) -> Rejection:
    return Rejection(
        sequence=record.sequence,
        error_code=error.code,
        message=error.message.replace("\x00", "\ufffd"),
        where=getattr(record.operation, "where", "").replace("\x00", "\ufffd"),
    )
