"""The artifact store contract, in prose; ``mainstay.testing.artifacts`` tests any of them.

A store is a tree of files under one root. Paths are relative to that root, written with ``/``,
and checked by ``paths.clean``: nothing outside the root is ever read, written or listed. The
empty path is the root itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

from mainstay.entities.artifacts import FileInfo

CHUNK = 1 << 20
"""Bytes read or sent at a time."""


class Written(msgspec.Struct, frozen=True):
    """What was stored: bytes and their SHA-256 as hex."""

    size: int
    sha256: str


class Reading(Iterator[bytes]):
    """A file being read: an iterator over its chunks that knows the size in bytes, if told.

    ``modified`` is the time of the last change in ms, ``tag`` a text that no other content of this
    path has or had. ``close`` may be called early, also while
    another thread reads: then it is that thread that lets go, when its chunk is there. (A file
    closed under a read gives its number to the next file that is opened, and the read takes that
    one's bytes.) Reading to the end, or dropping the object, closes too.
    """

    def __init__(
        self,
        chunks: Iterator[bytes],
        *,
        size: int | None = None,
        modified: int | None = None,
        tag: str | None = None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.size = size
        self.modified = modified
        self.tag = tag
        self._chunks = chunks
        self._close = close
        self._reads = threading.Lock()
        self._unwanted = False

    def __next__(self) -> bytes:
        try:
            with self._reads:
                if self._unwanted:
                    raise StopIteration
                try:
                    return next(self._chunks)
                except BaseException:
                    self._close()
                    raise
        finally:
            self._let_go()

    def close(self) -> None:
        """Let go of the file or connection; at once, or when a read that is under way is done."""
        self._unwanted = True
        self._let_go()

    def _let_go(self) -> None:
        # Whoever holds the lock looks here once more after it.
        if self._unwanted and self._reads.acquire(blocking=False):
            try:
                self._close()
            finally:
                self._reads.release()


class ArtifactStore(Protocol):
    """Keeps files. Several threads may call it at once."""

    def list(self, path: str = "") -> list[FileInfo]:
        """Return what the folder ``path`` holds, by name; nothing for a file or a missing folder.

        ``FileInfo.path`` is relative to the store's root. Raises: BadInput (an unsafe path).
        """
        ...

    def read(self, path: str) -> Reading:
        """Open a file. Raises, before the first chunk: NotFound, BadInput (an unsafe path)."""
        ...

    def write(self, path: str, chunks: Iterable[bytes], *, size: int | None = None) -> Written:
        """Store a file; a reader sees the old content or all of the new, never a part.

        On return the bytes are as durable as the store can make them. Raises: BadInput (an unsafe
        path, a folder of that name, or not ``size`` bytes), OutOfSpace; nothing is changed then.
        """
        ...

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with all in it; a missing one is fine. Raises: BadInput."""
        ...

    def presign(self, path: str) -> str | None:
        """Return a URL that lets its holder read the file for a while; None if there is none."""
        ...


@runtime_checkable
class WritesMany(Protocol):
    """A store that takes many files at once (one round trip instead of one a file)."""

    def write_many(self, files: Sequence[tuple[str, Path]]) -> Sequence[Written]:
        """Store local files under their paths, in order. Raises: as ``write``."""
        ...


@runtime_checkable
class ReadsSpans(Protocol):
    """A store that reads a part of a file without what is before it."""

    def read_span(self, path: str, start: int, length: int) -> Reading:
        """Open ``length`` bytes from byte ``start`` on, which the file has. Raises: NotFound."""
        ...


@runtime_checkable
class ClearsPartials(Protocol):
    """A store that keeps what came of uploads that were cut off, and can let go of it."""

    def clear_partials(self, *, before: float) -> int:
        """Delete what nobody touched since ``before`` (seconds since 1970); return how many."""
        ...


@runtime_checkable
class Presigns(Protocol):
    """A store whose files can be written by whoever holds a URL."""

    def presign_upload(self, path: str, *, seconds: int | None = None) -> str | None:
        """Return a URL that a file can be PUT to for a while; None if there is none."""
        ...
