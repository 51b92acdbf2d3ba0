"""Messages about files of runs and logged models, and of the artifact proxy."""

from __future__ import annotations

from typing import Annotated

import msgspec

from mainstay.entities.artifacts import FileInfo
from mainstay.wire.base import Answer, Int64, Message, Own, Request, RunRequest, Text

Bytes = Annotated[int, msgspec.Meta(ge=0, le=1 << 50)]
Digest = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]


class FileMessage(Message, frozen=True, kw_only=True):
    """A file or folder."""

    path: str
    is_dir: bool
    file_size: int | None = None

    @classmethod
    def of(cls, info: FileInfo) -> FileMessage:
        """Return the record's message."""
        return cls(path=info.path, is_dir=info.is_dir, file_size=info.file_size)

    def entity(self) -> FileInfo:
        """Return the record."""
        return FileInfo(self.path, self.is_dir, self.file_size)


class ListArtifacts(RunRequest, frozen=True, kw_only=True):
    """Ask for the files of a run."""

    path: str = ""
    page_token: str | None = None


class ListLoggedModelArtifacts(Request, frozen=True, kw_only=True):
    """Ask for the files of a logged model."""

    model_id: Text
    artifact_directory_path: str = ""
    page_token: str | None = None


class FilesPage(Message, frozen=True, kw_only=True):
    """Files below a root; paths are relative to it."""

    root_uri: str | None = None
    files: list[FileMessage] = []
    next_page_token: str | None = None


class ListProxied(Request, frozen=True, kw_only=True):
    """Ask the proxy for the files in a folder; the answer has their last names only."""

    path: str = ""


class ProxiedPath(Request, frozen=True, kw_only=True):
    """Names a file behind the proxy."""

    path: Text


class GetArtifact(RunRequest, frozen=True, kw_only=True):
    """Ask for the bytes of a run's file."""

    path: Text


class GetVersionArtifact(Request, frozen=True, kw_only=True):
    """Ask for the bytes of a version's file."""

    name: Text
    version: Text
    path: Text


class GetLoggedModelArtifact(Request, frozen=True, kw_only=True):
    """Ask for the bytes of a logged model's file."""

    model_id: Text
    artifact_file_path: Text


class UploadArtifact(RunRequest, frozen=True, kw_only=True):
    """Put a small file of a run; the body is its bytes."""

    path: Text


class PresignRunFile(RunRequest, frozen=True, kw_only=True):
    """Ask for a URL that reads a run's file from its bucket. ``expiration`` is in seconds."""

    path: Text
    expiration: Int64 | None = None


class PresignUpload(Request, frozen=True, kw_only=True):
    """Ask for a URL that writes a file of a run or of a logged model into its bucket."""

    run_id: str | None = None
    model_id: str | None = None
    path: Text
    expiration: Int64 | None = None


class PresignedUrl(Message, frozen=True, kw_only=True):
    """A signed URL, the headers to send along, and the size of what is there, if known."""

    presigned_url: str
    headers: dict[str, str] = {}
    file_size: int | None = None


class ProxiedUrl(Message, frozen=True, kw_only=True):
    """A signed URL of a proxied file, under the field names of the proxy."""

    url: str
    headers: dict[str, str] = {}
    file_size: int | None = None


class PartsOf(Request, frozen=True, kw_only=True):
    """Names a file that is sent in parts: its folder, and the sender's path, its last name.

    Parts go to the bucket behind the proxy, each to a URL of its own.
    """

    folder: str
    path: Text


class BeginParts(PartsOf, frozen=True, kw_only=True):
    """Begin an upload in parts."""

    num_parts: Int64 = 1


class SentPart(Message, frozen=True, kw_only=True):
    """A part that was sent: its number from 1 on, and the ETag that the bucket answered with."""

    part_number: Int64
    etag: str = ""
    url: str | None = None


class CompleteParts(PartsOf, frozen=True, kw_only=True):
    """Make the file of the parts that were sent."""

    upload_id: Text
    parts: list[SentPart] = []


class AbortParts(PartsOf, frozen=True, kw_only=True):
    """Drop an upload in parts."""

    upload_id: Text


class PartUrl(Message, frozen=True, kw_only=True):
    """Where one part is PUT to, and the headers to send along."""

    url: str
    part_number: int
    headers: dict[str, str] = {}


class PartUrls(Message, frozen=True, kw_only=True):
    """An upload in parts that was begun."""

    upload_id: str
    credentials: list[PartUrl]


class BatchFolder(Own, frozen=True, kw_only=True):
    """Names the folder that a batch of files goes to; the body is the batch."""

    path: str = ""


class UploadState(Own, frozen=True, kw_only=True):
    """Ask how much of a file has come. ``upload`` is the sender's name for this upload.

    ``size`` is in bytes; with the whole file's ``sha256`` an upload that was finished is known.
    """

    path: Text
    upload: Text
    size: Bytes
    sha256: Digest = ""


class UploadPiece(UploadState, frozen=True, kw_only=True):
    """Add the bytes from ``start`` on, which are the body; the last piece names the digest."""

    start: Bytes


class DiscardUpload(Own, frozen=True, kw_only=True):
    """Forget what came of an upload."""

    path: Text
    upload: Text


class UploadProgress(Answer, frozen=True, kw_only=True):
    """How many bytes have come, and whether the file is in its place."""

    offset: int
    complete: bool


class StoredFile(Answer, frozen=True, kw_only=True):
    """One file of a batch, as it was stored."""

    size: int
    sha256: str


class StoredFiles(Answer, frozen=True, kw_only=True):
    """The files of a batch, in its order."""

    files: list[StoredFile]
