"""The lock file of the project that runs, if it has one."""

from __future__ import annotations

from pathlib import Path

NAMES = (
    *("uv.lock", "poetry.lock", "pdm.lock", "pixi.lock", "pylock.toml", "Pipfile.lock"),
    *("conda-lock.yml", "requirements.lock"),
)
LIMIT = 8 << 20
"""Bytes; a larger one is not copied into every run."""

_FLOORS = 6


def lock(start: Path, *, top: Path | None = None) -> Path | None:
    """Return the nearest lock file from ``start`` upwards, as far as the work tree's ``top``.

    Without a work tree only the folder itself is looked at: what lies above is another project.
    """
    start = start.resolve()
    inside = top is not None and start.is_relative_to(top)
    for folder in [start, *list(start.parents)[:_FLOORS]] if inside else [start]:
        for name in NAMES:
            found = folder / name
            if found.is_file() and found.stat().st_size <= LIMIT:
                return found
        if folder == top:
            break
    return None
