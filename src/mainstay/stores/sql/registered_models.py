"""Registered models inside a transaction: write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from mainstay.entities.accounts import Principal
from mainstay.errors import AlreadyExists, BadInput
from mainstay.stores.sql import aliases, audit, journal, rules, upsert
from mainstay.stores.sql import registry_rows as rows
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.tables.registry import (
    model_aliases,
    model_versions,
    registered_model_tags,
    registered_models,
)
from mainstay.stores.sql.tables.release import gate_policies

NAME_LENGTH = 256
TAG_LENGTH = 100_000


def valid_name(name: str) -> str:
    """Return a model name that may be used. Raises: BadInput."""
    if not isinstance(name, str) or not name.strip():
        raise BadInput("Missing value for required parameter 'name'.")
    rules.plain(name, "Model name", most=NAME_LENGTH)
    if (wrong := rows.unusable(name)) is not None:
        raise wrong
    return name


def valid_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return tags of a model or version that may be stored. Raises: BadInput."""
    return {
        rules.key(key, "Tag"): rules.plain(value, "value", most=TAG_LENGTH)
        for key, value in tags.items()
    }


def insert(
    connection: Connection,
    name: str,
    *,
    tags: Mapping[str, str] = {},
    description: str = "",
    by: Principal,
) -> bool:
    """Create a model; False if the name is taken. Raises: BadInput."""
    valid_name(name)
    values = valid_tags(tags)
    rules.plain(description, "description")
    audit.serialise(connection)
    at = now()
    row = {"name": name, "description": description, "created_at": at, "updated_at": at}
    if not upsert.add(connection, registered_models, {**row, "last_version": 0}, key=["name"]):
        return False
    model = rows.model(connection, name)
    for key, value in values.items():
        connection.execute(
            registered_model_tags.insert().values(model_id=model.id, key=key, value=value)
        )
    data = {"name": name, "tags": values, "description": description}
    journal.record(connection, "registered_model.created", name, data, by=by)
    return True


def rename(connection: Connection, name: str, new_name: str, *, by: Principal) -> None:
    """Rename a model; its own gates go with it. Raises: NotFound, AlreadyExists, BadInput."""
    model = rows.lock_model(connection, name)
    valid_name(new_name)
    if new_name == name:
        return
    taken = select(registered_models.c.id).where(registered_models.c.name == new_name)
    if connection.execute(taken).first():
        raise AlreadyExists(f"Registered Model (name={new_name}) already exists.")
    gates = select(gate_policies.c.alias).where(gate_policies.c.name == new_name)
    if connection.execute(gates).first():
        # Neither gate may be lost, and only a person knows which of them is meant.
        raise BadInput(
            f"cannot rename {name!r}: gates are set for the name {new_name!r} already; "
            "remove them first"
        )
    _touch(connection, model.id, name=new_name)
    connection.execute(
        update(gate_policies).where(gate_policies.c.name == name).values(name=new_name)
    )
    data = {"name": name, "new_name": new_name}
    journal.record(connection, "registered_model.renamed", new_name, data, by=by)


def describe(connection: Connection, name: str, description: str, *, by: Principal) -> None:
    """Set the description. Raises: NotFound, BadInput."""
    rules.plain(description, "description")
    model = rows.lock_model(connection, name)
    _touch(connection, model.id, description=description)
    data = {"name": name, "description": description}
    journal.record(connection, "registered_model.updated", name, data, by=by)


def remove(connection: Connection, name: str, *, by: Principal) -> None:
    """Soft-delete a model with its versions; aliases go, and its name is free again.

    Raises: NotFound; Conflict if one of its aliases stands before a gate.
    """
    model = rows.lock_model(connection, name)
    held = select(model_aliases.c.alias).where(model_aliases.c.model_id == model.id)
    found = connection.execute(held.order_by(model_aliases.c.alias)).scalars().all()
    aliases.refuse_gated(connection, name, found, name)
    for alias in found:
        aliases.drop(connection, name, alias, reason="the model was deleted", by=by)
    table = model_versions
    last = connection.execute(
        select(func.max(table.c.deleted_at)).where(table.c.model_id == model.id)
    ).scalar()
    # Later than any version deleted by itself, so that a restore tells them apart.
    at = max(now(), (last or 0) + 1)
    connection.execute(
        update(table)
        .where(table.c.model_id == model.id, table.c.deleted.is_(False))
        .values(deleted=True, deleted_at=at)
    )
    _touch(connection, model.id, name=f"{name}/{model.id}", deleted_name=name, deleted_at=at)
    journal.record(connection, "registered_model.deleted", name, {"name": name}, by=by)


def set_tag(connection: Connection, name: str, key: str, value: str, *, by: Principal) -> None:
    """Set a tag. Raises: NotFound, BadInput."""
    valid_tags({key: value})
    model = rows.lock_model(connection, name)
    row = {"model_id": model.id, "key": key, "value": value}
    upsert.put(connection, registered_model_tags, row, key=["model_id", "key"])
    data = {"name": name, "key": key, "value": value}
    journal.record(connection, "registered_model_tag.set", name, data, by=by)


def delete_tag(connection: Connection, name: str, key: str, *, by: Principal) -> None:
    """Take a tag off; a missing one is fine. Raises: NotFound."""
    model = rows.lock_model(connection, name)
    table = registered_model_tags
    gone = connection.execute(
        delete(table).where(table.c.model_id == model.id, table.c.key == rules.plain(key, "key"))
    )
    if gone.rowcount:
        data = {"name": name, "key": key}
        journal.record(connection, "registered_model_tag.deleted", name, data, by=by)


def _touch(connection: Connection, model: int, **values: Any) -> None:
    connection.execute(
        update(registered_models)
        .where(registered_models.c.id == model)
        .values(updated_at=now(), **values)
    )
