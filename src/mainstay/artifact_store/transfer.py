"""Carry a file or a folder between this machine and an artifact store."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec

from mainstay.artifact_store import paths
from mainstay.artifact_store.base import CHUNK, ArtifactStore, WritesMany, Written
from mainstay.artifact_store.hashing import Hashing, write_all
from mainstay.artifact_store.proxy import LocalFile
from mainstay.entities.artifacts import FileInfo
from mainstay.errors import BadInput, NotFound, Unavailable

AT_ONCE = 8


class Uploaded(msgspec.Struct, frozen=True):
    """A file that was stored; ``path`` is relative to the store's root."""

    path: str
    size: int
    sha256: str


def upload_tree(store: ArtifactStore, local_path: str | Path, path: str = "") -> list[Uploaded]:
    """Store what a folder holds under the folder ``path``, or a file as ``path/<its name>``.

    Links to files are followed, links to folders are not. Raises: NotFound (no such local file),
    BadInput (a name that no store takes), and what ``write`` raises.
    """
    local = Path(local_path)
    if local.is_file():
        files = [(paths.clean(paths.join(path, local.name)), local)]
    elif local.is_dir():
        files = [
            (paths.clean(paths.join(path, file.relative_to(local).as_posix())), file)
            for file in _files(local)
        ]
    else:
        raise NotFound(f"there is no file or folder {str(local)!r} to upload")
    if isinstance(store, WritesMany):
        written = store.write_many(files)
    else:
        written = [store.write(to, LocalFile(file), size=_size(file)) for to, file in files]
    return [
        Uploaded(to, done.size, done.sha256) for (to, _), done in zip(files, written, strict=True)
    ]


def download_tree(store: ArtifactStore, path: str, destination: str | Path) -> Path:
    """Copy the file or folder ``path`` to ``destination/path`` and return that path.

    The empty path copies everything into ``destination`` itself. Files appear when they are
    complete. Raises: NotFound, and what ``read`` raises.
    """
    path = paths.clean(path)
    fetch_tree(store, path, destination)
    return Path(destination, *path.split("/")) if path else Path(destination)


def fetch_tree(store: ArtifactStore, path: str, destination: str | Path) -> dict[str, Written]:
    """Do what ``download_tree`` does; return the files by path, hashed while they came."""
    path = paths.clean(path)
    files = [info.path for info in walk(store, path)]
    if not files and path:
        return {path: _copy(store, path, Path(destination))}
    Path(destination, *path.split("/")).mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = {file: pool.submit(_copy, store, file, Path(destination)) for file in files}
        return {file: job.result() for file, job in jobs.items()}


def walk(store: ArtifactStore, path: str = "") -> Iterator[FileInfo]:
    """Yield every file below the folder ``path``."""
    for info in store.list(path):
        if info.is_dir:
            yield from walk(store, info.path)
        else:
            yield info


def _copy(store: ArtifactStore, path: str, destination: Path) -> Written:
    """Copy one file: beside its place first, then renamed."""
    reading = store.read(paths.clean(path))
    target = Path(destination, *path.split("/"))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.parent / f"{paths.PARTIAL_PREFIX}{secrets.token_hex(4)}{paths.PARTIAL_SUFFIX}"
    total, hashing = 0, Hashing(large=reading.size is None or reading.size > CHUNK)
    try:
        with partial.open("xb", buffering=0) as file, hashing:
            for chunk in reading:
                hashing.update(chunk)
                total += write_all(file, chunk)
        if reading.size is not None and total != reading.size:
            raise Unavailable(f"{path!r}: only {total} of {reading.size} bytes came; try again")
        if target.is_dir():
            raise BadInput(f"{str(target)!r} is a folder; the file {path!r} cannot go there")
        os.replace(partial, target)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise
    return Written(total, hashing.hexdigest())


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, sorted, so that two uploads send the same row of bytes."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names) if Path(place, name).is_file())


def _size(file: Path) -> int:
    return file.stat().st_size
