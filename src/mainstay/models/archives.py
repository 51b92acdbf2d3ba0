"""Zip files that models are kept in, opened with bounds: a small file stays small.

A file of a few kilobytes may claim to hold terabytes, and two members of one name may be read
differently by two readers. Both are refused before anything is unpacked.
"""

from __future__ import annotations

import zipfile
from functools import lru_cache
from pathlib import Path, PurePosixPath

from mainstay.errors import InvalidModel

MAX_RATIO = 200
"""How many times its size on disk an archive may unpack to, above `FLOOR`."""

FLOOR = 256 << 20
"""Bytes that any archive may unpack to: arrays of zeros shrink a thousandfold, and are harmless."""

MAX_MEMBERS = 200_000


def check(path: Path) -> list[zipfile.ZipInfo]:
    """Return the members of the zip file at ``path``.

    Raises:
        InvalidModel: it is none, unpacks to far more than it holds, has too many members, two of
            one name, or one that would lie outside.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise InvalidModel(f"{path.name} cannot be read: {error}") from error
    return list(_checked(path, found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=16)
def _checked(path: Path, _changed: int, size: int) -> tuple[zipfile.ZipInfo, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InvalidModel(f"{path.name} is no zip file: {error}") from error
    total = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or total > max(FLOOR, MAX_RATIO * size):
        raise InvalidModel(
            f"{path.name} would unpack to {total >> 20} MiB in {len(members)} members, out of "
            f"all proportion to its {size >> 10} KiB; it was not opened"
        )
    names = [member.filename for member in members]
    if len(set(names)) != len(names):
        raise InvalidModel(f"{path.name} holds two members of one name")
    for name in names:
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or "\\" in name:
            raise InvalidModel(f"{path.name} holds {name!r}, which is outside of it")
    return tuple(members)


def read(path: Path, name: str, limit: int = 64 << 20) -> bytes:
    """Return one member of the archive, at most ``limit`` bytes.

    Raises:
        InvalidModel: as `check`; it is not there, damaged or too large.
    """
    found = {member.filename: member for member in check(path)}.get(name)
    if found is None:
        raise InvalidModel(f"{path.name} holds no {name!r}")
    if found.file_size > limit:
        raise InvalidModel(f"{name!r} in {path.name} is larger than {limit >> 20} MiB")
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(name)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise InvalidModel(f"{name!r} in {path.name} cannot be read: {error}") from error
