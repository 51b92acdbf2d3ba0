"""Append records to this process's segment: one writer, no waiting, memory bounded."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import msgspec

from mainstay.entities.spool import CreateLoggedModel, CreateRun, Operation
from mainstay.errors import OutOfSpace, TooLarge
from mainstay.spool import framing
from mainstay.spool.segment import (
    CHUNK_BYTES,
    Position,
    Segment,
    Target,
    flush_folder,
    folder_size,
    make_private,
)

MEDIA_SHARE = 0.75
"""Artifacts may fill this share of the cap; the rest is kept for records, refused last."""

_COPY = 1 << 20


class Writer:
    """Writes one segment. Methods may be called from several threads."""

    def __init__(self, root: Path, target: Target, *, cap: int, fsync: str = "interval") -> None:
        """Begin a segment below ``root``, which may take ``cap`` bytes. Raises: OSError.

        With ``fsync="never"`` nothing is flushed.
        """
        self.segment, self._hold = Segment.create(root, uuid4().hex, target)
        self._lock = threading.Lock()
        self._encoder = msgspec.msgpack.Encoder()
        self._cap = cap
        self._fsync = fsync
        self._used = folder_size(root)
        self._chunk, self._offset, self._sequence = 1, 0, 0
        self._unsynced: list[Path] = []
        self._file = self._open(1)
        self._synced = self.tail()

    def append(self, operation: Operation) -> int:
        """Write one record and return its sequence.

        Raises: OutOfSpace (the spool's cap or the disk), TooLarge.
        """
        payload = self._encoder.encode(operation)
        if len(payload) > framing.MAX_PAYLOAD:
            raise TooLarge(f"a record of {len(payload)} bytes; at most {framing.MAX_PAYLOAD} fit")
        with self._lock:
            frame = framing.encode(self._sequence + 1, payload)
            if self._used + len(frame) > self._cap:
                raise OutOfSpace(f"the spool is full ({self._cap} bytes, MAINSTAY_SPOOL_CAP)")
            if self._offset >= CHUNK_BYTES:
                self._roll()
            self._write(frame)
            self._sequence += 1
            self._offset += len(frame)
            self._used += len(frame)
            if isinstance(operation, (CreateRun, CreateLoggedModel)):
                self._copy(frame)
            return self._sequence

    def copy_in(self, source: Path) -> tuple[str, int, str]:
        """Copy a file into the spool; return the blob's name, its size and SHA-256.

        Raises: OutOfSpace (media stop at a share of the cap, or the disk), OSError on reading.
        """
        with source.open("rb") as reader:
            size = os.fstat(reader.fileno()).st_size
            return self.keep(source.name, size, iter(lambda: reader.read(_COPY), b""))

    def keep(self, label: str, size: int, chunks: Iterable[bytes]) -> tuple[str, int, str]:
        """Keep bytes in the spool; return the blob's name, its size and SHA-256.

        Raises: OutOfSpace (media stop at a share of the cap, or the disk).
        """
        if self._used + size > self._cap * MEDIA_SHARE:
            raise OutOfSpace(
                f"{label} ({size} bytes) does not fit into the spool: artifacts may take "
                f"{MEDIA_SHARE:.0%} of MAINSTAY_SPOOL_CAP={self._cap}"
            )
        name = uuid4().hex
        place = self.segment.blob(name)
        import hashlib  # loads OpenSSL: when the first file is kept

        digest, written = hashlib.sha256(), 0
        try:
            make_private(place.parent)
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as out:
                for block in chunks:
                    out.write(block)
                    digest.update(block)
                    written += len(block)
        except OSError as error:
            with contextlib.suppress(OSError):
                place.unlink(missing_ok=True)
            raise OutOfSpace(f"{label} cannot be kept in the spool: {error}") from error
        with self._lock:
            self._used += written
            self._unsynced.append(place)
        return name, written, digest.hexdigest()

    def tail(self) -> Position:
        """Return where the next record will go."""
        with self._lock:
            return Position(self._chunk, self._offset, self._sequence)

    def freed(self, size: int) -> None:
        """Count bytes that were sent and deleted, so that the cap has room again."""
        with self._lock:
            self._used = max(0, self._used - size)

    @property
    def synced(self) -> Position:
        """Up to where a power cut costs nothing."""
        return self._synced

    def sync(self) -> None:
        """Make what was appended survive a power cut, unless that was not asked for.

        Raises: OSError: the disk failed. What it was asked to flush is not tried again, since a
        flush that succeeds then says nothing about what the first one lost.
        """
        tail = self.tail()
        if tail == self._synced or self._fsync == "never":
            return
        with self._lock:
            blobs, self._unsynced = self._unsynced, []
        self._synced = tail
        for blob in blobs:  # before the records that speak of them
            _flush(blob)
        if blobs:
            flush_folder(self.segment.folder / "blobs")
            flush_folder(self.segment.folder)
        os.fsync(self._file)

    def close(self) -> None:
        """Stop writing; what was not sent stays for the next start or ``mainstay sync``."""
        with contextlib.suppress(OSError):
            self.sync()
        with self._lock:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._hold.release()

    def forget(self) -> None:
        """Let go of the parent's files in a forked child, without ending the parent's segment."""
        with contextlib.suppress(OSError):
            os.close(self._file)
        self._hold.forget()

    def _open(self, number: int) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        file = os.open(self.segment.chunk(number), flags, 0o600)
        flush_folder(self.segment.folder)
        return file

    def _roll(self) -> None:
        fresh = self._open(self._chunk + 1)
        if self._fsync != "never":
            with contextlib.suppress(OSError):
                os.fsync(self._file)
        os.close(self._file)
        self._file = fresh
        self._chunk, self._offset = self._chunk + 1, 0

    def _copy(self, frame: bytes) -> None:
        """Keep a record that others depend on twice: damage to one costs no other record."""
        with contextlib.suppress(OSError), self.segment.beginnings.open("ab") as copies:
            copies.write(frame)
            self._used += len(frame)

    def _write(self, frame: bytes) -> None:
        try:
            written = os.write(self._file, frame)
            while written < len(frame):
                written += os.write(self._file, frame[written:])
        except OSError as error:
            # Half a frame would cost the reader a search: put the end back where it was.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._offset)
            raise OutOfSpace(f"the spool cannot be written: {error}") from error


def _flush(path: Path) -> None:
    """Make a file's content survive a power cut; one that was sent meanwhile is gone."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
