"""Write what another registry kept, as it was: numbers with their gaps, stages, times, users.

As in ``bulk``: inside the caller's transaction, repeatable, and what is here already stays. An
alias that stands before a gate here, or that somebody moved here, is left to people.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from mainstay.entities.accounts import Principal
from mainstay.entities.registry import ModelVersion, RegisteredModel
from mainstay.stores.sql import audit, journal
from mainstay.stores.sql import registry_rows as rows
from mainstay.stores.sql.bulk import keep
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.tables.registry import (
    alias_changes,
    model_aliases,
    model_version_tags,
    model_versions,
    registered_model_tags,
    registered_models,
)
from mainstay.stores.sql.tables.release import gate_policies


def registered_model(
    connection: Connection,
    wanted: RegisteredModel,
    versions: Sequence[ModelVersion],
    *,
    last_version: int,
    origin: str,
    by: Principal,
) -> list[str]:
    """Keep a model with its versions and aliases; return what was left to people, in sentences.

    ``last_version`` is the highest number ever given, so that none is given again.
    """
    audit.serialise(connection)
    model = _model(connection, wanted, last_version)
    new = [version for version in versions if _version(connection, model, version)]
    moved, left = _aliases(connection, model, wanted, origin, by)
    if new or moved:
        data = {
            "name": wanted.name,
            "origin": origin,
            "versions": [version.version for version in new],
            "aliases": moved,
        }
        journal.record(connection, "registered_model.imported", wanted.name, data, by=by)
    return left


def undigested(connection: Connection, name: str) -> list[int]:
    """Return the versions of a model whose files were never hashed."""
    table = model_versions
    joined = (
        select(table.c.version)
        .join(registered_models)
        .where(
            registered_models.c.name == name, table.c.digest.is_(None), table.c.deleted.is_(False)
        )
    )
    return list(connection.execute(joined.order_by(table.c.version)).scalars())


def digest(connection: Connection, *, name: str, version: int, to: str) -> None:
    """Fix the digest of a version that has none; its times stay."""
    model = rows.lock_model(connection, name)
    table = model_versions
    connection.execute(
        update(table)
        .where(table.c.model_id == model.id, table.c.version == version, table.c.digest.is_(None))
        .values(digest=to)
    )


def _model(connection: Connection, wanted: RegisteredModel, last_version: int) -> Row[Any]:
    row = {
        "name": wanted.name,
        "description": wanted.description,
        "created_at": wanted.creation_timestamp,
        "updated_at": wanted.last_updated_timestamp,
        "last_version": last_version,
    }
    keep(connection, registered_models, [row], key=["name"])
    model = rows.lock_model(connection, wanted.name)
    if model.last_version < last_version:
        connection.execute(
            update(registered_models)
            .where(registered_models.c.id == model.id)
            .values(last_version=last_version)
        )
    pairs = [{"model_id": model.id, "key": k, "value": v} for k, v in wanted.tags.items()]
    keep(connection, registered_model_tags, pairs)
    return model


def _version(connection: Connection, model: Row[Any], wanted: ModelVersion) -> bool:
    """Keep a version with its tags; tell whether it is new here."""
    table = model_versions
    found = select(table.c.id, table.c.deleted, table.c.storage_location).where(
        table.c.model_id == model.id, table.c.version == wanted.version
    )
    row = connection.execute(found).first()
    new = row is None
    if row is None:
        connection.execute(
            table.insert().values(
                model_id=model.id,
                version=wanted.version,
                source=wanted.source,
                storage_location=wanted.storage_location,
                run_id=wanted.run_id,
                logged_model_id=wanted.model_id,
                run_link=wanted.run_link,
                description=wanted.description,
                user_id=wanted.user_id,
                stage=wanted.current_stage,
                status=wanted.status,
                status_message=wanted.status_message,
                created_at=wanted.creation_timestamp,
                updated_at=wanted.last_updated_timestamp,
                deleted=False,
            )
        )
        row = connection.execute(found).one()
    if not row.deleted:
        if row.storage_location is None and wanted.storage_location is not None:
            # Its files were missing, and have come.
            place = update(table).where(table.c.id == row.id)
            connection.execute(place.values(storage_location=wanted.storage_location))
        pairs = [{"version_id": row.id, "key": k, "value": v} for k, v in wanted.tags.items()]
        keep(connection, model_version_tags, pairs)
    return new


def _aliases(
    connection: Connection, model: Row[Any], wanted: RegisteredModel, origin: str, by: Principal
) -> tuple[dict[str, int], list[str]]:
    """Set aliases that nobody here decided about; return those set, and what was left alone."""
    table = model_aliases
    query = select(table.c.alias, table.c.version).where(table.c.model_id == model.id)
    held = {row[0]: row[1] for row in connection.execute(query)}
    moved: dict[str, int] = {}
    left = []
    for alias, version in sorted(wanted.aliases.items()):
        holder = held.get(alias)
        if holder == version:
            continue
        what = f"alias {wanted.name}@{alias} (v{version} there, {_shown(holder)} here) was left"
        if _gated(connection, wanted.name, alias):
            left.append(f"{what}: it stands before a gate; use mainstay promote")
        elif alias in held and not _imported(connection, model, alias):
            left.append(f"{what}: it was moved here; move it with mainstay models alias")
        elif not _there(connection, model, version):
            left.append(f"{what}: v{version} is not here")
        else:
            _move(connection, model, alias, holder, version, origin, by)
            moved[alias] = version
    return moved, left


def _gated(connection: Connection, name: str, alias: str) -> bool:
    table = gate_policies
    gate = select(table.c.alias).where(
        or_(table.c.name == name, table.c.name == "*"), table.c.alias == alias
    )
    return connection.execute(gate).first() is not None


def _imported(connection: Connection, model: Row[Any], alias: str) -> bool:
    """Tell whether the last change of an alias was an import's."""
    table = alias_changes
    last = connection.execute(
        select(table.c.reason)
        .where(table.c.model_id == model.id, table.c.alias == alias)
        .order_by(table.c.id.desc())
        .limit(1)
    ).scalar()
    return last is not None and last.startswith("imported from ")


def _there(connection: Connection, model: Row[Any], version: int) -> bool:
    table = model_versions
    found = select(table.c.id).where(
        table.c.model_id == model.id, table.c.version == version, table.c.deleted.is_(False)
    )
    return connection.execute(found).first() is not None


def _move(
    connection: Connection,
    model: Row[Any],
    alias: str,
    previous: int | None,
    version: int,
    origin: str,
    by: Principal,
) -> None:
    row = {"model_id": model.id, "alias": alias, "version": version}
    if previous is None:
        connection.execute(model_aliases.insert().values(**row))
    else:
        connection.execute(
            update(model_aliases)
            .where(model_aliases.c.model_id == model.id, model_aliases.c.alias == alias)
            .values(version=version)
        )
    connection.execute(
        alias_changes.insert().values(
            **row,
            previous=previous,
            principal=str(by),
            reason=f"imported from {origin}",
            kind="set",
            at=now(),
        )
    )


def _shown(version: int | None) -> str:
    return "nobody" if version is None else f"v{version}"
