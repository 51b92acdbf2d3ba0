"""Read files again and compare them with what was recorded at their upload."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from mainstay.artifact_store.base import ArtifactStore
from mainstay.entities.artifacts import UploadedFile
from mainstay.errors import MainstayError, NotFound


class Damaged(MainstayError):
    """A file is not what was recorded of it."""


def scrub(store: ArtifactStore, files: Iterable[UploadedFile]) -> list[str]:
    """Read and hash each file; return what is wrong, one sentence a file."""
    problems = []
    for file in files:
        try:
            for _ in _sound(store, file):
                pass
        except (NotFound, Damaged) as error:
            problems.append(error.message)
    return problems


def copy_files(
    source: ArtifactStore, destination: ArtifactStore, files: Iterable[UploadedFile]
) -> list[str]:
    """Copy files that are what was recorded of them; return the locations of those that are not."""
    left = []
    for file in files:
        try:
            # A file that proves wrong at its end is never put in its place.
            destination.write(file.location, _sound(source, file), size=file.size)
        except (NotFound, Damaged):
            left.append(file.location)
    return left


def _sound(store: ArtifactStore, file: UploadedFile) -> Iterator[bytes]:
    """Yield a file's chunks. Raises: NotFound; Damaged, after the last one."""
    try:
        reading = store.read(file.location)
    except NotFound:
        raise NotFound(f"{file.location} is lost ({file.size} bytes)") from None
    state, size = hashlib.sha256(), 0
    for chunk in reading:
        state.update(chunk)
        size += len(chunk)
        yield chunk
    if size != file.size:
        raise Damaged(f"{file.location} has {size} bytes, {file.size} were uploaded")
    if state.hexdigest() != file.sha256:
        raise Damaged(f"{file.location} is damaged: its SHA-256 is not that of the upload")
