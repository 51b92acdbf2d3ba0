"""The registry: models, their numbered versions, and the aliases that point at them."""

from __future__ import annotations

from typing import Literal

import msgspec

Stage = Literal["None", "Staging", "Production", "Archived"]
VersionStatus = Literal["PENDING_REGISTRATION", "FAILED_REGISTRATION", "READY"]


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version: immutable in its files, run and digest; tags and texts may change.

    ``digest`` is the SHA-256 of the manifest of its files; None until they are hashed, and a
    version without one is pending for gates.
    """

    name: str
    version: int
    source: str
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    current_stage: Stage = "None"
    description: str = ""
    run_id: str | None = None
    model_id: str | None = None
    run_link: str | None = None
    status: VersionStatus = "READY"
    status_message: str = ""
    user_id: str = ""
    digest: str | None = None
    storage_location: str | None = None
    tags: dict[str, str] = {}
    aliases: tuple[str, ...] = ()

    @property
    def uri(self) -> str:
        """The address that loads this version."""
        return f"models:/{self.name}/{self.version}"


class RegisteredModel(msgspec.Struct, frozen=True, kw_only=True):
    """A registered model: a name that gathers versions."""

    name: str
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    description: str = ""
    latest_versions: list[ModelVersion] = []
    tags: dict[str, str] = {}
    aliases: dict[str, int] = {}


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    """A deleted model (``version`` None), or a version deleted by itself, that can be restored.

    ``versions`` are those that come back with a model.
    """

    name: str
    version: int | None = None
    deleted_at: int
    versions: tuple[int, ...] = ()


class AliasChange(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of an alias's history: append-only, oldest first."""

    change_id: int
    name: str
    alias: str
    previous: int | None
    version: int | None
    principal: str
    reason: str
    kind: Literal["set", "delete", "rollback"]
    verdict_id: str | None
    at: int
