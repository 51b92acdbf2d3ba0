"""The registry on SQL: each method is one transaction around the functions of its noun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from mainstay.entities.accounts import ANONYMOUS, Principal, Recorder
from mainstay.entities.pages import Page, Search
from mainstay.entities.registry import AliasChange, Deleted, ModelVersion, RegisteredModel, Stage
from mainstay.entities.release import AliasMove
from mainstay.errors import AlreadyExists
from mainstay.stores.sql import (
    aliases,
    recorders,
    registered_models,
    registry_search,
    restoring,
    versions,
)
from mainstay.stores.sql import registry_records as records
from mainstay.stores.sql import registry_rows as rows
from mainstay.stores.sql import stages as stage_moves
from mainstay.stores.sql.database import Database

HASHING = Principal(name="mainstay", claimed="hashing")
"""Who fixes a digest: whichever process hashed the files, on nobody's behalf."""


class SqlRegistry:
    """Fulfils ``RegistryStore`` on a database; it guards nothing."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # -- models ------------------------------------------------------------------------------
    def create_registered_model(
        self,
        name: str,
        *,
        tags: Mapping[str, str] = {},
        description: str = "",
        by: Principal = ANONYMOUS,
    ) -> RegisteredModel:
        """Create a model."""

        def work(connection: Connection) -> RegisteredModel:
            if not registered_models.insert(
                connection, name, tags=tags, description=description or "", by=by
            ):
                raise AlreadyExists(f"Registered Model (name={name}) already exists.")
            return _model(connection, name)

        return self.database.write(work)

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return it."""
        with self.database.read() as connection:
            return _model(connection, name)

    def rename_registered_model(
        self, name: str, new_name: str, *, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Rename it with all its versions."""

        def work(connection: Connection) -> RegisteredModel:
            registered_models.rename(connection, name, new_name, by=by)
            return _model(connection, new_name)

        return self.database.write(work)

    def update_registered_model(
        self, name: str, *, description: str, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Set its description."""

        def work(connection: Connection) -> RegisteredModel:
            registered_models.describe(connection, name, description, by=by)
            return _model(connection, name)

        return self.database.write(work)

    def delete_registered_model(self, name: str, *, by: Principal = ANONYMOUS) -> None:
        """Soft-delete it with its versions."""
        self.database.write(lambda connection: registered_models.remove(connection, name, by=by))

    def restore_registered_model(
        self, name: str, *, new_name: str | None = None, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Bring it back with its versions."""

        def work(connection: Connection) -> RegisteredModel:
            return _model(connection, restoring.restore_model(connection, name, new_name, by=by))

        return self.database.write(work)

    def list_deleted(self, name: str | None = None) -> list[Deleted]:
        """Return what can be restored, the last deleted first."""
        with self.database.read() as connection:
            return restoring.deleted(connection, name)

    def search_registered_models(self, search: Search) -> Page[RegisteredModel]:
        """Search; default order is by name."""
        with self.database.read() as connection:
            return registry_search.search_models(connection, search)

    def set_registered_model_tag(
        self, name: str, key: str, value: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Set a tag."""
        self.database.write(
            lambda connection: registered_models.set_tag(connection, name, key, value, by=by)
        )

    def delete_registered_model_tag(
        self, name: str, key: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Take a tag off."""
        self.database.write(
            lambda connection: registered_models.delete_tag(connection, name, key, by=by)
        )

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
        """Create the next version."""

        def work(connection: Connection) -> ModelVersion:
            version = versions.insert_version(
                connection,
                name,
                source,
                run_id=run_id,
                model_id=model_id,
                tags=tags,
                run_link=run_link,
                description=description or "",
                digest=digest,
                claimed_digest=claimed_digest,
                storage_location=storage_location,
                by=by,
            )
            return _version(connection, name, version)

        return self.database.write(work)

    def get_model_version(self, name: str, version: int) -> ModelVersion:
        """Return it."""
        with self.database.read() as connection:
            return _version(connection, name, version)

    def get_version_recorder(self, name: str, version: int) -> Recorder:
        """Return who recorded a version."""
        with self.database.read() as connection:
            return recorders.of_version(connection, name, version)

    def vouch_model_version(
        self, name: str, version: int, *, by: Principal = ANONYMOUS
    ) -> Recorder:
        """Stand for a version."""

        def work(connection: Connection) -> Recorder:
            recorders.vouch(connection, name, version, by=by)
            return recorders.of_version(connection, name, version)

        return self.database.write(work)

    def update_model_version(
        self, name: str, version: int, *, description: str, by: Principal = ANONYMOUS
    ) -> ModelVersion:
        """Set its description."""

        def work(connection: Connection) -> ModelVersion:
            versions.describe(connection, name, version, description, by=by)
            return _version(connection, name, version)

        return self.database.write(work)

    def set_version_digest(self, name: str, version: int, digest: str) -> None:
        """Fix the digest of a version that was still being hashed."""
        self.database.write(
            lambda connection: versions.set_digest(connection, name, version, digest, by=HASHING)
        )

    def delete_model_version(self, name: str, version: int, *, by: Principal = ANONYMOUS) -> None:
        """Soft-delete it."""
        self.database.write(lambda connection: versions.remove(connection, name, version, by=by))

    def restore_model_version(
        self, name: str, version: int, *, by: Principal = ANONYMOUS
    ) -> ModelVersion:
        """Bring back a deleted version."""

        def work(connection: Connection) -> ModelVersion:
            restoring.restore_version(connection, name, version, by=by)
            return _version(connection, name, version)

        return self.database.write(work)

    def search_model_versions(self, search: Search) -> Page[ModelVersion]:
        """Search; default order is last updated desc, name, version desc."""
        with self.database.read() as connection:
            return registry_search.search_versions(connection, search)

    def set_model_version_tag(
        self, name: str, version: int, key: str, value: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Set a tag."""
        self.database.write(
            lambda connection: versions.set_tag(connection, name, version, key, value, by=by)
        )

    def delete_model_version_tag(
        self, name: str, version: int, key: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Take a tag off."""
        self.database.write(
            lambda connection: versions.delete_tag(connection, name, version, key, by=by)
        )

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
        """Move a version to a stage."""

        def work(connection: Connection) -> ModelVersion:
            stage_moves.transition(
                connection,
                name,
                version,
                stage,
                archive_existing=archive_existing,
                rests_on=rests_on,
                by=by,
            )
            return _version(connection, name, version)

        return self.database.write(work)

    def get_latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        """Return the newest version of each stage."""
        with self.database.read() as connection:
            return stage_moves.latest(connection, name, stages)

    # -- aliases -----------------------------------------------------------------------------
    def set_alias(
        self, name: str, alias: str, version: int, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> None:
        """Point an alias at a version; the last writer wins."""
        move = AliasMove(name=name, alias=alias, version=version, principal=by, reason=reason)
        self.database.write(lambda connection: aliases.move(connection, move))

    def delete_alias(
        self, name: str, alias: str, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> None:
        """Remove an alias."""
        self.database.write(
            lambda connection: aliases.drop(connection, name, alias, reason=reason, by=by)
        )

    def get_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the holder."""
        with self.database.read() as connection:
            return aliases.resolve(connection, name, alias)

    def alias_history(self, name: str, alias: str | None = None) -> list[AliasChange]:
        """Return every change, oldest first."""
        with self.database.read() as connection:
            return aliases.history(connection, name, alias)


def _model(connection: Connection, name: str) -> RegisteredModel:
    return records.models(connection, [rows.model(connection, name)])[0]


def _version(connection: Connection, name: str, number: int) -> ModelVersion:
    model = rows.model(connection, name)
    found = rows.version(connection, model, number)
    return records.versions_by_key(connection, [(model.id, found.version)])[0]
