"""The registry over HTTP; the server guards its aliases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.pages import Page, Search
from mainstay.entities.registry import AliasChange, Deleted, ModelVersion, RegisteredModel
from mainstay.errors import AliasNotFound, BadInput
from mainstay.stores.http.versions import HttpVersions
from mainstay.wire import registry as messages
from mainstay.wire import versions
from mainstay.wire.base import Empty, new_pairs
from mainstay.wire.endpoints import registry as rows


class HttpRegistry(HttpVersions):
    """A server's models, versions and aliases."""

    # -- models ------------------------------------------------------------------------------
    def create_registered_model(
        self,
        name: str,
        *,
        tags: Mapping[str, str] = {},
        description: str = "",
        by: Principal = ANONYMOUS,
    ) -> RegisteredModel:
        """Send registered-models/create."""
        request = messages.CreateRegisteredModel(
            name=name, tags=new_pairs(tags), description=description
        )
        answer = self.client.call(rows.CREATE, request, messages.RegisteredModelAnswer, by=by)
        return answer.registered_model.entity()

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Send registered-models/get."""
        request = messages.RegisteredModelRef(name=name)
        answer = self.client.call(rows.GET, request, messages.RegisteredModelAnswer)
        return answer.registered_model.entity()

    def rename_registered_model(
        self, name: str, new_name: str, *, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Send registered-models/rename."""
        request = messages.RenameRegisteredModel(name=name, new_name=new_name)
        answer = self.client.call(rows.RENAME, request, messages.RegisteredModelAnswer, by=by)
        return answer.registered_model.entity()

    def update_registered_model(
        self, name: str, *, description: str, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Send registered-models/update."""
        request = messages.UpdateRegisteredModel(name=name, description=description)
        answer = self.client.call(rows.UPDATE, request, messages.RegisteredModelAnswer, by=by)
        return answer.registered_model.entity()

    def delete_registered_model(self, name: str, *, by: Principal = ANONYMOUS) -> None:
        """Send registered-models/delete."""
        self.client.call(rows.DELETE, messages.RegisteredModelRef(name=name), Empty, by=by)

    def restore_registered_model(
        self, name: str, *, new_name: str | None = None, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Send registry/models/restore; a mainstay server only."""
        request = messages.RestoreModel(name=name, new_name=new_name)
        answer = self.client.call(rows.RESTORE, request, messages.RestoredModel, by=by)
        return answer.registered_model

    def list_deleted(self, name: str | None = None) -> list[Deleted]:
        """Send registry/deleted; a mainstay server only."""
        request = messages.ListDeleted(name=name)
        return self.client.call(rows.LIST_DELETED, request, messages.DeletedList).deleted

    def search_registered_models(self, search: Search) -> Page[RegisteredModel]:
        """Send registered-models/search."""
        request = messages.SearchRegisteredModels.of(search)
        return self.client.call(rows.SEARCH, request, messages.RegisteredModelsPage).page()

    def set_registered_model_tag(
        self, name: str, key: str, value: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Send registered-models/set-tag."""
        request = messages.SetRegisteredModelTag(name=name, key=key, value=value)
        self.client.call(rows.SET_TAG, request, Empty, by=by)

    def delete_registered_model_tag(
        self, name: str, key: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Send registered-models/delete-tag."""
        request = messages.DeleteRegisteredModelTag(name=name, key=key)
        self.client.call(rows.DELETE_TAG, request, Empty, by=by)

    def get_latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        """Send registered-models/get-latest-versions."""
        request = versions.GetLatestVersions(name=name, stages=list(stages))
        answer = self.client.call(rows.GET_LATEST_VERSIONS, request, versions.VersionList)
        return [message.entity() for message in answer.model_versions]

    # -- aliases -----------------------------------------------------------------------------
    def set_alias(
        self, name: str, alias: str, version: int, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> None:
        """Send POST registered-models/alias."""
        request = messages.SetAlias(name=name, alias=alias, version=str(version), reason=reason)
        self.client.call(rows.SET_ALIAS, request, Empty, by=by)

    def delete_alias(
        self, name: str, alias: str, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> None:
        """Send DELETE registered-models/alias."""
        request = messages.AliasRef(name=name, alias=alias, reason=reason)
        self.client.call(rows.DELETE_ALIAS, request, Empty, by=by)

    def get_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Send GET registered-models/alias."""
        request = messages.AliasRef(name=name, alias=alias)
        try:
            answer = self.client.call(rows.GET_BY_ALIAS, request, versions.VersionAnswer)
        except BadInput as error:
            # A stock server answers 400 with the words "Registered model alias x not found."
            if "not found" in error.message and "alias" in error.message:
                raise AliasNotFound(error.message) from error
            raise
        return answer.model_version.entity()

    def alias_history(self, name: str, alias: str | None = None) -> list[AliasChange]:
        """Send registry/alias-history; a mainstay server only."""
        request = messages.GetAliasHistory(name=name, alias=alias)
        return self.client.call(rows.ALIAS_HISTORY, request, messages.AliasHistory).changes
