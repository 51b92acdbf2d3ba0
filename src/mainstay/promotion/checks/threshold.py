"""The check ``threshold``: a measured value within fixed bounds."""

from __future__ import annotations

import math
from typing import ClassVar

from mainstay.entities.release import CheckResult
from mainstay.promotion.checks.base import Parameters, Subject
from mainstay.promotion.checks.numbers import at_least, finite, number


class Threshold(Parameters, frozen=True, kw_only=True):
    """``metric`` of the evidence is >= ``minimum`` and <= ``maximum``; NaN and ±Inf fail."""

    kind: ClassVar[str] = "threshold"
    metric: str
    minimum: float | None = None
    maximum: float | None = None
    evidence: str = "quality"
    dataset: str | None = None

    def __post_init__(self) -> None:
        if self.minimum is None and self.maximum is None:
            raise ValueError("give a minimum, a maximum, or both")
        finite(minimum=self.minimum, maximum=self.maximum)

    def default_label(self) -> str:
        """Name the check by its metric."""
        return f"{self.metric} threshold"

    def run(self, evidence: Subject, baseline: Subject | None) -> CheckResult:
        """Compare the newest value with the bounds."""
        required = self._required()
        found = evidence.find(self.evidence, dataset=self.dataset)
        if found is None:
            why = evidence.lacks(self.evidence, dataset=self.dataset)
            return self.result("inconclusive", why, required=required)
        if self.metric not in found.values:
            known = ", ".join(sorted(found.values))
            message = f"{self.metric} was not measured; the {self.evidence} evidence has {known}"
            return self.result("inconclusive", message, required=required)
        value = number(found.values[self.metric])
        if value is None or not math.isfinite(value):
            shown = found.values[self.metric]
            message = f"{self.metric} is {shown}, which is not a finite number"
            return self.result("fail", message, observed=shown, required=required)
        low = self.minimum is None or at_least(value, self.minimum)
        high = self.maximum is None or at_least(self.maximum, value)
        message = f"{self.metric} {value:.6g}, required {required}"
        return self.result(
            "pass" if low and high else "fail", message, observed=value, required=required
        )

    def _required(self) -> str:
        bounds = []
        if self.minimum is not None:
            bounds.append(f">= {self.minimum:.12g}")
        if self.maximum is not None:
            bounds.append(f"<= {self.maximum:.12g}")
        return " and ".join(bounds)
