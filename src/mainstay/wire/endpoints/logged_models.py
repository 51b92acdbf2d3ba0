"""Endpoints of logged models."""

from mainstay.wire import logged_models as messages
from mainstay.wire.base import Empty
from mainstay.wire.endpoint import Action, Kind, mlflow

READ = (Action.READ, Kind.LOGGED_MODEL)
WRITE = (Action.WRITE, Kind.LOGGED_MODEL)

CREATE = mlflow(
    "logged_models.create",
    "POST",
    "logged-models",
    messages.CreateLoggedModel,
    messages.LoggedModelAnswer,
    WRITE,
    once=True,
)
SEARCH = mlflow(
    "logged_models.search",
    "POST",
    "logged-models/search",
    messages.SearchLoggedModels,
    messages.LoggedModelsPage,
    READ,
)
GET = mlflow(
    "logged_models.get",
    "GET",
    "logged-models/{model_id}",
    messages.LoggedModelRef,
    messages.LoggedModelAnswer,
    READ,
)
FINALIZE = mlflow(
    "logged_models.finalize",
    "PATCH",
    "logged-models/{model_id}",
    messages.FinalizeLoggedModel,
    messages.LoggedModelAnswer,
    WRITE,
)
DELETE = mlflow(
    "logged_models.delete",
    "DELETE",
    "logged-models/{model_id}",
    messages.LoggedModelRef,
    Empty,
    WRITE,
    once=True,
)
SET_TAGS = mlflow(
    "logged_models.set_tags",
    "PATCH",
    "logged-models/{model_id}/tags",
    messages.SetLoggedModelTags,
    messages.LoggedModelAnswer,
    WRITE,
)
DELETE_TAG = mlflow(
    "logged_models.delete_tag",
    "DELETE",
    "logged-models/{model_id}/tags/{tag_key:path}",
    messages.LoggedModelTagRef,
    Empty,
    WRITE,
    once=True,
)
LOG_PARAMS = mlflow(
    "logged_models.log_params",
    "POST",
    "logged-models/{model_id}/params",
    messages.LogLoggedModelParams,
    Empty,
    WRITE,
)
