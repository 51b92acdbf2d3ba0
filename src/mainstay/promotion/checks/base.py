"""What a check sees and says: the subject, the protocol, and how results are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import msgspec

from mainstay.entities.release import Approval, CheckResult, Evidence, Outcome


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A version as a check sees it: its digest, its evidence, and what it is asked for.

    ``digest`` None: the files are not hashed yet. ``now`` is in ms since 1970, as are all times.
    """

    name: str
    version: int
    digest: str | None
    evidence: tuple[Evidence, ...] = ()
    alias: str = ""
    approvals: tuple[Approval, ...] = ()
    policy_digest: str = ""
    evidence_digest: str = ""
    registered_by: str = ""
    now: int = 0

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def find(self, kind: str, *, dataset: str | None = None) -> Evidence | None:
        """Return the newest evidence of this kind that was measured on exactly these files."""
        found = [
            item
            for item in self.evidence
            if item.kind == kind
            and item.version_digest == self.digest
            and (dataset is None or item.dataset_digest == dataset)
        ]
        # ``max`` keeps the first of equals, and evidence comes oldest first.
        return max(reversed(found), key=lambda item: item.at, default=None)

    def lacks(self, kind: str, *, dataset: str | None = None) -> str:
        """Say why ``find`` found nothing, and what to do."""
        others = [item for item in self.evidence if item.kind == kind]
        again = f"measure it: mainstay evaluate -m models:/{self.name}/{self.version}"
        if not others:
            return f"no {kind} evidence of {self}; {again}"
        if all(item.version_digest != self.digest for item in others):
            return f"the {kind} evidence of {self} was measured on other files; {again}"
        return f"no {kind} evidence of {self} on the data set {dataset}; {again}"


class Check(Protocol):
    """One demand of a policy. ``run`` is pure: the same subjects give the same result."""

    kind: ClassVar[str]

    @property
    def label(self) -> str:
        """What verdicts and waivers call this check."""
        ...

    def run(self, evidence: Subject, baseline: Subject | None) -> CheckResult:
        """Judge the candidate; ``baseline`` is the champion, None if there never was one."""
        ...


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of a check's parameters as they stand in a policy."""

    kind: ClassVar[str] = ""
    name: str = ""

    @property
    def label(self) -> str:
        """The name given in the policy, else one made from the parameters."""
        return self.name or self.default_label()

    def default_label(self) -> str:
        """Name the check when the policy does not."""
        return self.kind

    def result(
        self, outcome: Outcome, message: str, *, observed: Any = None, required: Any = None
    ) -> CheckResult:
        """Make this check's result."""
        return CheckResult(
            check=self.label,
            kind=self.kind,
            outcome=outcome,
            observed=observed,
            required=required,
            message=message,
        )


def worst(results: Sequence[CheckResult]) -> CheckResult:
    """Return the first failure, else the first inconclusive result, else the first of all."""
    order: dict[Outcome, int] = {"fail": 0, "inconclusive": 1}
    return min(results, key=lambda result: order.get(result.outcome, 2))
