"""Records of the registry, loaded inside a transaction with as few statements as can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select, tuple_

from mainstay.entities.registry import ModelVersion, RegisteredModel
from mainstay.stores.sql.statements import Statement, among
from mainstay.stores.sql.tables.registry import (
    model_aliases,
    model_versions,
    registered_model_tags,
    registered_models,
)

_VERSION = (
    "SELECT versions.*, registered_models.name FROM model_versions AS versions "
    "JOIN registered_models ON registered_models.id = versions.model_id "
)
_HOLDER = Statement(
    _VERSION + "JOIN model_aliases AS aliases ON aliases.model_id = versions.model_id "
    "AND aliases.version = versions.version WHERE registered_models.name = ? AND aliases.alias = ?"
)
_TAGS = Statement(
    "SELECT version_id, key, value FROM model_version_tags WHERE version_id {among} ORDER BY key"
)
_ALIASES = Statement(
    "SELECT model_id, alias, version FROM model_aliases WHERE model_id {among} ORDER BY alias"
)

CHUNK = 5_000
"""How many keys one statement asks for; SQLite allows 32 766 parameters."""


def models(connection: Connection, rows: Sequence[Row[Any]]) -> list[RegisteredModel]:
    """Turn rows into records, with tags, aliases and the newest version of each stage."""
    ids = [row.id for row in rows]
    tags: dict[int, dict[str, str]] = {model: {} for model in ids}
    aliases: dict[int, dict[str, int]] = {model: {} for model in ids}
    newest: dict[int, list[ModelVersion]] = {model: [] for model in ids}
    table = registered_model_tags
    for row in connection.execute(
        select(table).where(table.c.model_id.in_(ids)).order_by(table.c.key)
    ):
        tags[row.model_id][row.key] = row.value
    for row in connection.execute(
        select(model_aliases)
        .where(model_aliases.c.model_id.in_(ids))
        .order_by(model_aliases.c.alias)
    ):
        aliases[row.model_id][row.alias] = row.version
    names = {row.name: row.id for row in rows}
    for version in latest(connection, ids):
        newest[names[version.name]].append(version)
    return [
        RegisteredModel(
            name=row.name,
            creation_timestamp=row.created_at,
            last_updated_timestamp=row.updated_at,
            description=row.description,
            latest_versions=newest[row.id],
            tags=tags[row.id],
            aliases=aliases[row.id],
        )
        for row in rows
    ]


def latest(
    connection: Connection, models: Sequence[int], stages: Sequence[str] = ()
) -> list[ModelVersion]:
    """Return the newest version of each stage of these models, by model and version."""
    table = model_versions
    chosen = select(func.max(table.c.version), table.c.model_id).where(
        table.c.model_id.in_(models), table.c.deleted.is_(False)
    )
    if stages:
        chosen = chosen.where(table.c.stage.in_(stages))
    best = chosen.group_by(table.c.model_id, table.c.stage)
    keys = [(model, version) for version, model in connection.execute(best)]
    return versions_by_key(connection, keys)


def holder(connection: Connection, name: str, alias: str) -> ModelVersion | None:
    """Load the version that holds an alias; None if there is no such model or alias."""
    row = _HOLDER.row(connection, name, alias)
    return None if row is None else versions(connection, [row])[0]


def versions_by_key(connection: Connection, keys: Sequence[tuple[int, int]]) -> list[ModelVersion]:
    """Load versions by (model id, version), in that order."""
    rows: list[Row[Any]] = []
    pair = tuple_(model_versions.c.model_id, model_versions.c.version)
    for start in range(0, len(keys), CHUNK):
        found = select(model_versions, registered_models.c.name).join(registered_models)
        rows += connection.execute(found.where(pair.in_(keys[start : start + CHUNK])))
    return versions(connection, sorted(rows, key=lambda row: (row.model_id, row.version)))


def versions_by_id(connection: Connection, ids: Sequence[int]) -> list[ModelVersion]:
    """Load versions by their internal id, in that order."""
    rows: dict[int, Row[Any]] = {}
    found = select(model_versions, registered_models.c.name).join(registered_models)
    for start in range(0, len(ids), CHUNK):
        part = found.where(model_versions.c.id.in_(ids[start : start + CHUNK]))
        rows |= {row.id: row for row in connection.execute(part)}
    return versions(connection, [rows[number] for number in ids])


def versions(connection: Connection, rows: Sequence[Any]) -> list[ModelVersion]:
    """Turn rows of versions joined with the model's name into records, in the same order."""
    tags: dict[int, dict[str, str]] = {}
    held: dict[tuple[int, int], list[str]] = {}
    for version, key, value in _TAGS.rows(connection, among(connection, [row.id for row in rows])):
        tags.setdefault(version, {})[key] = value
    for model, alias, version in _ALIASES.rows(
        connection, among(connection, sorted({row.model_id for row in rows}))
    ):
        held.setdefault((model, version), []).append(alias)
    return [
        _record(row, tags.get(row.id, {}), tuple(held.get((row.model_id, row.version), ())))
        for row in rows
    ]


def _record(row: Any, tags: dict[str, str], held: tuple[str, ...]) -> ModelVersion:
    return ModelVersion(
        name=row.name,
        version=row.version,
        source=row.source,
        creation_timestamp=row.created_at,
        last_updated_timestamp=row.updated_at,
        current_stage=row.stage,
        description=row.description,
        run_id=row.run_id,
        model_id=row.logged_model_id,
        run_link=row.run_link,
        status=row.status,
        status_message=row.status_message,
        user_id=row.user_id,
        digest=row.digest,
        storage_location=row.storage_location,
        tags=tags,
        aliases=held,
    )
