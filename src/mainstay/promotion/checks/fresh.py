"""The check ``fresh``: evidence is of exactly these files, and not too old."""

from __future__ import annotations

from typing import ClassVar

from mainstay.entities.release import CheckResult
from mainstay.promotion.checks.base import Parameters, Subject
from mainstay.promotion.checks.numbers import seconds


class Fresh(Parameters, frozen=True, kw_only=True):
    """Every listed kind of evidence exists for the version's digest, within ``maximum_age``."""

    kind: ClassVar[str] = "fresh"
    evidence: tuple[str, ...] = ("quality",)
    maximum_age: str | None = None
    dataset: str | None = None

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError("evidence must list at least one kind, such as quality")
        if self.maximum_age is not None:
            seconds(self.maximum_age)

    def run(self, evidence: Subject, baseline: Subject | None) -> CheckResult:
        """Look at the newest evidence of each kind."""
        if evidence.digest is None:
            message = f"{evidence} is pending: its files are not hashed yet"
            return self.result("inconclusive", message)
        for kind in self.evidence:
            found = evidence.find(kind, dataset=self.dataset)
            if found is None:
                return self.result("inconclusive", evidence.lacks(kind, dataset=self.dataset))
            age = (evidence.now - found.at) / 1000
            if self.maximum_age is not None and age > seconds(self.maximum_age):
                message = f"the {kind} evidence of {evidence} is older than {self.maximum_age}"
                return self.result(
                    "inconclusive", message, observed=age, required=f"<= {self.maximum_age}"
                )
        return self.result("pass", f"measured on these files: {', '.join(self.evidence)}")
