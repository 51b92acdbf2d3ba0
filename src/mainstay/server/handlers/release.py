"""Evidence, gates, verdicts, approvals, alias moves and the audit trail.

Who asks is written by the server, whatever a request says of it.
"""

from __future__ import annotations

from msgspec.structs import replace

from mainstay.entities.digests import text_digest
from mainstay.promotion import policy
from mainstay.promotion.approvals import identity
from mainstay.promotion.rollback import rollback as roll_back
from mainstay.server.context import Context
from mainstay.wire.release import (
    AliasChangeAnswer,
    AppendAudit,
    ApprovalAnswer,
    ApprovalList,
    AuditAnswer,
    AuditList,
    DecideApproval,
    EvidenceList,
    GetPolicy,
    ListApprovals,
    ListAudit,
    ListEvidence,
    ListPolicies,
    ListVerdicts,
    MoveAlias,
    PolicyAnswer,
    PolicyList,
    RecordEvidence,
    RecordVerdict,
    RequestApproval,
    Rollback,
    SetPolicy,
    VerdictAnswer,
    VerdictList,
)

MOST_ENTRIES = 10_000


def record_evidence(context: Context, request: RecordEvidence) -> EvidenceList:
    """Keep measurements."""
    who = str(context.principal)
    evidence = [replace(item, principal=who) for item in request.records()]
    return EvidenceList(evidence=context.release.record_evidence(evidence))


def list_evidence(context: Context, request: ListEvidence) -> EvidenceList:
    """Return a version's measurements."""
    return EvidenceList(evidence=context.release.list_evidence(request.name, request.version))


def set_policy(context: Context, request: SetPolicy) -> PolicyAnswer:
    """Put a gate before an alias; a text that is no policy is refused."""
    if request.text.strip():
        policy.parse(request.text)
    kept = context.release.set_policy(
        request.name,
        request.alias,
        request.text,
        digest=text_digest(request.text),
        by=context.principal,
    )
    return PolicyAnswer(policy=kept)


def list_policies(context: Context, request: ListPolicies) -> PolicyList:
    """Return every gate."""
    return PolicyList(policies=context.release.list_policies())


def get_policy(context: Context, request: GetPolicy) -> PolicyAnswer:
    """Return the gate of an alias."""
    return PolicyAnswer(policy=context.release.get_policy(request.name, request.alias))


def record_verdict(context: Context, request: RecordVerdict) -> VerdictAnswer:
    """Keep a decision that moved nothing."""
    return VerdictAnswer(verdict=context.release.record_verdict(request.record()))


def list_verdicts(context: Context, request: ListVerdicts) -> VerdictList:
    """Return decisions."""
    found = context.release.list_verdicts(
        request.name, version=request.version, alias=request.alias or None
    )
    return VerdictList(verdicts=found)


def request_approval(context: Context, request: RequestApproval) -> ApprovalAnswer:
    """Ask a person to approve a move."""
    asked = replace(request.approval, requested_by=identity(context.principal), state="pending")
    return ApprovalAnswer(approval=context.release.request_approval(asked))


def list_approvals(context: Context, request: ListApprovals) -> ApprovalList:
    """Return requests."""
    found = context.release.list_approvals(name=request.name or None, state=request.state)
    return ApprovalList(approvals=found)


def decide_approval(context: Context, request: DecideApproval) -> ApprovalAnswer:
    """Approve or reject a request."""
    done = context.release.decide_approval(
        request.approval_id, request.state, reason=request.reason, by=context.principal
    )
    return ApprovalAnswer(approval=done)


def move_alias(context: Context, request: MoveAlias) -> AliasChangeAnswer:
    """Move an alias if everything is as the move expects; the gate decides anew."""
    move = replace(request.record(), principal=context.principal)
    return AliasChangeAnswer(change=context.release.move_alias(move))


def rollback(context: Context, request: Rollback) -> AliasChangeAnswer:
    """Put an alias back to its previous holder."""
    change = roll_back(
        context.registry,
        context.release,
        request.name,
        request.alias,
        by=context.principal,
        reason=request.reason,
        expected=request.expected_version,
    )
    return AliasChangeAnswer(change=change)


def list_audit(context: Context, request: ListAudit) -> AuditList:
    """Return links of the audit chain."""
    found = context.release.list_audit(
        after=request.after, limit=min(request.limit, MOST_ENTRIES), subject=request.subject or None
    )
    return AuditList(entries=found)


def append_audit(context: Context, request: AppendAudit) -> AuditAnswer:
    """Add a link to the audit chain."""
    made = context.release.append_audit(
        request.action, request.subject, request.data, by=context.principal
    )
    return AuditAnswer(entry=made)
