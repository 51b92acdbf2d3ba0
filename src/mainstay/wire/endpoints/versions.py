"""Endpoints of model versions."""

from mainstay.wire import versions as messages
from mainstay.wire.base import Done, Empty
from mainstay.wire.endpoint import Action, Kind, mlflow, own

READ = (Action.READ, Kind.MODEL_VERSION)
WRITE = (Action.WRITE, Kind.MODEL_VERSION)

CREATE = mlflow(
    "versions.create",
    "POST",
    "model-versions/create",
    messages.CreateVersion,
    messages.VersionAnswer,
    WRITE,
    once=True,
)
GET = mlflow(
    "versions.get",
    "GET",
    "model-versions/get",
    messages.VersionRef,
    messages.VersionAnswer,
    READ,
)
SEARCH = mlflow(
    "versions.search",
    "GET",
    "model-versions/search",
    messages.SearchVersions,
    messages.VersionsPage,
    READ,
)
UPDATE = mlflow(
    "versions.update",
    "PATCH",
    "model-versions/update",
    messages.UpdateVersion,
    messages.VersionAnswer,
    WRITE,
)
DELETE = mlflow(
    "versions.delete",
    "DELETE",
    "model-versions/delete",
    messages.VersionRef,
    Empty,
    (Action.MANAGE, Kind.MODEL_VERSION),
    once=True,
)
TRANSITION_STAGE = mlflow(
    "versions.transition_stage",
    "POST",
    "model-versions/transition-stage",
    messages.TransitionStage,
    messages.VersionAnswer,
    (Action.MANAGE, Kind.MODEL_VERSION),  # a stage is what servers follow, as an alias is
)
GET_DOWNLOAD_URI = mlflow(
    "versions.get_download_uri",
    "GET",
    "model-versions/get-download-uri",
    messages.VersionRef,
    messages.DownloadUri,
    READ,
)
SET_TAG = mlflow(
    "versions.set_tag",
    "POST",
    "model-versions/set-tag",
    messages.SetVersionTag,
    Empty,
    WRITE,
)
DELETE_TAG = mlflow(
    "versions.delete_tag",
    "DELETE",
    "model-versions/delete-tag",
    messages.DeleteVersionTag,
    Empty,
    WRITE,
)
SET_DIGEST = own(
    "versions.set_digest",
    "POST",
    "registry/version-digests",
    messages.SetVersionDigest,
    Done,
    (Action.MANAGE, Kind.MODEL_VERSION),
)
RESTORE = own(
    "versions.restore",
    "POST",
    "registry/versions/restore",
    messages.RestoreVersion,
    messages.RestoredVersion,
    (Action.MANAGE, Kind.MODEL_VERSION),
    once=True,
)
