"""Hash a stream of bytes while they are written elsewhere, on another core where there is one."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from io import FileIO
from typing import Self


class Hashing:
    """The SHA-256 of chunks, in order; a context, which waits for what is still being hashed.

    ``large`` files are hashed by a thread of their own (hashlib lets others run meanwhile): hashing
    takes as long as writing, and both as long as the bytes take to come. Of a small file a thread
    costs more than it saves.
    """

    def __init__(self, *, large: bool) -> None:
        self._state = hashlib.sha256()
        self._thread = ThreadPoolExecutor(1, "mainstay-hash") if large else None
        self._last: Future[None] | None = None

    def update(self, chunk: bytes) -> None:
        """Hash one more chunk, at most one behind the caller, so that few are held in memory."""
        if self._thread is None:
            self._state.update(chunk)
            return
        if self._last is not None:
            self._last.result()
        self._last = self._thread.submit(self._state.update, chunk)

    def hexdigest(self) -> str:
        """Return the hash of all of it, after the context."""
        return self._state.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._thread.shutdown()


def write_all(file: FileIO, chunk: bytes) -> int:
    """Write a chunk to a file without a buffer, and return its size."""
    view = memoryview(chunk)
    while view:
        view = view[file.write(view) or 0 :]
    return len(chunk)
