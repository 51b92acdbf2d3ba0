"""Delete for good what was deleted: find it, mark it, and when its files are gone, its rows.

Finding and marking is one transaction in the queue of registry writes, so that a registration comes
either before (and keeps what it needs) or after (and is refused). What is marked stays so until it
is gone; a sweep that was killed is finished by the next.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from mainstay.entities.accounts import Principal
from mainstay.errors import BadInput
from mainstay.stores.sql import audit, references, retention
from mainstay.stores.sql.doomed import ERASED, MARK
from mainstay.stores.sql.tables.experiments import experiments
from mainstay.stores.sql.tables.logged_models import logged_models
from mainstay.stores.sql.tables.runs import runs

Kind = Literal["run", "logged_model", "experiment"]


class Item(msgspec.Struct, frozen=True):
    """Something deleted. ``location`` is where its files are; ``kept_by`` says what needs it."""

    kind: Kind
    identity: str
    location: str
    kept_by: str | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to look at: what was deleted before ``before`` (ms), all of it or these ids only."""

    before: int
    run_ids: tuple[str, ...] | None = None
    experiment_ids: tuple[str, ...] | None = None
    logged_model_ids: tuple[str, ...] | None = None

    @property
    def everything(self) -> bool:
        """Whether no ids were given."""
        given = (self.run_ids, self.experiment_ids, self.logged_model_ids)
        return all(ids is None for ids in given)


def find(
    connection: Connection, wanted: Wanted, *, registry: Connection | None = None
) -> list[Item]:
    """Return what may be deleted for good, and what may not, with the reason.

    ``registry`` is given where models and versions are in another database.
    Raises: BadInput if an id that was given is not of something deleted.
    """
    known = connection if registry is None else registry
    of_experiments = _experiments(connection, wanted)
    numbers = list(of_experiments)
    found = {item.identity: item for item in _runs(connection, wanted, numbers)}
    found |= {item.identity: item for item in _models(connection, wanted, numbers)}
    _check_ids(wanted, found.keys(), of_experiments)
    versions = references.Versions(known)
    reasons: dict[str, str] = {}
    for item in found.values():
        reason = versions.keeping(item.identity, item.location.rstrip("/"))
        reason = reason or references.fresh_upload(known, item.location, after=wanted.before)
        if reason:
            reasons[item.identity] = reason
    spread(connection, found, reasons)
    items = [
        Item(one.kind, one.identity, one.location, reasons.get(one.identity))
        for one in found.values()
    ]
    going = {item.identity for item in items if item.kept_by is None}
    for number, location in of_experiments.items():
        reason = _rest(connection, number, going) or versions.below(location)
        items.append(Item("experiment", str(number), location, reason))
    return items


def mark(
    connection: Connection, wanted: Wanted, *, registry: Connection | None = None
) -> list[Item]:
    """Find, and mark what may go. What a killed sweep has left marked is part of it."""
    audit.serialise(connection)
    items = find(connection, wanted, registry=registry)
    going = [item for item in items if item.kept_by is None]
    for item in going:
        if item.kind == "run":
            connection.execute(
                update(runs).where(runs.c.run_id == item.identity).values(deleted_by=MARK)
            )
        elif item.kind == "logged_model":
            models = logged_models.c.model_id == item.identity
            connection.execute(update(logged_models).where(models).values(lifecycle_stage=MARK))
    return items


def erase(connection: Connection, item: Item, *, by: Principal) -> bool:
    """Delete the rows of a marked item whose files are gone.

    Tell whether it was there: an experiment that was restored, or got a run, stays.
    """
    audit.serialise(connection)
    if item.kind == "run":
        where = (runs.c.run_id == item.identity, runs.c.deleted_by == MARK)
        gone = connection.execute(delete(runs).where(*where)).rowcount
    elif item.kind == "logged_model":
        models = logged_models.c
        marked = (models.model_id == item.identity, models.lifecycle_stage == MARK)
        gone = connection.execute(delete(logged_models).where(*marked)).rowcount
    else:
        gone = _erase_experiment(connection, int(item.identity))
    if not gone:
        return False
    data = {"kind": item.kind, "location": item.location}
    audit.append(connection, ERASED, item.identity, data, by=by)
    return True


def _erase_experiment(connection: Connection, number: int) -> int:
    if _rest(connection, number, set()):
        return 0
    where = (experiments.c.id == number, experiments.c.lifecycle_stage == "deleted")
    return connection.execute(delete(experiments).where(*where)).rowcount


def _experiments(connection: Connection, wanted: Wanted) -> dict[int, str]:
    """Return number and location of the deleted experiments."""
    table = experiments.c
    where: list[ColumnElement[bool]] = [
        table.lifecycle_stage == "deleted",
        _old(connection, table.id, table.last_update_time, wanted),
    ]
    if not wanted.everything:
        numbers = [int(one) for one in wanted.experiment_ids or () if one.isdigit()]
        where.append(table.id.in_(numbers))
    query = select(table.id, table.artifact_location).where(*where).order_by(table.id)
    return {row.id: row.artifact_location for row in connection.execute(query)}


def _runs(connection: Connection, wanted: Wanted, numbers: list[int]) -> list[Item]:
    old = (runs.c.lifecycle_stage == "deleted") & _old(
        connection, runs.c.experiment, runs.c.deleted_at, wanted
    )
    chosen: ColumnElement[bool] = old
    if not wanted.everything:
        named = runs.c.run_id.in_(wanted.run_ids or ())
        chosen = old & or_(named, runs.c.experiment.in_(numbers))
    query = select(runs.c.run_id, runs.c.artifact_uri)
    found = connection.execute(query.where(or_(chosen, runs.c.deleted_by == MARK)))
    return [Item("run", row.run_id, row.artifact_uri) for row in found]


def _models(connection: Connection, wanted: Wanted, numbers: list[int]) -> list[Item]:
    models = logged_models.c
    # Those of a deleted experiment go with it, deleted one by one or not.
    inside = models.experiment.in_(numbers)
    old = (models.lifecycle_stage == "deleted") & _old(
        connection, models.experiment, models.updated_at, wanted
    )
    chosen: ColumnElement[bool] = or_(old, inside)
    if not wanted.everything:
        chosen = or_(old & models.model_id.in_(wanted.logged_model_ids or ()), inside)
    query = select(models.model_id, models.artifact_location)
    found = connection.execute(query.where(or_(chosen, models.lifecycle_stage == MARK)))
    return [Item("logged_model", row.model_id, row.artifact_location) for row in found]


def _old(
    connection: Connection, experiment: Any, deleted_at: Any, wanted: Wanted
) -> ColumnElement[bool]:
    """Return the condition that something was deleted long enough ago.

    The retention of an experiment says it for what is in it.
    """
    ruled = retention.moments(connection, "deleted")
    old: list[ColumnElement[bool]] = [
        and_(experiment == number, deleted_at <= before) for number, before in ruled.items()
    ]
    return or_(and_(experiment.not_in(list(ruled)), deleted_at <= wanted.before), *old)


def _check_ids(wanted: Wanted, found: Collection[str], numbers: Collection[int]) -> None:
    known = {*found, *map(str, numbers)}
    for what, ids in (
        ("run", wanted.run_ids),
        ("experiment", wanted.experiment_ids),
        ("logged model", wanted.logged_model_ids),
    ):
        for one in ids or ():
            if one not in known:
                raise BadInput(
                    f"{what} {one} is not deleted, or was deleted too short a time ago "
                    "(--older-than); only what is deleted can be deleted for good"
                )


def spread(connection: Connection, found: dict[str, Item], reasons: dict[str, str]) -> None:
    """Follow lineage until nothing changes: what stays keeps what it refers to."""
    of_kind = {
        kind: {one.identity for one in found.values() if one.kind == kind}
        for kind in ("run", "logged_model")
    }
    edges = [
        *references.edges_to_models(connection, of_kind["logged_model"]),
        *references.edges_to_runs(connection, of_kind["run"]),
    ]
    changed = True
    while changed:
        changed = False
        for target, source in edges:
            stays = source not in found or source in reasons
            if stays and target not in reasons:
                kind = "run" if found[target].kind == "logged_model" else "logged model"
                reasons[target] = f"{kind} {source}"
                changed = True


def _rest(connection: Connection, number: int, going: set[str]) -> str | None:
    """Return something of an experiment that does not go."""
    column: Any
    for what, table, column in (
        ("run", runs, runs.c.run_id),
        ("logged model", logged_models, logged_models.c.model_id),
    ):
        for (identity,) in connection.execute(select(column).where(table.c.experiment == number)):
            if identity not in going:
                return f"its {what} {identity}"
    return None
