"""Endpoints of files: listings, bytes, and the proxy."""

import msgspec

from mainstay.wire import artifacts as messages
from mainstay.wire.base import Done, Empty
from mainstay.wire.endpoint import Action, Endpoint, Kind, Permission, mlflow, own

READ = Permission(Action.READ, Kind.ARTIFACT)
WRITE = Permission(Action.WRITE, Kind.ARTIFACT)
PROXY = "/api/2.0/mlflow-artifacts/artifacts"

LIST = mlflow(
    "artifacts.list",
    "GET",
    "artifacts/list",
    messages.ListArtifacts,
    messages.FilesPage,
    (Action.READ, Kind.ARTIFACT),
)
LIST_LOGGED_MODEL = mlflow(
    "artifacts.list_logged_model",
    "GET",
    "logged-models/{model_id}/artifacts/directories",
    messages.ListLoggedModelArtifacts,
    messages.FilesPage,
    (Action.READ, Kind.ARTIFACT),
)
# The four below are MLflow's UI's; the paths are as odd as MLflow's are.
GET_LOGGED_MODEL = Endpoint(
    name="artifacts.get_logged_model",
    methods=("GET",),
    path="/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files",
    request=messages.GetLoggedModelArtifact,
    response=Empty,
    permission=READ,
    answer="bytes",
)
GET = Endpoint(
    name="artifacts.get",
    methods=("GET",),
    path="/get-artifact",
    request=messages.GetArtifact,
    response=Empty,
    permission=READ,
    answer="bytes",
)
GET_VERSION = Endpoint(
    name="artifacts.get_version",
    methods=("GET",),
    path="/model-versions/get-artifact",
    request=messages.GetVersionArtifact,
    response=Empty,
    permission=READ,
    answer="bytes",
)
UPLOAD = Endpoint(
    name="artifacts.upload",
    methods=("POST",),
    path="/ajax-api/2.0/mlflow/upload-artifact",
    request=messages.UploadArtifact,
    response=Empty,
    permission=WRITE,
    body="bytes",
)
LIST_PROXIED = Endpoint(
    name="artifacts.list_proxied",
    methods=("GET",),
    path=PROXY,
    request=messages.ListProxied,
    response=messages.FilesPage,
    permission=READ,
)
READ_PROXIED = Endpoint(
    name="artifacts.read_proxied",
    methods=("GET",),
    path=PROXY + "/{path:path}",
    request=messages.ProxiedPath,
    response=Empty,
    permission=READ,
    answer="bytes",
)
WRITE_PROXIED = Endpoint(
    name="artifacts.write_proxied",
    methods=("PUT",),
    path=PROXY + "/{path:path}",
    request=messages.ProxiedPath,
    response=Empty,
    permission=WRITE,
    body="bytes",
)
DELETE_PROXIED = Endpoint(
    name="artifacts.delete_proxied",
    methods=("DELETE",),
    path=PROXY + "/{path:path}",
    request=messages.ProxiedPath,
    response=Empty,
    permission=WRITE,
)
WRITE_BATCH = own(
    "artifacts.write_batch",
    "PUT",
    "artifacts/batch/{path:path}",
    messages.BatchFolder,
    messages.StoredFiles,
    (Action.WRITE, Kind.ARTIFACT),
    body="bytes",
)
_UPLOADS = "artifacts/uploads/{path:path}"
UPLOAD_STATE = own(
    "artifacts.upload_state",
    "GET",
    _UPLOADS,
    messages.UploadState,
    messages.UploadProgress,
    (Action.WRITE, Kind.ARTIFACT),
)
UPLOAD_PIECE = own(
    "artifacts.upload_piece",
    "PUT",
    _UPLOADS,
    messages.UploadPiece,
    messages.UploadProgress,
    (Action.WRITE, Kind.ARTIFACT),
    body="bytes",
)
DISCARD_UPLOAD = own(
    "artifacts.discard_upload",
    "DELETE",
    _UPLOADS,
    messages.DiscardUpload,
    Done,
    (Action.WRITE, Kind.ARTIFACT),
)
PRESIGN_DOWNLOAD = mlflow(
    "artifacts.presign_download",
    "POST",
    "artifacts/presigned-download-url",
    messages.PresignRunFile,
    messages.PresignedUrl,
    (Action.READ, Kind.ARTIFACT),
)
PRESIGN_UPLOAD = mlflow(
    "artifacts.presign_upload",
    "POST",
    "artifacts/presigned-upload-url",
    messages.PresignUpload,
    messages.PresignedUrl,
    (Action.WRITE, Kind.ARTIFACT),
)
PRESIGN_PROXIED = Endpoint(
    name="artifacts.presign_proxied",
    methods=("GET",),
    path="/api/2.0/mlflow-artifacts/presigned/{path:path}",
    request=messages.ProxiedPath,
    response=messages.ProxiedUrl,
    permission=READ,
)


def _multipart(
    verb: str, request: type[messages.PartsOf], response: type[msgspec.Struct] = Empty
) -> Endpoint:
    """Return a row of an upload in parts. The folder is in the URL, the file's name in the body."""
    return Endpoint(
        name=f"artifacts.multipart_{verb}",
        methods=("POST",),
        path=f"/api/2.0/mlflow-artifacts/mpu/{verb}/{{folder:path}}",
        request=request,
        response=response,
        permission=WRITE,
    )


CREATE_MULTIPART = _multipart("create", messages.BeginParts, messages.PartUrls)
COMPLETE_MULTIPART = _multipart("complete", messages.CompleteParts)
ABORT_MULTIPART = _multipart("abort", messages.AbortParts)
