"""Endpoints of registered models and aliases."""

from mainstay.wire import registry as messages
from mainstay.wire import versions
from mainstay.wire.base import Empty
from mainstay.wire.endpoint import Action, Kind, mlflow, own

READ = (Action.READ, Kind.REGISTERED_MODEL)
WRITE = (Action.WRITE, Kind.REGISTERED_MODEL)

CREATE = mlflow(
    "registry.create",
    "POST",
    "registered-models/create",
    messages.CreateRegisteredModel,
    messages.RegisteredModelAnswer,
    WRITE,
    once=True,
)
RENAME = mlflow(
    "registry.rename",
    "POST",
    "registered-models/rename",
    messages.RenameRegisteredModel,
    messages.RegisteredModelAnswer,
    (Action.MANAGE, Kind.REGISTERED_MODEL),
    once=True,
)
UPDATE = mlflow(
    "registry.update",
    "PATCH",
    "registered-models/update",
    messages.UpdateRegisteredModel,
    messages.RegisteredModelAnswer,
    WRITE,
)
DELETE = mlflow(
    "registry.delete",
    "DELETE",
    "registered-models/delete",
    messages.RegisteredModelRef,
    Empty,
    (Action.MANAGE, Kind.REGISTERED_MODEL),
    once=True,
)
GET = mlflow(
    "registry.get",
    "GET",
    "registered-models/get",
    messages.RegisteredModelRef,
    messages.RegisteredModelAnswer,
    READ,
)
SEARCH = mlflow(
    "registry.search",
    "GET",
    "registered-models/search",
    messages.SearchRegisteredModels,
    messages.RegisteredModelsPage,
    READ,
)
GET_LATEST_VERSIONS = mlflow(
    "registry.get_latest_versions",
    "POST GET",
    "registered-models/get-latest-versions",
    versions.GetLatestVersions,
    versions.VersionList,
    READ,
)
SET_TAG = mlflow(
    "registry.set_tag",
    "POST",
    "registered-models/set-tag",
    messages.SetRegisteredModelTag,
    Empty,
    WRITE,
)
DELETE_TAG = mlflow(
    "registry.delete_tag",
    "DELETE",
    "registered-models/delete-tag",
    messages.DeleteRegisteredModelTag,
    Empty,
    WRITE,
)
SET_ALIAS = mlflow(
    "registry.set_alias",
    "POST",
    "registered-models/alias",
    messages.SetAlias,
    Empty,
    (Action.MANAGE, Kind.ALIAS),
    once=True,
)
DELETE_ALIAS = mlflow(
    "registry.delete_alias",
    "DELETE",
    "registered-models/alias",
    messages.AliasRef,
    Empty,
    (Action.MANAGE, Kind.ALIAS),
)
GET_BY_ALIAS = mlflow(
    "registry.get_by_alias",
    "GET",
    "registered-models/alias",
    messages.AliasRef,
    versions.VersionAnswer,
    READ,
)
ALIAS_HISTORY = own(
    "registry.alias_history",
    "GET",
    "registry/alias-history",
    messages.GetAliasHistory,
    messages.AliasHistory,
    READ,
)
RESTORE = own(
    "registry.restore",
    "POST",
    "registry/models/restore",
    messages.RestoreModel,
    messages.RestoredModel,
    (Action.MANAGE, Kind.REGISTERED_MODEL),
    once=True,
)
LIST_DELETED = own(
    "registry.list_deleted",
    "GET",
    "registry/deleted",
    messages.ListDeleted,
    messages.DeletedList,
    READ,
)
