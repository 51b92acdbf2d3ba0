"""The check ``size``: how many bytes a model's files may take."""

from __future__ import annotations

from typing import ClassVar

from mainstay import settings
from mainstay.entities.release import CheckResult
from mainstay.promotion.checks.base import Parameters, Subject, worst
from mainstay.promotion.checks.bounds import within_budget, within_champion
from mainstay.promotion.checks.numbers import finite


class Size(Parameters, frozen=True, kw_only=True):
    """``maximum`` is bytes or a text like ``50M``; ``times_champion`` is relative."""

    kind: ClassVar[str] = "size"
    maximum: int | str | None = None
    times_champion: float | None = None
    evidence: str = "size"

    def __post_init__(self) -> None:
        if self.maximum is None and self.times_champion is None:
            raise ValueError("give a maximum, as bytes or like 50M, or times_champion")
        finite(times_champion=self.times_champion)
        if self.maximum is not None:
            self._bytes(self.maximum)

    def run(self, evidence: Subject, baseline: Subject | None) -> CheckResult:
        """Judge every bound that is given; the first that refuses is the answer."""
        results = []
        if self.maximum is not None:
            most = float(self._bytes(self.maximum))
            results.append(within_budget(self, evidence, self.evidence, "bytes", most, "bytes"))
        if self.times_champion is not None:
            results.append(
                within_champion(
                    self, evidence, baseline, self.evidence, "bytes", self.times_champion, "bytes"
                )
            )
        return worst(results)

    @staticmethod
    def _bytes(maximum: int | str) -> int:
        try:
            most = settings.size(str(maximum))
        except (ValueError, OverflowError) as error:
            raise ValueError(f"maximum: {maximum!r} is no size; write bytes, or 50M") from error
        if most <= 0:
            raise ValueError("maximum must be above zero")
        return most
