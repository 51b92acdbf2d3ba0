"""Uploads that are not finished: what came of a file so far, so that a sender goes on from there.

An upload is named by a key that whoever sends it chooses; nothing about it is kept but its bytes,
so any server on the same store can go on with it. They lie in a folder that no path names, are
checked as a whole at the end, and are cleared when nobody has touched them for a while.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import Any, Protocol

from mainstay.artifact_store import paths
from mainstay.artifact_store.base import CHUNK, ArtifactStore, Written
from mainstay.artifact_store.local import LocalFolder, make_folders
from mainstay.artifact_store.object import ObjectStore
from mainstay.artifact_store.writeback import Writeback
from mainstay.errors import BadInput, Conflict, NotImplementedHere, OutOfSpace

MOST_STATES = 64
"""Hashes of uploads at hand that are kept in memory; without one the file is read again."""

_KEY = re.compile(r"[0-9a-f]{32}\Z")
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Unfinished(Protocol):
    """Keeps the beginnings of files. Raises everywhere: BadInput (no such key can be)."""

    def offset(self, key: str) -> int:
        """Return how many bytes of an upload are here; 0 for one that nobody began."""
        ...

    def append(self, key: str, start: int, chunks: Iterable[bytes]) -> int:
        """Add bytes from ``start`` on and return the new offset. What came before an error stays.

        Raises: Conflict (``start`` is not the offset, or somebody adds just now), OutOfSpace.
        """
        ...

    def finish(self, key: str, path: str, *, size: int, sha256: str) -> Written:
        """Put the file at its path, as ``ArtifactStore.write`` would.

        Raises: BadInput (other bytes than announced: the upload is dropped), OutOfSpace.
        """
        ...

    def discard(self, key: str) -> None:
        """Forget an upload."""
        ...


def of(store: ArtifactStore) -> Unfinished:
    """Return the unfinished uploads of a store. Raises: NotImplementedHere."""
    if isinstance(store, LocalFolder):
        return LocalUnfinished(store)
    if isinstance(store, ObjectStore):
        return ObjectUnfinished(store)
    raise NotImplementedHere("the artifact store behind this server takes files in one piece only")


class LocalUnfinished:
    """A file an upload, on the disk of the folder that it will move into."""

    def __init__(self, folder: LocalFolder) -> None:
        self._folder = folder
        self._place = folder.root / paths.UPLOADS
        self._states: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._lock = Lock()

    def offset(self, key: str) -> int:
        """Return the size of the file so far."""
        try:
            return (self._place / _name(key)).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, key: str, start: int, chunks: Iterable[bytes]) -> int:
        """Write at the end of the file; it is flushed when it is whole."""
        with self._opened(key, create=True) as file:
            at = os.fstat(file).st_size
            _expect(at, start)
            state, writeback = self._state(key, at), Writeback(file)
            try:
                for chunk in chunks:
                    _write(file, chunk, at)
                    at += len(chunk)
                    writeback.reached(at)
                    if state is not None:
                        state.update(chunk)
            except OSError as error:
                if error.errno in _FULL:
                    os.ftruncate(file, at)
                    raise OutOfSpace(f"no room for more than {at} bytes of this file") from error
                raise
            finally:
                if state is not None and at == os.fstat(file).st_size:
                    self._keep(key, at, state)
        return at

    def finish(self, key: str, path: str, *, size: int, sha256: str) -> Written:
        """Flush, check, move into place."""
        with self._opened(key, create=not size) as file:
            at = os.fstat(file).st_size
            known = self._state(key, at)
            state = known if known is not None else _hash(file)
            found = state.hexdigest()
            if (at, found) != (size, sha256):
                self.discard(key)
                raise _damaged(path)
            os.fsync(file)
            self._folder.adopt(self._place / _name(key), path)
        return Written(size, sha256)

    def discard(self, key: str) -> None:
        """Delete the file."""
        (self._place / _name(key)).unlink(missing_ok=True)

    @contextmanager
    def _opened(self, key: str, *, create: bool) -> Iterator[int]:
        """Open the file for one writer at a time. Raises: Conflict."""
        if create and not self._place.is_dir():
            make_folders(self._place)
        flags = os.O_RDWR | (os.O_CREAT if create else 0) | getattr(os, "O_NOFOLLOW", 0)
        try:
            file = os.open(self._place / _name(key), flags, 0o666)
        except FileNotFoundError:
            raise Conflict("nothing is here of this upload; begin at 0") from None
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict("this upload is at work on another connection; ask again") from None
            yield file
        finally:
            os.close(file)

    def _state(self, key: str, at: int) -> Any | None:
        """Return the hash of the first ``at`` bytes, if it is at hand; it is the caller's then."""
        if at == 0:
            return hashlib.sha256()
        with self._lock:
            known = self._states.pop(key, None)
        return known[1] if known is not None and known[0] == at else None

    def _keep(self, key: str, at: int, state: Any) -> None:
        with self._lock:
            self._states[key] = (at, state)
            while len(self._states) > MOST_STATES:
                self._states.popitem(last=False)


class ObjectUnfinished:
    """An object a piece; the file is made of them at the end."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def offset(self, key: str) -> int:
        """Return where the row of pieces without a gap ends."""
        return sum(size for _, size in self._pieces(key))

    def append(self, key: str, start: int, chunks: Iterable[bytes]) -> int:
        """Store one more piece; it counts when it is there whole."""
        _expect(self.offset(key), start)
        written = self._store.put_aside(f"{_name(key)}/{start:020d}", chunks)
        return start + written

    def finish(self, key: str, path: str, *, size: int, sha256: str) -> Written:
        """Write the file from its pieces; it appears only if its digest is right."""
        pieces = self._pieces(key)
        written = self._store.write(path, self._checked(pieces, path, sha256), size=size)
        self.discard(key)
        return written

    def discard(self, key: str) -> None:
        """Delete the pieces."""
        self._store.clear_aside(_name(key) + "/")

    def _pieces(self, key: str) -> list[tuple[str, int]]:
        at, row = 0, []
        for name, size in self._store.list_aside(_name(key) + "/"):
            if int(name.rpartition("/")[2]) == at and size:
                row.append((name, size))
                at += size
        return row

    def _checked(self, pieces: list[tuple[str, int]], path: str, sha256: str) -> Iterator[bytes]:
        state = hashlib.sha256()
        # The store's own threads ask for these bytes, and must not wait for the store in there.
        with ThreadPoolExecutor(1) as reader:
            for name, _ in pieces:
                chunks = reader.submit(self._store.read_aside, name).result()
                while chunk := reader.submit(next, chunks, b"").result():
                    state.update(chunk)
                    yield chunk
        if state.hexdigest() != sha256:
            raise _damaged(path)


def _name(key: str) -> str:
    if not _KEY.match(key):
        raise BadInput(f"{key[:40]!r} names no upload: 32 hexadecimal digits are needed")
    return f"{paths.PARTIAL_PREFIX}{key}{paths.PARTIAL_SUFFIX}"


def _expect(at: int, start: int) -> None:
    if at != start:
        raise Conflict(f"{at} bytes of this upload are here; go on from there, not from {start}")


def _damaged(path: str) -> BadInput:
    return BadInput(f"{path!r} did not come as it was announced (SHA-256); send it again")


def _write(file: int, chunk: bytes, at: int) -> None:
    view = memoryview(chunk)
    while view:
        written = os.pwrite(file, view, at)
        view, at = view[written:], at + written


def _hash(file: int) -> Any:
    state, at = hashlib.sha256(), 0
    while chunk := os.pread(file, CHUNK, at):
        state.update(chunk)
        at += len(chunk)
    return state
