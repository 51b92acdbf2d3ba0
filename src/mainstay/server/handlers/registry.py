"""Registered models and their aliases."""

from __future__ import annotations

import re

from msgspec.structs import replace

from mainstay.server.context import Context
from mainstay.wire.base import Empty, mapping
from mainstay.wire.registry import (
    AliasHistory,
    AliasRef,
    CreateRegisteredModel,
    DeletedList,
    DeleteRegisteredModelTag,
    GetAliasHistory,
    ListDeleted,
    RegisteredModelAnswer,
    RegisteredModelMessage,
    RegisteredModelRef,
    RegisteredModelsPage,
    RenameRegisteredModel,
    RestoredModel,
    RestoreModel,
    SearchRegisteredModels,
    SetAlias,
    SetRegisteredModelTag,
    UpdateRegisteredModel,
)
from mainstay.wire.versions import (
    GetLatestVersions,
    VersionAnswer,
    VersionList,
    VersionMessage,
    version_number,
)

_PROMPT_TAG = "mlflow.prompt.is_prompt"
_NO_PROMPTS = re.compile(
    r"(?:\A|\s+AND\s+)tags?\.`mlflow\.prompt\.is_prompt` != 'true'\s*\Z", re.IGNORECASE
)


def create(context: Context, request: CreateRegisteredModel) -> RegisteredModelAnswer:
    """Create a model."""
    made = context.registry.create_registered_model(
        request.name,
        tags=mapping(request.tags),
        description=request.description,
        by=context.principal,
    )
    return RegisteredModelAnswer(registered_model=RegisteredModelMessage.of(made))


def get(context: Context, request: RegisteredModelRef) -> RegisteredModelAnswer:
    """Return a model."""
    found = context.registry.get_registered_model(request.name)
    return RegisteredModelAnswer(registered_model=RegisteredModelMessage.of(found))


def rename(context: Context, request: RenameRegisteredModel) -> RegisteredModelAnswer:
    """Rename a model."""
    done = context.registry.rename_registered_model(
        request.name, request.new_name, by=context.principal
    )
    return RegisteredModelAnswer(registered_model=RegisteredModelMessage.of(done))


def update(context: Context, request: UpdateRegisteredModel) -> RegisteredModelAnswer:
    """Set a model's description."""
    done = context.registry.update_registered_model(
        request.name, description=request.description, by=context.principal
    )
    return RegisteredModelAnswer(registered_model=RegisteredModelMessage.of(done))


def delete(context: Context, request: RegisteredModelRef) -> Empty:
    """Delete a model with its versions."""
    context.registry.delete_registered_model(request.name, by=context.principal)
    return Empty()


def search(context: Context, request: SearchRegisteredModels) -> RegisteredModelsPage:
    """Search models.

    Models that are tagged as prompts are left out, unless the filter speaks of the tag. Stock
    clients append a clause for that, which means "has no such tag, or another value", while
    ``!=`` in this grammar asks for the tag; so it is said anew.
    """
    asked = request.search()
    plain = _NO_PROMPTS.sub("", asked.filter)
    if _PROMPT_TAG not in plain:
        others = f"NOT tags.`{_PROMPT_TAG}` = 'true'"
        plain = f"({plain}) AND {others}" if plain.strip() else others
    return RegisteredModelsPage.of(
        context.registry.search_registered_models(replace(asked, filter=plain))
    )


def get_latest_versions(context: Context, request: GetLatestVersions) -> VersionList:
    """Return the newest version of each stage."""
    found = context.registry.get_latest_versions(request.name, request.stages)
    return VersionList(model_versions=[VersionMessage.of(version) for version in found])


def set_tag(context: Context, request: SetRegisteredModelTag) -> Empty:
    """Set a tag."""
    context.registry.set_registered_model_tag(
        request.name, request.key, request.value, by=context.principal
    )
    return Empty()


def delete_tag(context: Context, request: DeleteRegisteredModelTag) -> Empty:
    """Take a tag off."""
    context.registry.delete_registered_model_tag(request.name, request.key, by=context.principal)
    return Empty()


def set_alias(context: Context, request: SetAlias) -> Empty:
    """Point an alias at a version; the gate decides first."""
    context.registry.set_alias(
        request.name,
        request.alias,
        version_number(request.version),
        reason=request.reason,
        by=context.principal,
    )
    return Empty()


def delete_alias(context: Context, request: AliasRef) -> Empty:
    """Remove an alias."""
    context.registry.delete_alias(
        request.name, request.alias, reason=request.reason, by=context.principal
    )
    return Empty()


def get_by_alias(context: Context, request: AliasRef) -> VersionAnswer:
    """Return the version that holds an alias."""
    found = context.registry.get_version_by_alias(request.name, request.alias)
    return VersionAnswer(model_version=VersionMessage.of(found))


def alias_history(context: Context, request: GetAliasHistory) -> AliasHistory:
    """Return how aliases came to be where they are."""
    changes = context.registry.alias_history(request.name, request.alias or None)
    return AliasHistory(changes=changes)


def restore(context: Context, request: RestoreModel) -> RestoredModel:
    """Bring back a deleted model."""
    back = context.registry.restore_registered_model(
        request.name, new_name=request.new_name or None, by=context.principal
    )
    return RestoredModel(registered_model=back)


def list_deleted(context: Context, request: ListDeleted) -> DeletedList:
    """Return what can be restored."""
    return DeletedList(deleted=context.registry.list_deleted(request.name or None))
