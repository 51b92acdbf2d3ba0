"""The check ``approval``: people other than the requester said yes to exactly this."""

from __future__ import annotations

from typing import ClassVar

from mainstay.entities.release import Approval, CheckResult
from mainstay.promotion.checks.base import Parameters, Subject
from mainstay.promotion.checks.numbers import seconds


class ApprovalBy(Parameters, frozen=True, kw_only=True):
    """``approvers`` different people approved within ``maximum_age``.

    An approval is bound to the digests of version, policy and evidence: if one of these changes,
    it no longer counts. Nobody approves an own request or a version registered by themselves.
    """

    kind: ClassVar[str] = "approval"
    approvers: int = 1
    maximum_age: str = "7d"

    def __post_init__(self) -> None:
        if self.approvers < 1:
            raise ValueError("approvers must be at least 1")
        seconds(self.maximum_age)

    def run(self, evidence: Subject, baseline: Subject | None) -> CheckResult:
        """Count who approved what is asked for now."""
        bound = [item for item in evidence.approvals if binds(item, evidence)]
        rejected = [item for item in bound if item.state == "rejected"]
        if rejected:
            last = rejected[-1]
            message = f"{last.decided_by} rejected it: {last.reason or 'no reason given'}"
            return self.result("fail", message)
        counted = sorted({str(item.decided_by) for item in bound if self._counts(item, evidence)})
        required = f"{self.approvers} approved"
        if len(counted) >= self.approvers:
            message = f"approved by {', '.join(counted)}"
            return self.result("pass", message, observed=len(counted), required=required)
        stale = len(evidence.approvals) - len(bound)
        note = (
            f" ({stale} other request(s) are of other files, evidence or policy)" if stale else ""
        )
        message = (
            f"{len(counted)} of {self.approvers} approvals{note}; ask for one: mainstay promote "
            f"{evidence.name} {evidence.version} --alias {evidence.alias} --request-approval"
        )
        return self.result("inconclusive", message, observed=len(counted), required=required)

    def _counts(self, approval: Approval, subject: Subject) -> bool:
        if approval.state != "approved" or approval.decided_at is None:
            return False
        if approval.decided_by in (None, approval.requested_by, subject.registered_by or None):
            return False
        return (subject.now - approval.decided_at) / 1000 <= seconds(self.maximum_age)


def binds(approval: Approval, subject: Subject) -> bool:
    """Say whether a request was made about exactly this version, evidence and policy."""
    return (
        approval.alias == subject.alias
        and approval.version == subject.version
        and approval.version_digest == subject.digest
        and approval.policy_digest == subject.policy_digest
        and approval.evidence_digest == subject.evidence_digest
    )
