"""Files of runs, logged models and versions, and the proxy. Listings as records, bytes streamed."""

from __future__ import annotations

import mimetypes
import re
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

from mainstay.artifact_store import paths
from mainstay.artifact_store.base import Reading
from mainstay.errors import BadRequest
from mainstay.server import ranges
from mainstay.server.context import Context
from mainstay.server.files import Place
from mainstay.server.hardening import FILE_POLICY
from mainstay.server.sources import place_of
from mainstay.server.streams import Upload, download
from mainstay.wire.artifacts import (
    BatchFolder,
    DiscardUpload,
    FileMessage,
    FilesPage,
    GetArtifact,
    GetLoggedModelArtifact,
    GetVersionArtifact,
    ListArtifacts,
    ListLoggedModelArtifacts,
    ListProxied,
    ProxiedPath,
    StoredFile,
    StoredFiles,
    UploadArtifact,
    UploadPiece,
    UploadProgress,
    UploadState,
)
from mainstay.wire.base import Done, Empty
from mainstay.wire.versions import version_number

PLAIN_NAME = re.compile(r"[\w .+@=-]+", re.ASCII)
HARMLESS = frozenset(
    ("image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "text/csv")
) | {"application/json"}
"""Types a browser may be told; everything else is bytes to it."""


class Opened:
    """A file to be sent: its name, its bytes, and where a part of it can be had."""

    def __init__(self, path: str, reading: Reading, place: Place) -> None:
        self.path = path
        self.name = path.rpartition("/")[2]
        self.reading = reading
        self.place = place


# -- listings ------------------------------------------------------------------------------------
def list_run(context: Context, request: ListArtifacts) -> FilesPage:
    """Return the files of a run's folder."""
    root = context.tracking.get_run(request.run_id).info.artifact_uri
    return _page(context.files.at(root), request.path, root)


def list_logged_model(context: Context, request: ListLoggedModelArtifacts) -> FilesPage:
    """Return the files of a logged model's folder."""
    root = context.tracking.get_logged_model(request.model_id).artifact_location
    return _page(context.files.at(root), request.artifact_directory_path, root)


def list_proxied(context: Context, request: ListProxied) -> FilesPage:
    """Return what a proxied folder holds, by last names, as MLflow does."""
    found = context.files.root.list(paths.clean(request.path))
    files = [
        FileMessage(path=info.path.rpartition("/")[2], is_dir=info.is_dir, file_size=info.file_size)
        for info in found
    ]
    return FilesPage(files=files)


# -- bytes out -----------------------------------------------------------------------------------
def get(context: Context, request: GetArtifact) -> Opened:
    """Open a run's file."""
    root = context.tracking.get_run(request.run_id).info.artifact_uri
    return _open(context.files.at(root), request.path)


def get_logged_model(context: Context, request: GetLoggedModelArtifact) -> Opened:
    """Open a logged model's file."""
    root = context.tracking.get_logged_model(request.model_id).artifact_location
    return _open(context.files.at(root), request.artifact_file_path)


def get_version(context: Context, request: GetVersionArtifact) -> Opened:
    """Open a version's file."""
    version = context.registry.get_model_version(request.name, version_number(request.version))
    return _open(place_of(context, version), request.path)


def read_proxied(context: Context, request: ProxiedPath) -> Opened:
    """Open a proxied file."""
    return _open(Place(context.files.root), request.path)


def send(opened: Opened, headers: Headers) -> Response:
    """Return the response that carries a file or a part of it: an attachment, never a page."""
    reading = opened.reading
    tag = None if reading.tag is None else f'"{reading.tag}"'
    said = {
        "Content-Disposition": _attachment(opened.name),
        "Content-Security-Policy": FILE_POLICY,
        "Cache-Control": "private, no-cache",
    }
    if tag is not None:
        said["ETag"] = tag
        if ranges.names(headers.get("if-none-match"), tag):
            reading.close()
            return Response(status_code=304, headers=said)
    status = 200
    if reading.size is not None:
        said["Accept-Ranges"] = "bytes"
        try:
            part = _part(opened, headers, said, tag)
        except ranges.Unsatisfiable:
            reading.close()
            said["Content-Range"] = f"bytes */{reading.size}"
            return Response(status_code=416, headers=said)
        if part is not None:
            status, reading = 206, part
        said["Content-Length"] = str(reading.size)
    guessed = mimetypes.guess_type(opened.name)[0]
    kind = guessed if guessed in HARMLESS else "application/octet-stream"
    return StreamingResponse(download(reading), status_code=status, media_type=kind, headers=said)


def _attachment(name: str) -> str:
    """Return a download's header (RFC 6266), with a plain name for programs that know no other."""
    coded = f"filename*=UTF-8''{quote(name, safe='')}"
    if PLAIN_NAME.fullmatch(name):
        return f'attachment; filename="{name}"; {coded}'
    return f"attachment; {coded}"


def _part(
    opened: Opened, headers: Headers, said: dict[str, str], tag: str | None
) -> Reading | None:
    """Return the part that is asked for, None for the whole. Raises: Unsatisfiable.

    With If-Range a part is sent of the very content that the sender has the beginning of.
    """
    size = opened.reading.size
    if size is None or headers.get("if-range", tag) != tag:
        return None
    wanted = ranges.span(headers.get("range"), size)
    if wanted is None:
        return None
    start, length = wanted
    part = opened.place.read_span(opened.path, start, length)
    if part is not None and part.tag != opened.reading.tag:
        part.close()  # replaced just now; the whole of what was opened first is sent
        return None
    if part is not None:
        opened.reading.close()
        said["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
    return part


# -- bytes in ------------------------------------------------------------------------------------
def upload(context: Context, request: UploadArtifact, body: Upload) -> Empty:
    """Store a small file of a run."""
    root = context.tracking.get_run(request.run_id).info.artifact_uri
    context.files.write(root, request.path, body, size=body.size)
    return Empty()


def write_proxied(context: Context, request: ProxiedPath, body: Upload) -> None:
    """Store a proxied file. MLflow answers with no body."""
    _ = context.files.root
    context.files.write("mlflow-artifacts:/", request.path, body, size=body.size)


def write_batch(context: Context, request: BatchFolder, body: Upload) -> StoredFiles:
    """Store many files."""
    stored = context.files.write_batch(request.path, body)
    return StoredFiles(files=[StoredFile(size=f.size, sha256=f.sha256) for f in stored])


def upload_state(context: Context, request: UploadState) -> UploadProgress:
    """Tell how far an upload in pieces has come."""
    found = context.files.upload_state(
        request.path, request.upload, size=request.size, sha256=request.sha256
    )
    return UploadProgress(offset=found.offset, complete=found.complete)


def upload_piece(context: Context, request: UploadPiece, body: Upload) -> UploadProgress:
    """Add a piece; the last one puts the file in its place."""
    done = context.files.upload_piece(
        request.path,
        request.upload,
        body,
        start=request.start,
        size=request.size,
        sha256=request.sha256,
    )
    return UploadProgress(offset=done.offset, complete=done.complete)


def discard_upload(context: Context, request: DiscardUpload) -> Done:
    """Forget what came of an upload."""
    context.files.discard_upload(request.path, request.upload)
    return Done()


def delete_proxied(context: Context, request: ProxiedPath) -> Empty:
    """Delete a proxied file or folder."""
    context.files.delete(request.path)
    return Empty()


def _page(place: Place, path: str, root: str) -> FilesPage:
    found = place.list(path)
    return FilesPage(root_uri=root, files=[FileMessage.of(info) for info in found])


def _open(place: Place, path: str) -> Opened:
    cleaned = paths.clean(path)
    if not cleaned:
        raise BadRequest("Invalid path: name a file")
    return Opened(cleaned, place.read(cleaned), place)
