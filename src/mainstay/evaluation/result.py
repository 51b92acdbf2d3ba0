"""What an evaluation found."""

from __future__ import annotations

from typing import Any

import msgspec

from mainstay.entities.release import Evidence
from mainstay.errors import BadInput


class EvaluationResult(msgspec.Struct, frozen=True, kw_only=True):
    """The evidence of one version, a piece a measure.

    ``recorded``: whether it is kept in the registry; only that of registered versions is.
    """

    evidence: list[Evidence]
    recorded: bool
    baseline_version: int | None = None

    @property
    def metrics(self) -> dict[str, Any]:
        """The values of quality, without the champion's; empty if it was not measured."""
        found = next((item.values for item in self.evidence if item.kind == "quality"), {})
        return {key: value for key, value in found.items() if key != "baseline"}

    def values(self, kind: str) -> dict[str, Any]:
        """Return the values of a measure. Raises: BadInput if it was not measured."""
        for item in self.evidence:
            if item.kind == kind:
                return item.values
        known = ", ".join(item.kind for item in self.evidence)
        raise BadInput(f"{kind!r} was not measured; there is {known}")
