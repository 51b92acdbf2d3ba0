"""Aliases inside a transaction: the one move, its expectations, and the history."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from msgspec import UNSET
from sqlalchemy import Connection, Row, delete, insert, select

from mainstay import killpoints
from mainstay.entities.accounts import Principal
from mainstay.entities.registry import AliasChange, ModelVersion
from mainstay.entities.release import AliasMove
from mainstay.errors import AliasNotFound, BadInput, Conflict
from mainstay.stores.sql import decisions, journal, rules, upsert
from mainstay.stores.sql import registry_records as records
from mainstay.stores.sql import registry_rows as rows
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.tables.registry import alias_changes, model_aliases, model_versions

LENGTH = 255
_ALIAS = re.compile(r"[\w\-]*\Z")
_VERSION = re.compile(r"v\d+\Z", re.IGNORECASE)


def valid_alias(alias: str) -> str:
    """Return an alias that may be set. Raises: BadInput."""
    if not alias:
        raise BadInput("Registered model alias name cannot be empty.")
    rules.plain(alias, "Registered model alias name", most=LENGTH)
    if not _ALIAS.match(alias):
        raise BadInput(
            f"Invalid alias name: '{alias}'. Names may only contain alphanumerics, "
            "underscores (_), and dashes (-)."
        )
    if alias.lower() == "latest":
        raise BadInput("'latest' alias name (case insensitive) is reserved.")
    if _VERSION.match(alias):
        raise BadInput(f"Version alias name '{alias}' is reserved.")
    return alias


def move(connection: Connection, move: AliasMove) -> AliasChange:
    """Check the move's expectations, then write alias, history, verdict, audit and events.

    Raises: NotFound, BadInput, Conflict.
    """
    valid_alias(move.alias)
    rules.plain(move.reason, "reason")
    model = rows.lock_model(connection, move.name)
    previous = holder(connection, model.id, move.alias)
    if move.expected_version is not UNSET and move.expected_version != previous:
        raise Conflict(
            f"alias {move.alias!r} of {move.name} is held by {_shown(previous)}, not by "
            f"{_shown(move.expected_version)}; look at it again"
        )
    if move.version is not None:
        version = rows.version(connection, model, move.version)
        if move.version_digest is not UNSET and move.version_digest != version.digest:
            raise Conflict(f"the files of {move.name} v{move.version} are not those decided upon")
    decisions.recheck(connection, model, move)
    return _write(connection, model, previous, move)


def drop(connection: Connection, name: str, alias: str, *, reason: str, by: Principal) -> None:
    """Remove an alias; a missing one is fine. Raises: NotFound (the model)."""
    model = rows.lock_model(connection, name)
    rules.plain(alias, "alias")
    previous = holder(connection, model.id, alias)
    if previous is None:
        return
    gone = AliasMove(
        name=name, alias=alias, version=None, kind="delete", principal=by, reason=reason
    )
    _write(connection, model, previous, gone)


def refuse_gated(connection: Connection, name: str, held: Sequence[str], what: str) -> None:
    """Refuse to take away what holds a gated alias. Raises: Conflict."""
    for alias in held:
        if decisions.find_policy(connection, name, alias) is not None:
            raise Conflict(
                f"{what} holds the alias {alias!r}, which stands before a gate; move the alias to "
                f"another version (mainstay promote), or take it away (mainstay models alias "
                f"delete {name} {alias}), then delete"
            )


def holder(connection: Connection, model: int, alias: str) -> int | None:
    """Return the version that holds an alias; None if none does."""
    found: int | None = connection.execute(
        select(model_aliases.c.version).where(
            model_aliases.c.model_id == model, model_aliases.c.alias == alias
        )
    ).scalar()
    return found


def resolve(connection: Connection, name: str, alias: str) -> ModelVersion:
    """Return the holder; ``latest`` is the highest version.

    Raises:
        NotFound: there is no such model.
        AliasNotFound: it has no such alias.
        BadInput: no model, or no alias, can have that name.
    """
    if alias.lower() != "latest":
        rules.plain(name, "Model name")
        held = records.holder(connection, name, rules.plain(alias, "alias"))
        if held is not None:
            return held
    model = rows.model(connection, name)
    version = None
    if alias.lower() == "latest":
        version = connection.execute(
            select(model_versions.c.version)
            .where(model_versions.c.model_id == model.id, model_versions.c.deleted.is_(False))
            .order_by(model_versions.c.version.desc())
        ).scalar()
    if version is None:
        if alias.lower() != "latest":
            valid_alias(alias)
        raise AliasNotFound(f"Registered model alias {alias} not found.")
    return records.versions_by_key(connection, [(model.id, version)])[0]


def history(connection: Connection, name: str, alias: str | None) -> list[AliasChange]:
    """Return every change, oldest first. Raises: NotFound."""
    model = rows.model(connection, name)
    query = select(alias_changes).where(alias_changes.c.model_id == model.id)
    if alias is not None:
        query = query.where(alias_changes.c.alias == rules.plain(alias, "alias"))
    return [_change(row, name) for row in connection.execute(query.order_by(alias_changes.c.id))]


def _write(
    connection: Connection, model: Row[Any], previous: int | None, move: AliasMove
) -> AliasChange:
    place = {"model_id": model.id, "alias": move.alias}
    if move.version is None:
        connection.execute(delete(model_aliases).filter_by(**place))
    else:
        row = {**place, "version": move.version}
        upsert.put(connection, model_aliases, row, key=["model_id", "alias"])
    if move.verdict is not None:
        decisions.insert_verdict(connection, model, move.verdict, by=move.principal)
    verdict_id = move.verdict.verdict_id if move.verdict else None
    written = connection.execute(
        insert(alias_changes)
        .values(
            **place,
            previous=previous,
            version=move.version,
            principal=str(move.principal),
            reason=move.reason,
            kind=move.kind if move.version is not None else "delete",
            verdict_id=verdict_id,
            at=now(),
        )
        .returning(alias_changes)
    ).one()
    data = {
        "name": move.name,
        "alias": move.alias,
        "version": move.version,
        "previous": previous,
        "kind": written.kind,
        "reason": move.reason,
        "verdict_id": verdict_id,
        "approvals": list(move.approvals),
    }
    event = "deleted" if move.version is None else "created"
    subject = f"{move.name}@{move.alias}"
    journal.record(connection, f"model_version_alias.{event}", subject, data, by=move.principal)
    killpoints.reach("alias.moved")
    return _change(written, move.name)


def _change(row: Row[Any], name: str) -> AliasChange:
    return AliasChange(
        change_id=row.id,
        name=name,
        alias=row.alias,
        previous=row.previous,
        version=row.version,
        principal=row.principal,
        reason=row.reason,
        kind=row.kind,
        verdict_id=row.verdict_id,
        at=row.at,
    )


def _shown(version: object) -> str:
    return "nobody" if version is None else f"v{version}"
