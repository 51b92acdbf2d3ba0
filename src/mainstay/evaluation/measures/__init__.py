"""What can be measured of a version: one file a family, found through one table.

A measure has a ``kind`` and ``measure(subject)``, which returns the values of the evidence. Third
parties add kinds through the entry-point group ``mainstay.measures``.
"""

from __future__ import annotations

from typing import Any, Protocol

from mainstay.evaluation.subject import Subject
from mainstay.plugins import PluginTable


class Measure(Protocol):
    """Measures one thing of a version. What it returns is plain numbers and texts."""

    @property
    def kind(self) -> str:
        """The kind of the evidence, as checks ask for it."""
        ...

    def measure(self, subject: Subject) -> dict[str, Any]:
        """Return the values; under ``baseline`` those of the champion, where there is one.

        Raises: BadInput, SchemaMismatch: the data do not fit the model.
        """
        ...


MEASURES: PluginTable[Measure] = PluginTable(
    "mainstay.measures",
    {
        "quality": "mainstay.evaluation.measures.quality:MEASURE",
        "latency": "mainstay.evaluation.measures.latency:MEASURE",
        "size": "mainstay.evaluation.measures.size:MEASURE",
        "schema": "mainstay.evaluation.measures.schema:MEASURE",
    },
)
