"""Registered models of an MLflow database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import func, select

from mainstay import uris
from mainstay.entities.registry import ModelVersion, RegisteredModel, Stage, VersionStatus
from mainstay.errors import BadInput
from mainstay.importing.layout import WORKSPACE, Layout
from mainstay.importing.source import FoundRegistered, fitting

GONE = "Deleted_Internal"
"""The stage that MLflow gives to a deleted version."""

PROMPT = "mlflow.prompt.is_prompt"

Key = tuple[str, str]
"""(workspace, name)."""


class RegistryReader:
    """Reads models, versions, tags and aliases, one model at a time."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    @property
    def prompts(self) -> int:
        """How many of the registered models are prompts."""
        if not self._layout.has("registered_model_tags"):
            return 0
        table = self._layout.table("registered_model_tags")
        marked = select(func.count()).where(table.c.key == PROMPT, table.c.value == "true")
        return int(self._layout.connection.execute(marked).scalar() or 0)

    def registered(self) -> Iterator[FoundRegistered]:
        """Yield models by name; those of another workspace are named ``<workspace>.<name>``."""
        if not self._layout.has("registered_models"):
            return
        table = self._layout.table("registered_models")
        space = self._layout.workspace("registered_models").label("space")
        query = select(table, space).order_by(space, table.c.name)
        for row in self._layout.connection.execute(query).all():
            key = (row.space, row.name)
            tags = {
                fitting(tag.key): fitting(tag.value)
                for tag in self._of("registered_model_tags", key)
            }
            if tags.get(PROMPT) == "true":
                continue
            yield self._found(row, key, tags)

    def _found(self, row: Any, key: Key, tags: dict[str, str]) -> FoundRegistered:
        name = fitting(row.name if row.space == WORKSPACE else f"{row.space}.{row.name}")
        aliases = {item.alias: item.version for item in self._of("registered_model_aliases", key)}
        rows = sorted(self._of("model_versions", key), key=lambda version: int(version.version))
        version_tags: dict[int, dict[str, str]] = {}
        for tag in self._of("model_version_tags", key):
            version_tags.setdefault(tag.version, {})[fitting(tag.key)] = fitting(tag.value)
        versions = [
            version_of(
                name,
                version._mapping,
                version_tags.get(version.version, {}),
                created=version.creation_time,
                updated=version.last_updated_time,
            )
            for version in rows
            if version.current_stage != GONE
        ]
        there = {version.version for version in versions}
        model = RegisteredModel(
            name=name,
            creation_timestamp=row.creation_time or 0,
            last_updated_timestamp=row.last_updated_time or row.creation_time or 0,
            description=fitting(row.description),
            tags=tags,
            aliases={alias: number for alias, number in aliases.items() if number in there},
        )
        return FoundRegistered(model, versions, max((int(one.version) for one in rows), default=0))

    def _of(self, name: str, key: Key) -> list[Any]:
        """Return the rows of a table that belong to a model."""
        if not self._layout.has(name):
            return []
        table = self._layout.table(name)
        query = select(table).where(table.c.name == key[1], self._layout.workspace(name) == key[0])
        return list(self._layout.connection.execute(query).all())


def version_of(
    name: str, values: Any, tags: dict[str, str], *, created: int | None, updated: int | None
) -> ModelVersion:
    """Make the record of a version from what MLflow calls its fields."""
    source = fitting(values.get("source"))
    return ModelVersion(
        name=name,
        version=int(values["version"]),
        source=source,
        creation_timestamp=created or 0,
        last_updated_timestamp=updated or created or 0,
        current_stage=cast(Stage, values.get("current_stage") or "None"),
        description=fitting(values.get("description")),
        run_id=values.get("run_id") or None,
        model_id=values.get("model_id") or _model_id(source),
        run_link=values.get("run_link") or None,
        status=cast(VersionStatus, values.get("status") or "READY"),
        status_message=fitting(values.get("status_message")),
        user_id=fitting(values.get("user_id")),
        storage_location=values.get("storage_location") or None,
        tags=tags,
    )


def _model_id(source: str) -> str | None:
    """Return the logged model that a source names; MLflow has no column for it."""
    try:
        address = uris.parse(source) if source else None
    except BadInput:
        return None
    return address.model_id if isinstance(address, uris.ModelUri) else None
