"""Deleted models and versions, inside a transaction: list, restore, delete for good.

A restore makes nothing live: aliases went with the deletion and do not come back, and a version is
in no stage.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from mainstay.entities.accounts import Principal
from mainstay.entities.registry import Deleted
from mainstay.errors import AlreadyExists, NotFound
from mainstay.stores.sql import audit, journal, registered_models, rules
from mainstay.stores.sql import registry_rows as rows
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.tables.registry import model_version_tags, model_versions
from mainstay.stores.sql.tables.registry import registered_models as models

REDACTED = "REDACTED-SOURCE-PATH"
"""The source of a version that is deleted for good; the number stays used."""


def deleted(connection: Connection, name: str | None = None) -> list[Deleted]:
    """Return what can be restored, the last deleted first."""
    found = [*_models(connection, name), *_versions(connection, name)]
    return sorted(found, key=lambda item: (-item.deleted_at, item.name, item.version or 0))


def restore_model(connection: Connection, name: str, new_name: str | None, *, by: Principal) -> str:
    """Bring back the model of this name that was deleted last; return its name now.

    Raises: NotFound, BadInput, AlreadyExists (another model has the name).
    """
    audit.serialise(connection)
    gone = _last(connection, name)
    wanted = registered_models.valid_name(new_name or name)
    if connection.execute(select(models.c.id).where(models.c.name == wanted)).first():
        raise AlreadyExists(
            f"Registered Model (name={wanted}) already exists; restore the deleted one under "
            "another name (--as)"
        )
    table = model_versions
    connection.execute(
        update(models)
        .where(models.c.id == gone.id)
        .values(name=wanted, deleted_name=None, deleted_at=None, updated_at=now())
    )
    connection.execute(
        update(table)
        .where(table.c.model_id == gone.id, table.c.deleted_at == gone.deleted_at)
        .values(deleted=False, deleted_at=None, stage="None")
    )
    data = {"name": wanted, "deleted_name": name}
    journal.record(connection, "registered_model.restored", wanted, data, by=by)
    return wanted


def restore_version(connection: Connection, name: str, version: int, *, by: Principal) -> None:
    """Bring back a version that was deleted by itself. Raises: NotFound."""
    model = rows.lock_model(connection, name)
    table = model_versions
    done = connection.execute(
        update(table)
        .where(
            table.c.model_id == model.id,
            table.c.version == (version if 0 < version < rows.MOST else 0),
            table.c.deleted.is_(True),
            table.c.deleted_at.is_not(None),
        )
        .values(deleted=False, deleted_at=None, stage="None", updated_at=now())
    )
    if not done.rowcount:
        raise NotFound(
            f"{name} has no deleted version {version} that can be restored; "
            "mainstay models deleted lists those there are"
        )
    data = {"name": name, "version": version}
    journal.record(connection, "model_version.restored", f"{name}/{version}", data, by=by)


def old(connection: Connection, *, before: int) -> list[Deleted]:
    """Return what was deleted before a moment (ms)."""
    return [item for item in deleted(connection) if item.deleted_at <= before]


def erase(connection: Connection, *, before: int, by: Principal) -> list[Deleted]:
    """Delete for good what was deleted before a moment (ms), and return it.

    A model's row goes with its versions, evidence and history; a version's number stays used.
    """
    audit.serialise(connection)
    going = old(connection, before=before)
    for item in going:
        if item.version is None:
            connection.execute(
                delete(models).where(
                    models.c.deleted_name == item.name, models.c.deleted_at == item.deleted_at
                )
            )
        else:
            _redact(connection, item.name, item.version)
        subject = item.name if item.version is None else f"{item.name}/{item.version}"
        audit.append(connection, "gc.deleted", subject, {"versions": list(item.versions)}, by=by)
    return going


def _redact(connection: Connection, name: str, version: int) -> None:
    table = model_versions
    row = connection.execute(
        select(table.c.id)
        .join(models)
        .where(models.c.name == name, table.c.version == version, table.c.deleted.is_(True))
    ).one()
    connection.execute(delete(model_version_tags).where(model_version_tags.c.version_id == row.id))
    connection.execute(
        update(table)
        .where(table.c.id == row.id)
        .values(
            deleted_at=None,
            source=REDACTED,
            storage_location=None,
            run_id=None,
            run_link=None,
            logged_model_id=None,
            description="",
        )
    )


def _last(connection: Connection, name: str) -> Row[Any]:
    found = connection.execute(
        select(models)
        .where(models.c.deleted_name == rules.plain(name, "Model name"))
        .order_by(models.c.deleted_at.desc(), models.c.id.desc())
    ).first()
    if found is None:
        raise NotFound(
            f"no deleted model is called {name!r}; mainstay models deleted lists those there are"
        )
    return found


def _models(connection: Connection, name: str | None) -> list[Deleted]:
    query = select(models).where(models.c.deleted_at.is_not(None))
    if name is not None:
        query = query.where(models.c.deleted_name == rules.plain(name, "Model name"))
    return [
        Deleted(
            name=row.deleted_name,
            deleted_at=row.deleted_at,
            versions=_with(connection, row),
        )
        for row in connection.execute(query).all()
    ]


def _with(connection: Connection, model: Row[Any]) -> tuple[int, ...]:
    """Return the versions that went with a model."""
    table = model_versions
    query = select(table.c.version).where(
        table.c.model_id == model.id, table.c.deleted_at == model.deleted_at
    )
    return tuple(connection.execute(query.order_by(table.c.version)).scalars())


def _versions(connection: Connection, name: str | None) -> list[Deleted]:
    """Return versions that were deleted by themselves and whose model is there."""
    table = model_versions
    query = (
        select(models.c.name, table.c.version, table.c.deleted_at)
        .join(models, models.c.id == table.c.model_id)
        .where(table.c.deleted_at.is_not(None), models.c.deleted_at.is_(None))
    )
    if name is not None:
        query = query.where(models.c.name == rules.plain(name, "Model name"))
    return [
        Deleted(name=row.name, version=row.version, deleted_at=row.deleted_at)
        for row in connection.execute(query)
    ]
