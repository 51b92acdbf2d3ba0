"""Model versions inside a transaction: write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from mainstay import uris
from mainstay.entities.accounts import Principal
from mainstay.errors import BadInput, Conflict, NotFound
from mainstay.stores.sql import aliases, doomed, journal, registered_models, rules, upsert
from mainstay.stores.sql import registry_rows as rows
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.tables.logged_models import logged_models
from mainstay.stores.sql.tables.registry import (
    model_aliases,
    model_version_tags,
    model_versions,
)
from mainstay.stores.sql.tables.registry import (
    registered_models as models,
)

ADDRESS_BYTES = 2_000
"""Addresses are indexed, and PostgreSQL refuses longer index rows."""

ID_LENGTH = 250


def insert_version(
    connection: Connection,
    name: str,
    source: str,
    *,
    run_id: str | None = None,
    model_id: str | None = None,
    tags: Mapping[str, str] = {},
    run_link: str | None = None,
    description: str = "",
    digest: str | None = None,
    claimed_digest: str | None = None,
    storage_location: str | None = None,
    by: Principal,
) -> int:
    """Create the next version of a model and return its number. Raises: NotFound, BadInput."""
    if not isinstance(source, str) or not source.strip():
        raise BadInput("Missing value for required parameter 'source'.")
    _address(source, "source")
    _address(storage_location or "", "storage_location")
    for said in (digest, claimed_digest):
        if said is not None:
            _valid_digest(said)
    for what, value in (("run_id", run_id), ("model_id", model_id)):
        rules.plain(value or "", what, most=ID_LENGTH)
    for what, value in (("run_link", run_link), ("description", description)):
        rules.plain(value or "", what)
    values = registered_models.valid_tags(tags)
    model = rows.lock_model(connection, name)
    model_id, location, made_by = _logged_model(connection, source, model_id)
    run_id = run_id or made_by
    doomed.refuse(connection, source, storage_location, location, run_id, model_id)
    version: int = model.last_version + 1
    at = now()
    connection.execute(
        update(models).where(models.c.id == model.id).values(last_version=version, updated_at=at)
    )
    row = connection.execute(
        insert(model_versions)
        .values(
            model_id=model.id,
            version=version,
            source=source,
            storage_location=storage_location or location,
            run_id=run_id or None,
            logged_model_id=model_id,
            run_link=run_link or None,
            description=description or "",
            user_id=by.name if by.authenticated else by.claimed,
            stage="None",
            status="READY",
            status_message="",
            digest=digest,
            claimed_digest=claimed_digest if digest is None else None,
            hash_at=at if digest is None else None,
            created_at=at,
            updated_at=at,
            deleted=False,
            recorded_by=str(by),
        )
        .returning(model_versions.c.id)
    ).one()
    for key, value in values.items():
        connection.execute(
            insert(model_version_tags).values(version_id=row.id, key=key, value=value)
        )
    data = {
        "name": name,
        "version": version,
        "source": source,
        "run_id": run_id,
        "model_id": model_id,
        "digest": digest,
        "tags": values,
        "description": description,
    }
    journal.record(connection, "model_version.created", f"{name}/{version}", data, by=by)
    return version


def describe(
    connection: Connection, name: str, version: int, description: str, *, by: Principal
) -> None:
    """Set the description. Raises: NotFound, BadInput."""
    rules.plain(description, "description")
    row = _lock(connection, name, version)
    _touch(connection, row.id, description=description)
    data = {"name": name, "version": version, "description": description}
    journal.record(connection, "model_version.updated", f"{name}/{version}", data, by=by)


def set_digest(
    connection: Connection, name: str, version: int, digest: str, *, by: Principal
) -> None:
    """Fix the digest of a pending version. Raises: NotFound, BadInput, Conflict."""
    _valid_digest(digest)
    row = _lock(connection, name, version)
    if row.digest == digest:
        return
    if row.digest is not None:
        raise Conflict(
            f"{name} v{version} has the digest {row.digest} already; its files may not change. "
            "Register the new files as a new version"
        )
    if row.claimed_digest not in (None, digest):
        raise Conflict(
            f"the files of {name} v{version} have the digest {digest}, and when it was registered "
            f"{row.claimed_digest} was said; register the files that are there as a new version"
        )
    _touch(connection, row.id, digest=digest, hash_at=None, status_message="")
    data = {"name": name, "version": version, "digest": digest}
    journal.record(connection, "model_version.hashed", f"{name}/{version}", data, by=by)


def remove(connection: Connection, name: str, version: int, *, by: Principal) -> None:
    """Soft-delete: the number stays used, aliases go, and ``restoring`` can bring it back.

    Raises: NotFound; Conflict if it holds an alias that stands before a gate.
    """
    row = _lock(connection, name, version)
    held = select(model_aliases.c.alias).where(
        model_aliases.c.model_id == row.model_id, model_aliases.c.version == version
    )
    found = connection.execute(held.order_by(model_aliases.c.alias)).scalars().all()
    aliases.refuse_gated(connection, name, found, f"{name} v{version}")
    for alias in found:
        aliases.drop(connection, name, alias, reason=f"version {version} was deleted", by=by)
    _touch(connection, row.id, deleted=True, deleted_at=now())
    data = {"name": name, "version": version}
    journal.record(connection, "model_version.deleted", f"{name}/{version}", data, by=by)


def set_tag(
    connection: Connection, name: str, version: int, key: str, value: str, *, by: Principal
) -> None:
    """Set a tag. Raises: NotFound, BadInput."""
    registered_models.valid_tags({key: value})
    row = _lock(connection, name, version)
    tag = {"version_id": row.id, "key": key, "value": value}
    upsert.put(connection, model_version_tags, tag, key=["version_id", "key"])
    data = {"name": name, "version": version, "key": key, "value": value}
    journal.record(connection, "model_version_tag.set", f"{name}/{version}", data, by=by)


def delete_tag(connection: Connection, name: str, version: int, key: str, *, by: Principal) -> None:
    """Take a tag off; a missing one is fine. Raises: NotFound."""
    row = _lock(connection, name, version)
    table = model_version_tags
    gone = connection.execute(
        delete(table).where(table.c.version_id == row.id, table.c.key == rules.plain(key, "key"))
    )
    if gone.rowcount:
        data = {"name": name, "version": version, "key": key}
        journal.record(connection, "model_version_tag.deleted", f"{name}/{version}", data, by=by)


def _lock(connection: Connection, name: str, version: int) -> Row[Any]:
    return rows.version(connection, rows.lock_model(connection, name), version)


def _valid_digest(digest: str) -> None:
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise BadInput(f"{digest[:80]!r} is no digest; it must be 64 hexadecimal digits")


def _address(text: str, what: str) -> None:
    rules.plain(text, what)
    if len(text.encode()) > ADDRESS_BYTES:
        raise BadInput(f"'{what}' is longer than {ADDRESS_BYTES} bytes: {text[:80]!r}…")


def _touch(connection: Connection, version_id: int, **values: Any) -> None:
    connection.execute(
        update(model_versions)
        .where(model_versions.c.id == version_id)
        .values(updated_at=now(), **values)
    )


def _logged_model(
    connection: Connection, source: str, model_id: str | None
) -> tuple[str | None, str | None, str | None]:
    """Return the logged model that a source names, where its files lie, and the run it is from.

    Raises: NotFound.
    """
    given = uris.parse(source)
    if not isinstance(given, uris.ModelUri) or given.model_id is None:
        return model_id or None, None, None
    table = logged_models
    row = connection.execute(
        select(table.c.artifact_location, table.c.source_run_id).where(
            table.c.model_id == given.model_id
        )
    ).first()
    if row is None:
        raise NotFound(f"Logged model with ID '{given.model_id}' not found")
    return given.model_id, row.artifact_location, row.source_run_id
