"""Many files in one body: the framing of ``PUT /api/mainstay/1.0/artifacts/batch/<folder>``.

The body is a row of frames and an end mark. A frame is 4 bytes (big-endian) that give the length
of a head, the head as JSON ``{"path", "size", "sha256"}``, and ``size`` bytes of content;
``path`` is relative to the folder of the URL and ``sha256`` may be empty. The end mark is a
length of 0, so a body that was cut off is known as such. Each file is stored before the next is
read; sending a batch again has no other effect than the first time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec

from mainstay.artifact_store.base import CHUNK
from mainstay.errors import BadInput

MEDIA_TYPE = "application/vnd.mainstay.files"
LONGEST_HEAD = 16 << 10
_LENGTH = struct.Struct(">I")
END = _LENGTH.pack(0)


class Head(msgspec.Struct, frozen=True):
    """What stands before a file's bytes."""

    path: str
    size: Annotated[int, msgspec.Meta(ge=0)]
    sha256: str = ""


def frame(head: Head) -> bytes:
    """Return the bytes that announce a file."""
    body = msgspec.json.encode(head)
    return _LENGTH.pack(len(body)) + body


class Reader:
    """Takes a body apart. After each ``head`` all of ``content`` must be read.

    Raises, from any method: BadInput if the body ends early or is no batch.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = b""

    def heads(self) -> Iterator[Head]:
        """Yield each file's head up to the end mark."""
        while length := _LENGTH.unpack(self._exactly(_LENGTH.size))[0]:
            if length > LONGEST_HEAD:
                raise BadInput("this body is not a batch of files: a head in it is too long")
            try:
                yield msgspec.json.decode(self._exactly(length), type=Head)
            except msgspec.DecodeError as error:
                raise BadInput(f"a file's head in this batch cannot be read: {error}") from error

    def content(self, size: int) -> Iterator[bytes]:
        """Yield the ``size`` bytes behind the last head."""
        while size > 0:
            piece = self._some(min(size, CHUNK))
            size -= len(piece)
            yield piece

    def _exactly(self, length: int) -> bytes:
        return b"".join(self.content(length))

    def _some(self, most: int) -> bytes:
        while not self._left:
            try:
                self._left = next(self._chunks)
            except StopIteration:
                raise BadInput("the batch of files was cut off; send it again") from None
        piece, self._left = self._left[:most], self._left[most:]
        return piece
