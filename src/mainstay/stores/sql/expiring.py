"""Find what goes by the retention of its experiment: runs that no version needs, and their files.

The same reasons as for ``gc`` keep something: a version, through whatever address or lineage edge
leads to it. So does the tag ``mainstay.keep``. What has not ended never goes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from mainstay.entities.accounts import Principal
from mainstay.entities.retention import KEEP_TAG
from mainstay.entities.runs import TERMINAL
from mainstay.stores.sql import audit, gc, references, retention
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.gc import Item
from mainstay.stores.sql.tables.inputs import model_inputs, model_outputs
from mainstay.stores.sql.tables.logged_models import logged_models
from mainstay.stores.sql.tables.runs import runs, tags

STARTED = 0
"""In ``runs.files_gone_at``: the deletion of the files has begun. Later it is the time."""


def find_runs(connection: Connection, registry: Connection) -> list[Item]:
    """Return the runs that are due, and the logged models that came from them alone."""
    moments = retention.moments(connection, "unregistered")
    found = {one.identity: one for one in _ended(connection, moments)}
    found |= {one.identity: one for one in _models_from(connection, list(found))}
    versions = references.Versions(registry)
    reasons: dict[str, str] = {}
    for item in found.values():
        reason = versions.keeping(item.identity, item.location.rstrip("/"))
        if reason:
            reasons[item.identity] = reason
    gc.spread(connection, found, reasons)
    return [_with(item, reasons.get(item.identity)) for item in found.values()]


def delete_runs(connection: Connection, registry: Connection, *, by: Principal) -> list[Item]:
    """Find, and delete what may go, so that it can be restored."""
    audit.serialise(connection)
    items = find_runs(connection, registry)
    at = now()
    for item in items:
        if item.kept_by is not None:
            continue
        if item.kind == "run":
            connection.execute(
                update(runs)
                .where(runs.c.run_id == item.identity)
                .values(lifecycle_stage="deleted", deleted_by="run", deleted_at=at)
            )
        else:
            connection.execute(
                update(logged_models)
                .where(logged_models.c.model_id == item.identity)
                .values(lifecycle_stage="deleted", updated_at=at)
            )
        audit.append(connection, "retention.deleted", item.identity, {"kind": item.kind}, by=by)
    return items


def find_files(connection: Connection, registry: Connection) -> list[Item]:
    """Return the runs whose files are due."""
    moments = retention.moments(connection, "files")
    unfinished = or_(runs.c.files_gone_at.is_(None), runs.c.files_gone_at == STARTED)
    due = [
        one
        for one in _ended(connection, moments, unfinished)
        if references.has_files(registry, one.location)
    ]
    versions = references.Versions(registry)
    reasons = {
        one.identity: reason
        for one in due
        if (reason := versions.keeping(one.identity, one.location.rstrip("/")))
    }
    for run_id, model_id in _lineage(connection, {one.identity for one in due}):
        reason = versions.keeping(model_id, "")
        if reason:
            reasons.setdefault(run_id, reason)
    return [_with(one, reasons.get(one.identity)) for one in due]


def mark_files(connection: Connection, registry: Connection) -> list[Item]:
    """Find, and mark what may go: from now on nothing is registered from it."""
    audit.serialise(connection)
    items = find_files(connection, registry)
    for item in items:
        if item.kept_by is None:
            connection.execute(
                update(runs).where(runs.c.run_id == item.identity).values(files_gone_at=STARTED)
            )
    return items


def note_files_gone(connection: Connection, item: Item, *, by: Principal) -> None:
    """Write down that the files of a marked run are deleted."""
    audit.serialise(connection)
    connection.execute(
        update(runs).where(runs.c.run_id == item.identity).values(files_gone_at=now())
    )
    data = {"location": item.location}
    audit.append(connection, "retention.files_deleted", item.identity, data, by=by)


def _ended(
    connection: Connection, moments: dict[int, int], *where: ColumnElement[bool]
) -> list[Item]:
    """Return the runs that ended before the moment of their experiment."""
    if not moments:
        return []
    ended = func.coalesce(runs.c.end_time, runs.c.start_time)
    due = [and_(runs.c.experiment == number, ended <= at) for number, at in moments.items()]
    kept = select(tags.c.run).where(tags.c.run == runs.c.id, tags.c.key == KEEP_TAG)
    query = select(runs.c.run_id, runs.c.artifact_uri).where(
        or_(*due),
        runs.c.lifecycle_stage == "active",
        runs.c.status.in_(sorted(TERMINAL)),
        ~kept.exists(),
        *where,
    )
    rows = connection.execute(query.order_by(runs.c.id))
    return [Item("run", row.run_id, row.artifact_uri) for row in rows]


def _models_from(connection: Connection, run_ids: list[str]) -> list[Item]:
    columns = logged_models.c
    found: list[Item] = []
    for some in references.pieces(run_ids):
        query = select(columns.model_id, columns.artifact_location).where(
            columns.source_run_id.in_(some), columns.lifecycle_stage == "active"
        )
        rows = connection.execute(query)
        found += [Item("logged_model", row.model_id, row.artifact_location) for row in rows]
    return found


def _lineage(connection: Connection, run_ids: set[str]) -> list[tuple[str, str]]:
    """Return (run id, model id) of every model that a run made, read or measured, or gave."""
    found = references.edges_to_runs(connection, run_ids)
    table: Any
    for table in (model_inputs, model_outputs):
        for some in references.pieces(run_ids):
            query = select(runs.c.run_id, table.c.model_id).join(runs, runs.c.id == table.c.run)
            rows = connection.execute(query.where(runs.c.run_id.in_(some)))
            found += [(row[0], row[1]) for row in rows]
    return found


def _with(item: Item, reason: str | None) -> Item:
    return Item(item.kind, item.identity, item.location, reason)
