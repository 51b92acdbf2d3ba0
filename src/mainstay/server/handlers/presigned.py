"""Signed URLs, with which a client reads or writes a bucket without this server in between.

They exist where the store behind a location can sign (S3, Google Cloud, Azure). What goes through
this server's proxy is never written past it: sizes and hashes are recorded there, and files of
registered versions are frozen there. Uploads in parts are answered as MLflow answers them for
stores without: 501, after which stock clients send the file through the proxy, which streams it.
"""

from __future__ import annotations

from typing import NoReturn
from urllib.parse import urlsplit

from mainstay.artifact_store import paths
from mainstay.errors import BadInput, NotImplementedHere
from mainstay.server.context import Context
from mainstay.server.files import Place
from mainstay.wire.artifacts import (
    MultipartUpload,
    PresignedUrl,
    PresignRunFile,
    PresignUpload,
    ProxiedPath,
    ProxiedUrl,
)

LONGEST = 7 * 24 * 3600
"""Seconds that a signed URL may be good for; the limit of S3's signatures."""


def download(context: Context, request: PresignRunFile) -> PresignedUrl:
    """Return a URL that reads a run's file from its bucket."""
    root = context.tracking.get_run(request.run_id).info.artifact_uri
    _refuse_proxied(root, "download", "runs with ", "a run with ")
    _seconds(request.expiration)
    place = context.files.at(root)
    url = place.presign(request.path)
    if url is None:
        raise NotImplementedHere("Presigned download is not supported by this artifact store")
    return PresignedUrl(presigned_url=url, file_size=_size(place, request.path))


def upload(context: Context, request: PresignUpload) -> PresignedUrl:
    """Return a URL that a file of a run or logged model can be PUT to."""
    if bool(request.run_id) == bool(request.model_id):
        raise BadInput("Exactly one of run_id and model_id must be provided.")
    if request.run_id:
        root = context.tracking.get_run(request.run_id).info.artifact_uri
    else:
        root = context.tracking.get_logged_model(request.model_id or "").artifact_location
    _refuse_proxied(root, "upload", "", "")
    place = context.files.at(root)
    url = place.presign_upload(request.path, seconds=_seconds(request.expiration))
    if url is None:
        raise NotImplementedHere("Presigned upload is not supported by this artifact store")
    return PresignedUrl(presigned_url=url)


def proxied(context: Context, request: ProxiedPath) -> ProxiedUrl:
    """Return a URL that reads a proxied file from the bucket behind the proxy."""
    place = Place(context.files.root)
    url = place.presign(paths.clean(request.path))
    if url is None:
        raise NotImplementedHere(
            "Multipart download is not supported for the current artifact repository"
        )
    return ProxiedUrl(url=url, file_size=_size(place, request.path))


def multipart(context: Context, request: MultipartUpload) -> NoReturn:
    """Say that files go through the proxy whole; it streams them."""
    paths.clean(request.path)
    raise NotImplementedHere(
        "Multipart upload is not supported for the current artifact repository"
    )


def _size(place: Place, path: str) -> int | None:
    """Return a file's size. Raises: NotFound."""
    reading = place.read(path)
    reading.close()
    return reading.size


def _seconds(given: int | None) -> int | None:
    if given is not None and not 0 < given <= LONGEST:
        raise BadInput(f"expiration must be 1 to {LONGEST} seconds, not {given}")
    return given


def _refuse_proxied(root: str, way: str, whose: str, what: str) -> None:
    scheme = urlsplit(root).scheme
    if scheme == "mlflow-artifacts":
        raise BadInput(
            f"Presigned {way} is not supported for {whose}proxied artifact storage (artifact URI "
            f"scheme: {scheme}). This endpoint requires {what}a direct cloud storage artifact URI."
        )
