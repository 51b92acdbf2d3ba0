"""Messages about evidence, policies, verdicts, approvals, alias moves and the audit trail."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from mainstay.entities.registry import AliasChange
from mainstay.entities.release import (
    AliasMove,
    Approval,
    ApprovalState,
    AuditEntry,
    Evidence,
    Policy,
    Verdict,
)
from mainstay.wire.base import Answer, Int64, Own, Text, revive


def revive_evidence(evidence: Evidence) -> Evidence:
    """Return it with NaN and ±Inf among its values as floats again."""
    return replace(evidence, values=revive(evidence.values))


def revive_verdict(verdict: Verdict) -> Verdict:
    """Return it with NaN and ±Inf in what was observed and required as floats again."""
    checks = [
        replace(check, observed=revive(check.observed), required=revive(check.required))
        for check in verdict.checks
    ]
    return replace(verdict, checks=checks)


class RecordEvidence(Own, frozen=True, kw_only=True):
    """Keep measurements."""

    evidence: list[Evidence]

    def records(self) -> list[Evidence]:
        """Return the records."""
        return [revive_evidence(item) for item in self.evidence]


class ListEvidence(Own, frozen=True, kw_only=True):
    """Ask for a version's measurements."""

    name: Text
    version: Int64


class EvidenceList(Answer, frozen=True, kw_only=True):
    """Measurements, oldest first."""

    evidence: list[Evidence]

    def records(self) -> list[Evidence]:
        """Return the records."""
        return [revive_evidence(item) for item in self.evidence]


class SetPolicy(Own, frozen=True, kw_only=True):
    """Put a gate before an alias; an empty text removes it.

    The digest is that of the policy the text says; the server computes it where it is left out.
    """

    name: Text
    alias: Text
    text: str
    digest: str = ""


class GetPolicy(Own, frozen=True, kw_only=True):
    """Ask for the gate of an alias."""

    name: Text
    alias: Text


class PolicyAnswer(Answer, frozen=True, kw_only=True):
    """A gate, or null where there is none."""

    policy: Policy | None


class ListPolicies(Own, frozen=True, kw_only=True):
    """Ask for every gate."""


class PolicyList(Answer, frozen=True, kw_only=True):
    """Every gate, by model and alias."""

    policies: list[Policy]


class RecordVerdict(Own, frozen=True, kw_only=True):
    """Keep a decision that moved nothing."""

    verdict: Verdict

    def record(self) -> Verdict:
        """Return the record."""
        return revive_verdict(self.verdict)


class VerdictAnswer(Answer, frozen=True, kw_only=True):
    """One decision."""

    verdict: Verdict

    def record(self) -> Verdict:
        """Return the record."""
        return revive_verdict(self.verdict)


class ListVerdicts(Own, frozen=True, kw_only=True):
    """Ask for decisions."""

    name: Text
    version: Int64 | None = None
    alias: str | None = None


class VerdictList(Answer, frozen=True, kw_only=True):
    """Decisions, newest first."""

    verdicts: list[Verdict]

    def records(self) -> list[Verdict]:
        """Return the records."""
        return [revive_verdict(item) for item in self.verdicts]


class RequestApproval(Own, frozen=True, kw_only=True):
    """Ask a person to approve a move."""

    approval: Approval


class ApprovalAnswer(Answer, frozen=True, kw_only=True):
    """One request."""

    approval: Approval


class DecideApproval(Own, frozen=True, kw_only=True):
    """Approve or reject a request."""

    approval_id: Text
    state: ApprovalState
    reason: str = ""


class ListApprovals(Own, frozen=True, kw_only=True):
    """Ask for requests."""

    name: str | None = None
    state: ApprovalState | None = None


class ApprovalList(Answer, frozen=True, kw_only=True):
    """Requests, newest first."""

    approvals: list[Approval]


class MoveAlias(Own, frozen=True, kw_only=True):
    """Move an alias if everything is as the move expects. Who asks is the request's principal."""

    move: AliasMove

    def record(self) -> AliasMove:
        """Return the record."""
        if self.move.verdict is None:
            return self.move
        return replace(self.move, verdict=revive_verdict(self.move.verdict))


class Rollback(Own, frozen=True, kw_only=True):
    """Put an alias back to its previous holder."""

    name: Text
    alias: Text
    reason: str = ""
    expected_version: Int64 | None = None


class AliasChangeAnswer(Answer, frozen=True, kw_only=True):
    """What a move wrote."""

    change: AliasChange


class AppendAudit(Own, frozen=True, kw_only=True):
    """Add a link to the audit chain."""

    action: Text
    subject: str
    data: dict[str, Any] = {}


class AuditAnswer(Answer, frozen=True, kw_only=True):
    """One link."""

    entry: AuditEntry


class ListAudit(Own, frozen=True, kw_only=True):
    """Ask for links above ``after``."""

    after: Int64 = 0
    limit: Int64 = 1000
    subject: str | None = None


class AuditList(Answer, frozen=True, kw_only=True):
    """Links, in order of sequence."""

    entries: list[AuditEntry]
