"""Rows of the registry, found and held inside a transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from mainstay.errors import BadInput, NotFound
from mainstay.stores.sql import audit, rules
from mainstay.stores.sql.tables.registry import model_versions, registered_models

MOST = 2**31


def model(connection: Connection, name: str) -> Row[Any]:
    """Return the model's row. Raises: NotFound."""
    rules.plain(name, "Model name")
    row = connection.execute(select(registered_models).where(*_named(name))).first()
    if row is None:
        raise missing(name)
    return row


def lock_model(connection: Connection, name: str) -> Row[Any]:
    """Return the model's row and keep others from writing it. Raises: NotFound."""
    rules.plain(name, "Model name")
    audit.serialise(connection)
    row = connection.execute(
        select(registered_models).where(*_named(name)).with_for_update()
    ).first()
    if row is None:
        raise missing(name)
    return row


def _named(name: str) -> tuple[ColumnElement[bool], ...]:
    return (registered_models.c.name == name, registered_models.c.deleted_at.is_(None))


def unusable(name: str) -> BadInput | None:
    """Make the error for a name that no model may have, since ``models:/`` could not say it."""
    if "/" in name or ":" in name:
        return BadInput(f"Invalid model name '{name}'. Names cannot contain '/' or ':'.")
    return None


def missing(name: str) -> NotFound | BadInput:
    """Make the error for an unknown model, or for a name that none can have."""
    return unusable(name) or NotFound(f"Registered Model with name={name} not found")


def version(connection: Connection, model: Row[Any], number: int) -> Row[Any]:
    """Return a version's row, deleted ones excepted. Raises: NotFound."""
    row = None
    if isinstance(number, int) and 0 < number < MOST:
        row = connection.execute(
            select(model_versions).where(
                model_versions.c.model_id == model.id,
                model_versions.c.version == number,
                model_versions.c.deleted.is_(False),
            )
        ).first()
    if row is None:
        raise NotFound(f"Model Version (name={model.name}, version={number}) not found")
    return row
