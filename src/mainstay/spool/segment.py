"""A segment: the log of one process, as a folder of files.

<spool>/<segment>/          32 hex digits; 0700, files 0600
    target.json             where the records go, and who wrote them
    writer.lock             held by the process that writes
    sender.lock             held by the process that sends
    000001.log …            frames, in files of a few MiB, deleted when sent
    beginnings.log          a second copy of the frames that others depend on
    offset.json             how far the target has confirmed
    ids.json                run ids of a server that does not accept ours
    blobs/                  copies of artifacts until they are uploaded
<spool>/quarantine/         bytes and records that could not be read or were refused
"""

from __future__ import annotations

import contextlib
import os
import zlib
from pathlib import Path
from typing import TypeVar

import msgspec

from mainstay.spool import locks

CHUNK_BYTES = 4 << 20
QUARANTINE = "quarantine"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where a segment's records go, and who wrote them."""

    uri: str
    registry_uri: str | None = None
    pid: int = 0
    host: str = ""
    program: str = ""
    created_at: int = 0
    parent: int = 0
    """The process that started the one that writes."""

    offline: bool = False
    """The process does not send: whoever else may, also while it writes."""

    check: int = 0
    """CRC-32 of the rest; see ``_sealed``."""


class Position(msgspec.Struct, frozen=True, order=True):
    """A place in a segment: number of the log file, byte in it, and the last sequence before it."""

    chunk: int = 1
    offset: int = 0
    sequence: int = 0
    check: int = 0
    """CRC-32 of the rest, in the file; see ``_sealed``."""


Sealed = TypeVar("Sealed", Target, Position)


class Segment:
    """The files of one segment; it neither writes records nor sends them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self.writer_lock = folder / "writer.lock"
        self.sender_lock = folder / "sender.lock"

    @classmethod
    def create(cls, root: Path, name: str, target: Target) -> tuple[Segment, locks.Hold]:
        """Make a new segment, and return it with the writer's lock. Raises: OSError."""
        segment = cls(root / name)
        make_private(root)
        make_private(segment.folder)
        # Locked before it has a target: nobody takes a folder without one for a segment.
        held = locks.hold(segment.writer_lock)
        assert held is not None, "nobody else knows of this folder"
        write_atomically(segment.folder / "target.json", _sealed(target))
        flush_folder(root)
        return segment, held

    def target(self) -> Target | None:
        """Return where the records go; None where the folder is no segment (yet), or damaged."""
        try:
            return _unsealed((self.folder / "target.json").read_bytes(), Target)
        except (OSError, msgspec.DecodeError):
            return None

    def is_damaged(self) -> bool:
        """Say whether it is a segment that does not say any more where its records go."""
        return self.target() is None and (self.folder / "target.json").exists()

    def chunk(self, number: int) -> Path:
        """Return the path of a log file."""
        return self.folder / f"{number:06d}.log"

    def chunks(self) -> list[int]:
        """Return the numbers of the log files that are there."""
        return sorted(int(path.stem) for path in self.folder.glob("[0-9]*.log"))

    @property
    def beginnings(self) -> Path:
        """The path of the second copy of frames that others depend on."""
        return self.folder / "beginnings.log"

    def blob(self, name: str) -> Path:
        """Return the path of a waiting artifact."""
        return self.folder / "blobs" / name

    def offset(self) -> Position:
        """Return how far the target has confirmed; the beginning if that cannot be read."""
        try:
            return _unsealed((self.folder / "offset.json").read_bytes(), Position)
        except (OSError, msgspec.DecodeError):
            return Position(chunk=min(self.chunks(), default=1))

    def save_offset(self, position: Position) -> None:
        """Remember what the target has confirmed, and delete log files that lie behind it."""
        write_atomically(self.folder / "offset.json", _sealed(position))
        for number in self.chunks():
            if number < position.chunk:
                self.chunk(number).unlink(missing_ok=True)

    def ids(self) -> dict[str, str]:
        """Return the ids that a foreign server gave, by ours."""
        try:
            return msgspec.json.decode((self.folder / "ids.json").read_bytes(), type=dict[str, str])
        except (OSError, UnicodeDecodeError, msgspec.DecodeError):
            return {}

    def save_ids(self, ids: dict[str, str]) -> None:
        """Remember the ids that a foreign server gave."""
        write_atomically(self.folder / "ids.json", msgspec.json.encode(ids))

    def is_written(self) -> bool:
        """Say whether a living process writes to it."""
        return locks.is_held(self.writer_lock)

    def size(self) -> int:
        """Return the bytes it takes."""
        return folder_size(self.folder)

    def waiting_bytes(self) -> int:
        """Return the bytes of records that are not confirmed yet."""
        reached = self.offset()
        total = 0
        for number in self.chunks():
            with contextlib.suppress(FileNotFoundError):
                size = self.chunk(number).stat().st_size
                total += size - reached.offset if number == reached.chunk else size
        return total

    def quarantine(self, label: str, data: bytes) -> Path:
        """Keep bytes that could not be used, outside the segment, and return where."""
        folder = self.folder.parent / QUARANTINE
        make_private(folder)
        path = folder / f"{self.name}-{label}"
        path.write_bytes(data)
        path.chmod(0o600)
        return path

    def set_aside(self, blob: Path) -> Path:
        """Move a file that could not be used out of the segment, and return where."""
        folder = self.folder.parent / QUARANTINE
        make_private(folder)
        path = folder / f"{self.name}-{blob.name}"
        blob.replace(path)
        return path

    def remove(self) -> None:
        """Delete it with everything in it."""
        import shutil  # with all its compressions; the face does without it

        shutil.rmtree(self.folder, ignore_errors=True)


def _sealed(record: Target | Position) -> bytes:
    """Return a record as JSON that says of itself whether it is whole."""
    bare = msgspec.structs.replace(record, check=0)
    # Never 0, which is what a record without the field has.
    check = zlib.crc32(msgspec.json.encode(bare)) or 1
    return msgspec.json.encode(msgspec.structs.replace(record, check=check))


def _unsealed(data: bytes, kind: type[Sealed]) -> Sealed:
    """Read such a record. Raises: DecodeError: it is not whole."""
    try:
        record = msgspec.json.decode(data, type=kind)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error
    bare: Sealed = msgspec.structs.replace(record, check=0)
    if record.check and _sealed(bare) != msgspec.json.encode(record):
        raise msgspec.DecodeError("the record is damaged")
    return bare


def segments(root: Path) -> list[Segment]:
    """Return every segment of a spool folder, oldest first."""
    found = []
    for folder in root.iterdir() if root.is_dir() else ():
        if len(folder.name) == 32 and (folder / "target.json").exists():
            with contextlib.suppress(FileNotFoundError):
                found.append((folder.stat().st_ctime, folder.name, Segment(folder)))
    return [segment for *_, segment in sorted(found, key=lambda item: item[:2])]


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file in one step: a reader sees the old content or the new."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    temporary.replace(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
