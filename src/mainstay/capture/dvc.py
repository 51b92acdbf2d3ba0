"""The hash under which DVC tracks a file or folder, read from ``.dvc`` files and ``dvc.lock``.

Formats: https://dvc.org/doc/user-guide/project-structure/dvc-files, and ``dvc.lock`` beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHECKED = 64 << 20
"""Bytes up to which a file is read to see that it is what DVC says; of a larger one, its size."""


def tracked(path: Path) -> str | None:
    """Return DVC's hash of ``path``, or of the tracked folder that it is in.

    None where DVC does not track it, or where it differs from what DVC wrote down: then what was
    read is not that version.
    """
    path = path.resolve()
    for here in (path, *path.parents):
        entry = next(_entries(here), None)
        if entry is not None:
            found = entry.get("md5") or entry.get("etag") or entry.get("checksum")
            return str(found) if found and (here != path or _is_same(path, entry)) else None
        if (here / ".dvc").is_dir() or (here / ".git").exists():
            return None
    return None


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what is written down about this very path: by ``dvc add``, else by a stage."""
    for out in _read(path.parent / f"{path.name}.dvc").get("outs") or ():
        if out.get("path") == path.name:
            yield out
    for folder in path.parents:
        stages = _read(folder / "dvc.lock").get("stages") or {}
        for stage in stages.values():
            for entry in [*(stage.get("outs") or ()), *(stage.get("deps") or ())]:
                if (folder / str(entry.get("path"))).resolve() == path:
                    yield entry
        if (folder / ".dvc").is_dir() or (folder / ".git").exists():
            return


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    import yaml

    try:
        with file.open("rb") as text:
            found = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_same(path: Path, entry: dict[str, Any]) -> bool:
    if not path.is_file():
        return True  # a folder's files would all have to be read
    size = path.stat().st_size
    if entry.get("size", size) != size:
        return False
    if entry.get("hash") != "md5" or size > CHECKED:  # older DVC hashed text with other line ends
        return True
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest() == entry.get("md5")
