"""Signed URLs, with which a client reads or writes a bucket without this server in between.

They exist where the store behind a location can sign (S3, Google Cloud, Azure). What goes through
this server's proxy is never written past it: sizes and hashes are recorded there, and files of
registered versions are frozen there. The exception are uploads in parts to S3, which stock clients
ask for with large files: the file appears when this server completes it, which it refuses where a
version froze it, and is hashed when a version is registered. Other stores answer 501, after which
stock clients send the file through the proxy, which streams it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from mainstay.artifact_store import paths
from mainstay.artifact_store.parts import Part
from mainstay.errors import BadInput, NotImplementedHere
from mainstay.server.context import Context
from mainstay.server.files import Place
from mainstay.wire.artifacts import (
    AbortParts,
    BeginParts,
    CompleteParts,
    PartsOf,
    PartUrl,
    PartUrls,
    PresignedUrl,
    PresignRunFile,
    PresignUpload,
    ProxiedPath,
    ProxiedUrl,
)
from mainstay.wire.base import Empty

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


def begin_parts(context: Context, request: BeginParts) -> PartUrls:
    """Begin an upload in parts, each to a signed URL of the bucket behind the proxy."""
    path = _target(request)
    signing = context.files.signing()
    context.files.refuse_frozen([path])
    upload, urls = signing.create(path, request.num_parts)
    numbered = [PartUrl(url=url, part_number=number) for number, url in enumerate(urls, 1)]
    return PartUrls(upload_id=upload, credentials=numbered)


def complete_parts(context: Context, request: CompleteParts) -> Empty:
    """Make the file of the parts that were sent."""
    path = _target(request)
    context.files.signing()
    sent = [Part(part.part_number, part.etag) for part in request.parts]
    context.files.complete_parts(path, request.upload_id, sent)
    return Empty()


def abort_parts(context: Context, request: AbortParts) -> Empty:
    """Drop an upload in parts."""
    context.files.signing().abort(_target(request), request.upload_id)
    return Empty()


def _target(request: PartsOf) -> str:
    """Return the file's path: the folder of the URL, and the last name of the sender's path."""
    name = request.path.replace("\\", "/").rpartition("/")[2]
    return paths.clean(paths.join(paths.clean(request.folder), paths.clean(name)))


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
