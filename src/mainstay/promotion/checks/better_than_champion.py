"""The check ``better_than_champion``: not worse than the holder of the alias, by a margin."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from mainstay.entities.release import CheckResult
from mainstay.promotion.checks.base import Parameters, Subject
from mainstay.promotion.checks.numbers import at_least, finite, number
from mainstay.promotion.checks.relative import NO_CHAMPION, pair


class BetterThanChampion(Parameters, frozen=True, kw_only=True):
    """``(candidate - champion) * sign >= max(margin, relative_margin * |champion|)``.

    Of the two margins only those given count; none means "not worse". A negative margin is how
    much worse is still taken. Both versions were measured on the same data set. Without a
    champion the check passes.
    """

    kind: ClassVar[str] = "better_than_champion"
    metric: str
    direction: Literal["higher", "lower"] = "higher"
    margin: float | None = None
    relative_margin: float | None = None
    evidence: str = "quality"

    def __post_init__(self) -> None:
        finite(margin=self.margin, relative_margin=self.relative_margin)

    def default_label(self) -> str:
        """Name the check by its metric."""
        return f"{self.metric} beside the champion"

    def run(self, evidence: Subject, baseline: Subject | None) -> CheckResult:
        """Compare both values on the same data."""
        if baseline is None:
            return self.result("pass", NO_CHAMPION)
        both = pair(evidence, baseline, self.evidence)
        if both.problem:
            return self.result("inconclusive", both.problem)
        if self.metric not in both.candidate:
            return self.result("inconclusive", f"{self.metric} of {evidence} was not measured")
        value = number(both.candidate[self.metric])
        if value is None or not math.isfinite(value):
            shown = both.candidate[self.metric]
            message = f"{self.metric} is {shown}, which is not a finite number"
            return self.result("fail", message, observed=shown)
        champion = number(both.champion.get(self.metric))
        if champion is None or not math.isfinite(champion):
            message = f"the champion {baseline} has no finite {self.metric}; measure it again"
            return self.result("inconclusive", message, observed=value)
        return self._compare(value, champion, baseline)

    def _compare(self, value: float, champion: float, baseline: Subject) -> CheckResult:
        margin = self._margin(champion)
        if self.direction == "higher":
            bound, sign, passed = champion + margin, ">=", at_least(value, champion + margin)
        else:
            bound, sign, passed = champion - margin, "<=", at_least(champion - margin, value)
        message = (
            f"{self.metric} {value:.6g}, required {sign} {bound:.6g} "
            f"(champion v{baseline.version} has {champion:.6g})"
        )
        return self.result(
            "pass" if passed else "fail",
            message,
            observed=value,
            required=f"{sign} {bound:.12g}",
        )

    def _margin(self, champion: float) -> float:
        given = []
        if self.margin is not None:
            given.append(self.margin)
        if self.relative_margin is not None:
            given.append(self.relative_margin * abs(champion))
        return max(given, default=0.0)
