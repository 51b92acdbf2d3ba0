"""Files of runs and models."""

from __future__ import annotations

import msgspec


class FileInfo(msgspec.Struct, frozen=True):
    """A file or folder; ``path`` is relative to the root that was asked, with ``/``."""

    path: str
    is_dir: bool
    file_size: int | None = None


class UploadedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came through the server: where it lies, its bytes, and its SHA-256 in hex."""

    location: str
    size: int
    sha256: str
