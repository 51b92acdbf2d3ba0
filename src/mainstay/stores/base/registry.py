"""The registry contract: models, versions, stages, tags, aliases and their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from mainstay.entities.accounts import ANONYMOUS, Principal, Recorder
from mainstay.entities.pages import Page, Search
from mainstay.entities.registry import AliasChange, Deleted, ModelVersion, RegisteredModel, Stage
from mainstay.entities.release import AliasMove


class RegistryStore(Protocol):
    """Keeps which model is which version. ``by`` is who asks; it goes into audit and history."""

    # -- models ------------------------------------------------------------------------------
    def create_registered_model(
        self,
        name: str,
        *,
        tags: Mapping[str, str] = {},
        description: str = "",
        by: Principal = ANONYMOUS,
    ) -> RegisteredModel:
        """Create a model. Raises: AlreadyExists, BadInput (a blank name, or one with / or :)."""
        ...

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return it. Raises: NotFound."""
        ...

    def rename_registered_model(
        self, name: str, new_name: str, *, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Rename it with all its versions. Raises: NotFound, AlreadyExists, BadInput."""
        ...

    def update_registered_model(
        self, name: str, *, description: str, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Set its description. Raises: NotFound."""
        ...

    def delete_registered_model(self, name: str, *, by: Principal = ANONYMOUS) -> None:
        """Soft-delete it with its versions; its aliases go, and its name is free.

        Raises: NotFound; Conflict if one of its aliases stands before a gate.
        """
        ...

    def restore_registered_model(
        self, name: str, *, new_name: str | None = None, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Bring back the model of this name that was deleted last, with its versions, no aliases.

        Raises: NotFound, BadInput, AlreadyExists (the name is taken; give ``new_name``).
        """
        ...

    def list_deleted(self, name: str | None = None) -> list[Deleted]:
        """Return the deleted models and versions that can be restored, the last deleted first."""
        ...

    def search_registered_models(self, search: Search) -> Page[RegisteredModel]:
        """Search; default order is by name. Raises: BadInput."""
        ...

    def set_registered_model_tag(
        self, name: str, key: str, value: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Set a tag. Raises: NotFound, BadInput."""
        ...

    def delete_registered_model_tag(
        self, name: str, key: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Take a tag off; a missing tag is fine. Raises: NotFound."""
        ...

    # -- versions ----------------------------------------------------------------------------
    def create_model_version(
        self,
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
        by: Principal = ANONYMOUS,
    ) -> ModelVersion:
        """Create the next version; numbers are never used twice.

        ``digest`` freezes the files (the manifest hashed at upload). ``claimed_digest`` is what
        somebody says it is: the version is pending until its files were hashed, and no other digest
        is taken then. What a client tells a server is a claim.
        Raises: NotFound, BadInput.
        """
        ...

    def get_model_version(self, name: str, version: int) -> ModelVersion:
        """Return it. Raises: NotFound."""
        ...

    def get_version_recorder(self, name: str, version: int) -> Recorder:
        """Return who recorded a version. Raises: NotFound."""
        ...

    def vouch_model_version(
        self, name: str, version: int, *, by: Principal = ANONYMOUS
    ) -> Recorder:
        """Stand for a version in the place of who recorded it, an import say. Raises: NotFound."""
        ...

    def update_model_version(
        self, name: str, version: int, *, description: str, by: Principal = ANONYMOUS
    ) -> ModelVersion:
        """Set its description. Raises: NotFound."""
        ...

    def set_version_digest(self, name: str, version: int, digest: str) -> None:
        """Fix the digest of a version that was still being hashed.

        Raises: NotFound; Conflict if it has another one already.
        """
        ...

    def delete_model_version(self, name: str, version: int, *, by: Principal = ANONYMOUS) -> None:
        """Soft-delete it: its number stays used, its aliases go.

        Raises: NotFound; Conflict if it holds an alias that stands before a gate.
        """
        ...

    def restore_model_version(
        self, name: str, version: int, *, by: Principal = ANONYMOUS
    ) -> ModelVersion:
        """Bring back a deleted version, without its aliases. Raises: NotFound."""
        ...

    def search_model_versions(self, search: Search) -> Page[ModelVersion]:
        """Search; default order is last updated desc, name, version desc. Raises: BadInput."""
        ...

    def set_model_version_tag(
        self, name: str, version: int, key: str, value: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Set a tag. Raises: NotFound, BadInput."""
        ...

    def delete_model_version_tag(
        self, name: str, version: int, key: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Take a tag off. Raises: NotFound."""
        ...

    # -- stages ------------------------------------------------------------------------------
    def transition_stage(
        self,
        name: str,
        version: int,
        stage: Stage,
        *,
        archive_existing: bool = False,
        rests_on: Sequence[AliasMove] = (),
        by: Principal = ANONYMOUS,
    ) -> ModelVersion:
        """Move a version to a stage.

        ``rests_on`` are the decisions of gates, checked again and kept in the same transaction; a
        server takes them from nobody and decides itself.
        Raises: NotFound, BadInput on an unknown stage, Conflict (something decided upon changed).
        """
        ...

    def get_latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        """Return the newest version of each stage (all stages if none given). Raises: NotFound."""
        ...

    # -- aliases -----------------------------------------------------------------------------
    def set_alias(
        self, name: str, alias: str, version: int, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> None:
        """Point an alias at a version; MLflow's call, last writer wins, recorded in the history.

        A guarded registry runs the gate first. Raises: NotFound, BadInput, GateRefused.
        """
        ...

    def delete_alias(
        self, name: str, alias: str, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> None:
        """Remove an alias; a missing one is fine. Raises: NotFound (the model)."""
        ...

    def get_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the holder; ``latest`` is the highest version. Raises: NotFound, AliasNotFound."""
        ...

    def alias_history(self, name: str, alias: str | None = None) -> list[AliasChange]:
        """Return every change of this alias (or all of the model's), oldest first."""
        ...
