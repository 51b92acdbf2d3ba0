"""The check ``latency``: how long one prediction may take."""

from __future__ import annotations

from typing import ClassVar

from mainstay.entities.release import CheckResult
from mainstay.promotion.checks.base import Parameters, Subject, worst
from mainstay.promotion.checks.bounds import within_budget, within_champion
from mainstay.promotion.checks.numbers import finite


class Latency(Parameters, frozen=True, kw_only=True):
    """``p50`` and ``p99`` in seconds; ``times_champion`` bounds p99 by the champion's."""

    kind: ClassVar[str] = "latency"
    p50: float | None = None
    p99: float | None = None
    times_champion: float | None = None
    evidence: str = "latency"

    def __post_init__(self) -> None:
        if self.p50 is None and self.p99 is None and self.times_champion is None:
            raise ValueError("give p50 or p99 in seconds, or times_champion")
        finite(p50=self.p50, p99=self.p99, times_champion=self.times_champion)

    def run(self, evidence: Subject, baseline: Subject | None) -> CheckResult:
        """Judge every bound that is given; the first that refuses is the answer."""
        results = [
            within_budget(self, evidence, self.evidence, field, bound, "s")
            for field, bound in (("p50", self.p50), ("p99", self.p99))
            if bound is not None
        ]
        if self.times_champion is not None:
            results.append(
                within_champion(
                    self, evidence, baseline, self.evidence, "p99", self.times_champion, "s"
                )
            )
        return worst(results)
