"""How many bytes a model's files take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mainstay.evaluation.subject import Subject, beside
from mainstay.packaging import manifest


class Size:
    """The measure ``size``: ``bytes`` and ``files``, without what registries add."""

    kind = "size"

    def measure(self, subject: Subject) -> dict[str, Any]:
        """Add up the sizes of the files."""
        return beside(subject, _values)


MEASURE = Size()


def _values(subject: Subject) -> dict[str, Any]:
    folder = Path(subject.model.path)
    sizes = [
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).as_posix() not in manifest.LEFT_OUT
    ]
    return {"bytes": sum(sizes), "files": len(sizes)}
