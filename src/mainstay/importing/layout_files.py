"""The files of an ``mlruns`` folder: meta.yaml, keys as paths, lines of points."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from mainstay.entities.metrics import Metric
from mainstay.importing.source import fitting
from mainstay.stores.sql.chunks import Point, order
from mainstay.stores.sql.rules import stored

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def meta(folder: Path) -> dict[str, Any] | None:
    """Return what ``meta.yaml`` says; None where there is none that can be read."""
    try:
        with (folder / "meta.yaml").open(encoding="utf-8") as file:
            found = yaml.load(file, Loader=Loader)
    except (OSError, ValueError, yaml.YAMLError):
        return None
    return found if isinstance(found, dict) else None


def folders(folder: Path) -> list[Path]:
    """Return the folders in a folder, by name."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted(Path(entry.path) for entry in entries if entry.is_dir())


def values(folder: Path) -> dict[str, str]:
    """Return tags or parameters: a file each, whose path is the key."""
    return {key: _text(path) for key, path in keys(folder)}


def keys(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files below a folder with their keys, sorted."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            found.append((fitting(path.relative_to(folder).as_posix()), path))
    yield from sorted(found)


def points(path: Path) -> list[Point]:
    """Return the points of a series, sorted, each once: MLflow appends some lines twice."""
    seen: dict[tuple[int, int, float | None], Point] = {}
    for words in _lines(path):
        # "time value", "time value step", "time value step data-set digest"
        point = (int(words[0]), int(words[2]) if len(words) > 2 else 0, float(words[1]))
        seen.setdefault((point[0], point[1], stored(point[2])), point)
    return sorted(seen.values(), key=order)


def model_points(path: Path, key: str, model_id: str) -> list[Metric]:
    """Return the points of a logged model: "time value step run [data-set digest]"."""
    found: dict[str, Metric] = {}
    for words in _lines(path):
        data = words[4:]
        metric = Metric(
            key,
            float(words[1]),
            int(words[0]),
            int(words[2]),
            model_id,
            " ".join(data[:-1]) if len(data) > 1 else None,
            data[-1] if len(data) > 1 else None,
            words[3],
        )
        found.setdefault(" ".join(words), metric)
    return sorted(found.values(), key=lambda one: (one.timestamp, one.step, one.run_id or ""))


def _lines(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if len(words) >= 2:
                yield words


def _text(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return fitting(file.read())
