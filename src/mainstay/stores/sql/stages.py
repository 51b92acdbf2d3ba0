"""Stages inside a transaction: the old way of saying what a version is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from sqlalchemy import Connection, select, update

from mainstay.entities.accounts import Principal
from mainstay.entities.registry import ModelVersion, Stage
from mainstay.entities.release import AliasMove
from mainstay.errors import BadInput, Conflict
from mainstay.stores.sql import decisions, journal
from mainstay.stores.sql import registry_records as records
from mainstay.stores.sql import registry_rows as rows
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.tables.registry import model_versions

STAGES: tuple[Stage, ...] = get_args(Stage)
ACTIVE = ("Staging", "Production")


def canonical(stage: str) -> Stage:
    """Return the stage in its own spelling; any case is taken. Raises: BadInput."""
    for known in STAGES:
        if isinstance(stage, str) and known.lower() == stage.lower():
            return known
    raise BadInput(
        f"Invalid Model Version stage: {stage}. Value must be one of {', '.join(STAGES)}."
    )


def transition(
    connection: Connection,
    name: str,
    version: int,
    stage: str,
    *,
    archive_existing: bool,
    rests_on: Sequence[AliasMove] = (),
    by: Principal,
) -> None:
    """Move a version to a stage. Raises: NotFound, BadInput, Conflict."""
    target = canonical(stage)
    if archive_existing and target not in ACTIVE:
        raise BadInput(
            "Model version transition cannot archive existing model versions because "
            f"'{target}' is not an Active stage. Valid stages are {list(ACTIVE)}"
        )
    model = rows.lock_model(connection, name)
    row = rows.version(connection, model, version)
    for move in rests_on:
        if move.version_digest != row.digest:
            raise Conflict(f"the files of {name} v{version} are not those decided upon")
        decisions.recheck(connection, model, move)
        if move.verdict is not None:
            decisions.insert_verdict(connection, model, move.verdict, by=by)
    table = model_versions
    archived: Sequence[int] = ()
    if archive_existing:
        others = [
            table.c.model_id == model.id,
            table.c.stage == target,
            table.c.version != version,
            table.c.deleted.is_(False),
        ]
        archived = connection.execute(select(table.c.version).where(*others)).scalars().all()
        connection.execute(update(table).where(*others).values(stage="Archived", updated_at=now()))
    connection.execute(
        update(table).where(table.c.id == row.id).values(stage=target, updated_at=now())
    )
    data = {
        "name": name,
        "version": version,
        "from_stage": row.stage,
        "to_stage": target,
        "archived": list(archived),
        "verdicts": [move.verdict.verdict_id for move in rests_on if move.verdict is not None],
    }
    journal.record(connection, "model_version.transitioned", f"{name}/{version}", data, by=by)


def latest(connection: Connection, name: str, stages: Sequence[str]) -> list[ModelVersion]:
    """Return the newest version of each stage. Raises: NotFound, BadInput."""
    wanted = [canonical(stage) for stage in stages]
    model = rows.model(connection, name)
    return records.latest(connection, [model.id], wanted)
