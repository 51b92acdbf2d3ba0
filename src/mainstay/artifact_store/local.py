"""A folder of this machine as an artifact store: contained, atomic, durable.

Every step below the root is opened relative to the folder above it and follows no symbolic link,
so neither a path nor a link can lead outside, also when somebody swaps folders meanwhile. A file
is written beside its place, flushed to disk, renamed, and its folder flushed: what is visible is
complete, and stays after a power cut.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mainstay import killpoints
from mainstay.artifact_store import paths
from mainstay.artifact_store.base import CHUNK, Reading, Written
from mainstay.artifact_store.hashing import write_all
from mainstay.artifact_store.writeback import Writeback
from mainstay.entities.artifacts import FileInfo
from mainstay.errors import BadInput, NotFound, OutOfSpace

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_ELSEWHERE = (errno.ELOOP, errno.ENOTDIR, errno.EMLINK)
_FULL = (errno.ENOSPC, errno.EDQUOT)


class LocalFolder:
    """An artifact store in the folder ``root``, which is created when first written to."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.abspath(root))

    def list(self, path: str = "") -> list[FileInfo]:
        """Return what a folder holds, links left out."""
        path = paths.clean(path)
        try:
            with self._folder(path) as folder, os.scandir(folder) as entries:
                found = [_info(paths.join(path, entry.name), entry) for entry in entries]
        except OSError as error:
            if error.errno in (errno.ENOENT, *_ELSEWHERE):
                return []
            raise
        return sorted((info for info in found if info is not None), key=lambda info: info.path)

    def read(self, path: str) -> Reading:
        """Open a regular file."""
        file, about = self._open(path)
        chunks = iter(lambda: file.read(CHUNK), b"")
        modified = about.st_mtime_ns // 1_000_000
        return Reading(
            chunks, size=about.st_size, modified=modified, tag=_tag(about), close=file.close
        )

    def read_span(self, path: str, start: int, length: int) -> Reading:
        """Open a part of a regular file."""
        file, about = self._open(path)
        file.seek(start)
        return Reading(_span(file, length), size=length, tag=_tag(about), close=file.close)

    def _open(self, path: str) -> tuple[io.FileIO, os.stat_result]:
        above, name = _split(path)
        try:
            with self._folder(above) as folder:
                handle = os.open(name, os.O_RDONLY | _NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENXIO, *_ELSEWHERE):
                raise NotFound(f"there is no file {path!r}") from None
            raise
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            os.close(handle)
            raise NotFound(f"{path!r} is not a file")
        return os.fdopen(handle, "rb", buffering=0), about

    def write(self, path: str, chunks: Iterable[bytes], *, size: int | None = None) -> Written:
        """Write beside, flush, rename, flush the folder."""
        above, name = _split(path)
        partial = f"{paths.PARTIAL_PREFIX}{secrets.token_hex(4)}{paths.PARTIAL_SUFFIX}"
        with _told(path), self._folder(above, create=True) as folder:
            _refuse_other_kinds(name, folder, path)
            try:
                written = _fill(partial, folder, chunks, size=size, path=path)
                killpoints.reach("artifact.written")
                os.replace(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
                killpoints.reach("artifact.renamed")
            except BaseException:
                with suppress(OSError):
                    os.unlink(partial, dir_fd=folder)
                raise
            os.fsync(folder)
        return written

    def adopt(self, file: Path, path: str) -> None:
        """Move a finished and flushed file of this disk to ``path``. Raises: as ``write``."""
        above, name = _split(path)
        with _told(path), self._folder(above, create=True) as folder:
            _refuse_other_kinds(name, folder, path)
            os.replace(file, name, dst_dir_fd=folder)
            killpoints.reach("artifact.renamed")
            os.fsync(folder)

    def delete(self, path: str) -> None:
        """Delete a file or a folder; a link is removed, never followed."""
        above, name = _split(path)
        try:
            with self._folder(above) as folder:
                about = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if stat.S_ISDIR(about.st_mode):
                    shutil.rmtree(name, dir_fd=folder)
                else:
                    os.unlink(name, dir_fd=folder)
                os.fsync(folder)
        except OSError as error:
            if error.errno not in (errno.ENOENT, *_ELSEWHERE):
                raise

    def presign(self, path: str) -> str | None:
        """There are no signed URLs of local files."""
        return None

    def clear_partials(self, *, before: float) -> int:
        """Delete what uploads left that were cut off by a kill, untouched since ``before`` (seconds
        since 1970); return how many there were.
        """
        cleared = 0
        if not self.root.is_dir():
            return cleared
        for _, _, names, folder in os.fwalk(self.root):
            for name in filter(paths.is_partial, names):
                with suppress(FileNotFoundError):  # finished, or cleared by another, meanwhile
                    if os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime < before:
                        os.unlink(name, dir_fd=folder)
                        cleared += 1
        return cleared

    @contextmanager
    def _folder(self, path: str, *, create: bool = False) -> Iterator[int]:
        """Open the folder ``path`` step by step and yield its descriptor."""
        if create and not self.root.is_dir():
            make_folders(self.root)
        handle = os.open(self.root, _FOLDER)
        try:
            for name in path.split("/") if path else ():
                inner = _step(name, handle, create=create)
                os.close(handle)
                handle = inner
            yield handle
        finally:
            os.close(handle)


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Turn what the system says of a file that cannot be written into our errors."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise OutOfSpace(f"no room for {path!r}; nothing was written") from error
        if error.errno in (*_ELSEWHERE, errno.EEXIST, errno.EISDIR):
            raise BadInput(
                f"Invalid path: {path!r} goes through a file or a link, or is a folder"
            ) from None
        raise


def make_folders(folder: Path) -> None:
    """Make a folder and those above it, each of them flushed into the one above."""
    missing = [place for place in (folder, *folder.parents) if not place.is_dir()]
    for place in reversed(missing):
        place.mkdir(exist_ok=True)
        _flush_folder(place.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, _FOLDER)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _tag(about: os.stat_result) -> str:
    """Name a file's content: a file is replaced by another one, and never changed in its place."""
    return f"{about.st_ino:x}-{about.st_size:x}-{about.st_mtime_ns:x}"


def _span(file: io.FileIO, length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := file.read(min(CHUNK, length))):
        length -= len(chunk)
        yield chunk


def _split(path: str) -> tuple[str, str]:
    cleaned = paths.clean(path)
    if not cleaned:
        raise BadInput("Invalid path: the name of a file is needed, not the root")
    above, _, name = cleaned.rpartition("/")
    return above, name


def _step(name: str, folder: int, *, create: bool) -> int:
    try:
        return os.open(name, _FOLDER | _NOFOLLOW, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
        os.fsync(folder)
    return os.open(name, _FOLDER | _NOFOLLOW, dir_fd=folder)


def _refuse_other_kinds(name: str, folder: int, path: str) -> None:
    with suppress(FileNotFoundError):
        about = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISREG(about.st_mode):
            raise BadInput(f"Invalid path: {path!r} is a folder or a link, not a file")


def _fill(
    name: str, folder: int, chunks: Iterable[bytes], *, size: int | None, path: str
) -> Written:
    """Write and flush a new file; its size and hash are those of the bytes written."""
    digest, total = hashlib.sha256(), 0
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o666, dir_fd=folder)
    with os.fdopen(handle, "wb", buffering=0) as file:
        writeback = Writeback(handle)
        for chunk in chunks:
            digest.update(chunk)
            total += write_all(file, chunk)
            writeback.reached(total)
        if size is not None and total != size:
            raise BadInput(f"{path!r}: {total} bytes came, {size} were announced; send it again")
        os.fsync(handle)
    return Written(total, digest.hexdigest())


def _info(path: str, entry: os.DirEntry[str]) -> FileInfo | None:
    if paths.is_partial(entry.name) or entry.is_symlink():
        return None
    if entry.is_dir(follow_symlinks=False):
        return FileInfo(path, is_dir=True)
    try:
        about = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # replaced or deleted while we were listing
        return None
    return FileInfo(path, is_dir=False, file_size=about.st_size) if entry.is_file() else None
