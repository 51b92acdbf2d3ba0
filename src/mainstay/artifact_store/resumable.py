"""Send a large file in pieces, so that an upload that was cut off goes on where it stopped.

The server says how much it has; sender and server may both have been started anew meanwhile. The
upload is named after the file's place, size and time of change, so that a changed file begins
again, and the SHA-256 of the whole goes with the last piece.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import IO, Any, Protocol

import msgspec

from mainstay.artifact_store.base import CHUNK, Written
from mainstay.errors import BadInput, Conflict, ServerUnreachable, Unavailable

FROM = 64 << 20
"""Bytes from which on a file is sent in pieces."""

PIECE = 16 << 20
"""Bytes of a piece; held in memory while it is sent."""


class Progress(msgspec.Struct, frozen=True):
    """What the server says: bytes that it has, and whether the file is in its place."""

    offset: int
    complete: bool


class Line(Protocol):
    """The way to the server; each call may try several times."""

    def state(self, fields: dict[str, Any]) -> Progress:
        """Ask how far the upload is."""
        ...

    def piece(self, fields: dict[str, Any], content: bytes) -> Progress:
        """Send a piece."""
        ...


def send(line: Line, file: Path, *, path: str, patience: int) -> Written:
    """Send ``file`` as ``path``; what is there already is not sent again.

    ``patience`` is how often in a row a try may bring it no further.
    Raises: ServerUnreachable, Unavailable, Conflict (out of patience, or a version froze the file),
    BadInput (the file changed meanwhile, or was damaged twice), and what the line raises.
    """
    return _Sending(line, file, path).run(patience)


class _Sending:
    """One upload: how far it was sent, and the hash of all that is before that."""

    def __init__(self, line: Line, file: Path, path: str) -> None:
        about = file.stat()
        named = f"{file.resolve()}\0{path}\0{about.st_size}\0{about.st_mtime_ns}\0{about.st_ino}"
        self._line = line
        self._file = file
        self._size = about.st_size
        self._fields = {
            "upload": hashlib.sha256(named.encode()).hexdigest()[:32],
            "size": self._size,
        }
        self._at = 0
        self._hash = hashlib.sha256()

    def run(self, patience: int) -> Written:
        """Send until the file is in its place."""
        left, furthest, restarted = patience, 0, False
        progress = self._line.state(self._fields)
        with self._file.open("rb") as content:
            while not progress.complete:
                self._go_to(content, progress.offset)
                try:
                    progress = self._send_piece(content)
                except BadInput:
                    if restarted or self._at < self._size:
                        raise
                    # Damaged on the way or on the server's disk: it dropped all, so once more.
                    restarted, progress = True, Progress(0, complete=False)
                except (ServerUnreachable, Unavailable, Conflict):
                    if left <= 0:
                        raise
                    time.sleep(min(0.1 * 2 ** (patience - left), 5.0))
                    progress = self._ask(left)
                    left = patience if progress.offset > furthest else left - 1
                    furthest = max(furthest, progress.offset)
        return Written(self._size, self._hash.hexdigest())

    def _ask(self, left: int) -> Progress:
        """Ask where to go on, while the server is being started anew."""
        whole = {"sha256": self._hash.hexdigest()} if self._at == self._size else {}
        while True:
            try:
                return self._line.state({**self._fields, **whole})
            except (ServerUnreachable, Unavailable):
                if left <= 0:
                    raise
                left -= 1

    def _go_to(self, content: IO[bytes], offset: int) -> None:
        """Stand at ``offset``, with the hash of all before it."""
        if offset < self._at:
            self._at, self._hash = 0, hashlib.sha256()
        content.seek(self._at)
        while self._at < offset:
            self._take(content, min(CHUNK, offset - self._at))

    def _send_piece(self, content: IO[bytes]) -> Progress:
        start = self._at
        piece = self._take(content, min(PIECE, self._size - start))
        last = {"sha256": self._hash.hexdigest()} if self._at == self._size else {}
        return self._line.piece({**self._fields, "start": start, **last}, piece)

    def _take(self, content: IO[bytes], length: int) -> bytes:
        """Read and hash exactly ``length`` bytes. Raises: BadInput."""
        piece = content.read(length)
        if len(piece) < length:
            raise BadInput(f"{str(self._file)!r} became shorter while it was sent")
        self._hash.update(piece)
        self._at += length
        return piece
