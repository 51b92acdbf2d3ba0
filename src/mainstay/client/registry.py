"""The client's calls on the registry."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from mainstay import uris
from mainstay.client.base import ClientBase
from mainstay.client.defaults import PagedList, texts
from mainstay.entities.accounts import Recorder
from mainstay.entities.pages import Search
from mainstay.entities.registry import AliasChange, Deleted, ModelVersion, RegisteredModel, Stage
from mainstay.errors import AlreadyExists, BadInput


class RegistryCalls(ClientBase):
    """Registered models, their versions, stages, tags and aliases."""

    # -- models ------------------------------------------------------------------------------
    def create_registered_model(
        self, name: str, tags: Mapping[str, Any] | None = None, description: str | None = None
    ) -> RegisteredModel:
        """Create a model. Raises: AlreadyExists, BadInput."""
        return self.registry.create_registered_model(
            name, tags=texts(tags), description=description or ""
        )

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return it. Raises: NotFound."""
        return self.registry.get_registered_model(name)

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Rename it with all its versions. Raises: NotFound, AlreadyExists, BadInput."""
        return self.registry.rename_registered_model(name, new_name)

    def update_registered_model(self, name: str, description: str | None = None) -> RegisteredModel:
        """Set its description. Raises: NotFound."""
        return self.registry.update_registered_model(name, description=description or "")

    def delete_registered_model(self, name: str) -> None:
        """Delete it with its versions. Raises: NotFound."""
        self.registry.delete_registered_model(name)

    def restore_registered_model(self, name: str, new_name: str | None = None) -> RegisteredModel:
        """Bring back the model of this name that was deleted last, with its versions.

        Aliases stay away. Raises: NotFound, AlreadyExists (give ``new_name``).
        """
        return self.registry.restore_registered_model(name, new_name=new_name)

    def list_deleted_models(self, name: str | None = None) -> list[Deleted]:
        """Return deleted models and versions that can be restored."""
        return self.registry.list_deleted(name)

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int = 100,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[RegisteredModel]:
        """Search; default order is by name. Raises: BadInput."""
        return PagedList(
            self.registry.search_registered_models(
                _search(filter_string, max_results, order_by, page_token)
            )
        )

    def set_registered_model_tag(self, name: str, key: str, value: Any) -> None:
        """Set a tag. Raises: NotFound, BadInput."""
        self.registry.set_registered_model_tag(name, key, str(value))

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Take a tag off. Raises: NotFound."""
        self.registry.delete_registered_model_tag(name, key)

    # -- versions ----------------------------------------------------------------------------
    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        run_link: str | None = None,
        description: str | None = None,
        await_creation_for: int | None = 300,
        model_id: str | None = None,
        *,
        digest: str | None = None,
    ) -> ModelVersion:
        """Create the next version. Raises: NotFound, BadInput.

        ``await_creation_for`` is accepted as in MLflow; a version is there when this returns.
        """
        return self.registry.create_model_version(
            name,
            source,
            run_id=run_id,
            model_id=model_id,
            tags=texts(tags),
            run_link=run_link,
            description=description or "",
            digest=digest,
        )

    def register(
        self, model_uri: str, name: str, tags: Mapping[str, Any] | None = None
    ) -> ModelVersion:
        """Register what an address names, creating the model if it is not there.

        ``runs:/<run>/<path>`` means the logged model of that run called ``<path>``, else the files
        there; ``models:/m-…`` a logged model; ``models:/name/3`` copies a version's pointer.
        Raises: NotFound, BadInput.
        """
        source, run_id, model_id = self.locate(model_uri)
        with contextlib.suppress(AlreadyExists):
            self.registry.create_registered_model(name)
        return self.create_model_version(name, source, run_id=run_id, tags=tags, model_id=model_id)

    def locate(self, model_uri: str) -> tuple[str, str | None, str | None]:
        """Return what a version made from an address points at: source, run id, model id."""
        parsed = uris.parse(model_uri)
        if isinstance(parsed, uris.RunUri):
            return self._of_run(parsed)
        if isinstance(parsed, uris.ModelUri):
            if parsed.model_id:
                model = self.tracking.get_logged_model(parsed.model_id)
                return model_uri, model.source_run_id, parsed.model_id
            version = self.resolve(parsed)
            return version.source, version.run_id, version.model_id
        return model_uri, None, None

    def _of_run(self, uri: uris.RunUri) -> tuple[str, str | None, str | None]:
        run = self.tracking.get_run(uri.run_id)
        for output in reversed(run.outputs.model_outputs):
            model = self.tracking.get_logged_model(output.model_id)
            if model.name == uri.path:
                return f"models:/{model.model_id}", uri.run_id, model.model_id
        return f"{run.info.artifact_uri.rstrip('/')}/{uri.path}", uri.run_id, None

    def resolve(self, uri: uris.ModelUri) -> ModelVersion:
        """Return the version that a ``models:/`` address of a registered model names."""
        if uri.version is not None:
            return self.registry.get_model_version(uri.name, uri.version)
        if uri.alias is not None:
            return self.registry.get_version_by_alias(uri.name, uri.alias)
        if uri.latest:
            return self.registry.get_version_by_alias(uri.name, "latest")
        found = self.registry.get_latest_versions(uri.name, [uri.stage or "None"])
        if not found:
            raise BadInput(f"no version of {uri.name!r} is in the stage {uri.stage!r}")
        return found[0]

    def copy_model_version(self, src_model_uri: str, dst_name: str) -> ModelVersion:
        """Make a version of another model the next one of ``dst_name``: the same files.

        The model is created if it is not there. Raises: NotFound, BadInput.
        """
        parsed = uris.parse(src_model_uri)
        if not isinstance(parsed, uris.ModelUri) or parsed.model_id:
            raise BadInput(f"{src_model_uri!r} names no version; write models:/<name>/<version>")
        source = self.resolve(parsed)
        with contextlib.suppress(AlreadyExists):
            self.registry.create_registered_model(dst_name)
        return self.create_model_version(
            dst_name,
            f"models:/{source.name}/{source.version}",
            run_id=source.run_id,
            tags=source.tags,
            description=source.description,
            model_id=source.model_id,
        )

    def get_model_version(self, name: str, version: int | str) -> ModelVersion:
        """Return it. Raises: NotFound."""
        return self.registry.get_model_version(name, _number(version))

    def update_model_version(
        self, name: str, version: int | str, description: str | None = None
    ) -> ModelVersion:
        """Set its description. Raises: NotFound."""
        return self.registry.update_model_version(
            name, _number(version), description=description or ""
        )

    def delete_model_version(self, name: str, version: int | str) -> None:
        """Delete it; its number stays used. Raises: NotFound."""
        self.registry.delete_model_version(name, _number(version))

    def restore_model_version(self, name: str, version: int | str) -> ModelVersion:
        """Bring back a deleted version, without its aliases. Raises: NotFound."""
        return self.registry.restore_model_version(name, _number(version))

    def get_version_recorder(self, name: str, version: int | str) -> Recorder:
        """Return who recorded a version, and whether the server knows them. Raises: NotFound."""
        return self.registry.get_version_recorder(name, _number(version))

    def vouch_model_version(self, name: str, version: int | str) -> Recorder:
        """Stand for a version in the place of who recorded it, an import say. Raises: NotFound."""
        return self.registry.vouch_model_version(name, _number(version))

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int = 10_000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[ModelVersion]:
        """Search; default order is last updated first. Raises: BadInput."""
        return PagedList(
            self.registry.search_model_versions(
                _search(filter_string, max_results, order_by, page_token)
            )
        )

    def get_model_version_download_uri(self, name: str, version: int | str) -> str:
        """Return the address of a version's files. Raises: NotFound."""
        found = self.get_model_version(name, version)
        return found.storage_location or found.source

    def set_model_version_tag(
        self,
        name: str,
        version: int | str | None = None,
        key: str | None = None,
        value: Any = None,
        stage: str | None = None,
    ) -> None:
        """Set a tag of a version, or of the newest version in a stage. Raises: NotFound."""
        if key is None:
            raise BadInput("a tag needs a key")
        if version is None:
            version = self.resolve(uris.ModelUri(name=name, stage=stage)).version
        self.registry.set_model_version_tag(name, _number(version), key, str(value))

    def delete_model_version_tag(
        self,
        name: str,
        version: int | str | None = None,
        key: str | None = None,
        stage: str | None = None,
    ) -> None:
        """Take a tag off a version, or off the newest version in a stage. Raises: NotFound."""
        if key is None:
            raise BadInput("a tag needs a key")
        if version is None:
            version = self.resolve(uris.ModelUri(name=name, stage=stage)).version
        self.registry.delete_model_version_tag(name, _number(version), key)

    # -- stages and aliases ------------------------------------------------------------------
    def transition_model_version_stage(
        self,
        name: str,
        version: int | str,
        stage: str,
        archive_existing_versions: bool = False,
    ) -> ModelVersion:
        """Move a version to a stage. Raises: NotFound, BadInput."""
        return self.registry.transition_stage(
            name,
            _number(version),
            _stage(stage),
            archive_existing=archive_existing_versions,
        )

    def get_latest_versions(
        self, name: str, stages: Sequence[str] | None = None
    ) -> list[ModelVersion]:
        """Return the newest version of each stage. Raises: NotFound."""
        return self.registry.get_latest_versions(name, [_stage(stage) for stage in stages or ()])

    def get_model_version_stages(self, name: str, version: int | str) -> list[str]:
        """Return the stages there are."""
        return list(uris.STAGES)

    def set_registered_model_alias(
        self, name: str, alias: str, version: int | str, *, reason: str = ""
    ) -> None:
        """Point an alias at a version, through its gate if it has one. Raises: GateRefused."""
        self.registry.set_alias(name, alias, _number(version), reason=reason)

    def delete_registered_model_alias(self, name: str, alias: str, *, reason: str = "") -> None:
        """Remove an alias; a missing one is fine. Raises: NotFound (the model)."""
        self.registry.delete_alias(name, alias, reason=reason)

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the holder. Raises: NotFound, AliasNotFound."""
        return self.registry.get_version_by_alias(name, alias)

    def get_alias_history(self, name: str, alias: str | None = None) -> list[AliasChange]:
        """Return every change of an alias (or all of the model's), oldest first."""
        return self.registry.alias_history(name, alias)


def _search(
    filter_string: str | None,
    max_results: int,
    order_by: Sequence[str] | None,
    page_token: str | None,
) -> Search:
    return Search(
        filter=filter_string or "",
        order_by=tuple(order_by or ()),
        max_results=max_results,
        token=page_token,
    )


def _number(version: int | str) -> int:
    try:
        return int(version)
    except (TypeError, ValueError):
        raise BadInput(f"{version!r} is not a version; versions are numbers: 1, 2, 3 …") from None


def _stage(given: str) -> Stage:
    for known in uris.STAGES:
        if known.lower() == given.lower():
            return known  # type: ignore[return-value]
    raise BadInput(f"{given!r} is not a stage; use one of {', '.join(uris.STAGES)}")
