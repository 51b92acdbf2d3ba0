"""What an evaluation found."""

from __future__ import annotations

from typing import Any

import msgspec

from mainstay.entities.release import Evidence
from mainstay.errors import BadInput


class EvaluationResult(msgspec.Struct, frozen=True, kw_only=True):
    """The evidence of one version, a piece a measure.

    ``recorded``: whether it is kept in the registry; only that of registered versions is. ``named``
    are the metrics under MLflow's names, and those of ``extra_metrics``; ``artifacts`` what was
    logged beside them by name; ``run_id`` the run that they were logged to.
    """

    evidence: list[Evidence]
    recorded: bool
    baseline_version: int | None = None
    named: dict[str, float] = {}
    artifacts: dict[str, Any] = {}
    tables: dict[str, Any] = {}
    run_id: str | None = None

    @property
    def metrics(self) -> dict[str, Any]:
        """The values of quality, without the champion's, and the metrics under MLflow's names."""
        found = next((item.values for item in self.evidence if item.kind == "quality"), {})
        quality = {key: value for key, value in found.items() if key != "baseline"}
        return {**quality, **self.named}

    def values(self, kind: str) -> dict[str, Any]:
        """Return the values of a measure. Raises: BadInput if it was not measured."""
        for item in self.evidence:
            if item.kind == kind:
                return item.values
        known = ", ".join(item.kind for item in self.evidence)
        raise BadInput(f"{kind!r} was not measured; there is {known}")
