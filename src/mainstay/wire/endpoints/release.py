"""Endpoints of evidence, gates, verdicts, approvals, alias moves and the audit trail."""

from mainstay.wire import release as messages
from mainstay.wire.endpoint import Action, Kind, own

RECORD_EVIDENCE = own(
    "release.record_evidence",
    "POST",
    "release/evidence",
    messages.RecordEvidence,
    messages.EvidenceList,
    (Action.WRITE, Kind.EVIDENCE),
)
LIST_EVIDENCE = own(
    "release.list_evidence",
    "GET",
    "release/evidence",
    messages.ListEvidence,
    messages.EvidenceList,
    (Action.READ, Kind.EVIDENCE),
)
SET_POLICY = own(
    "release.set_policy",
    "PUT",
    "release/policies",
    messages.SetPolicy,
    messages.PolicyAnswer,
    (Action.MANAGE, Kind.POLICY),
)
LIST_POLICIES = own(
    "release.list_policies",
    "GET",
    "release/policies",
    messages.ListPolicies,
    messages.PolicyList,
    (Action.READ, Kind.POLICY),
)
GET_POLICY = own(
    "release.get_policy",
    "GET",
    "release/policy",
    messages.GetPolicy,
    messages.PolicyAnswer,
    (Action.READ, Kind.POLICY),
)
RECORD_VERDICT = own(
    "release.record_verdict",
    "POST",
    "release/verdicts",
    messages.RecordVerdict,
    messages.VerdictAnswer,
    (Action.WRITE, Kind.VERDICT),
    once=True,
)
LIST_VERDICTS = own(
    "release.list_verdicts",
    "GET",
    "release/verdicts",
    messages.ListVerdicts,
    messages.VerdictList,
    (Action.READ, Kind.VERDICT),
)
REQUEST_APPROVAL = own(
    "release.request_approval",
    "POST",
    "release/approvals",
    messages.RequestApproval,
    messages.ApprovalAnswer,
    (Action.WRITE, Kind.APPROVAL),
    once=True,
)
LIST_APPROVALS = own(
    "release.list_approvals",
    "GET",
    "release/approvals",
    messages.ListApprovals,
    messages.ApprovalList,
    (Action.READ, Kind.APPROVAL),
)
DECIDE_APPROVAL = own(
    "release.decide_approval",
    "POST",
    "release/approvals/decide",
    messages.DecideApproval,
    messages.ApprovalAnswer,
    (Action.MANAGE, Kind.APPROVAL),
    once=True,
)
MOVE_ALIAS = own(
    "release.move_alias",
    "POST",
    "registry/alias-moves",
    messages.MoveAlias,
    messages.AliasChangeAnswer,
    (Action.MANAGE, Kind.ALIAS),
    once=True,
)
ROLLBACK = own(
    "release.rollback",
    "POST",
    "release/rollback",
    messages.Rollback,
    messages.AliasChangeAnswer,
    (Action.MANAGE, Kind.ALIAS),
    once=True,
)
LIST_AUDIT = own(
    "release.list_audit",
    "GET",
    "audit",
    messages.ListAudit,
    messages.AuditList,
    (Action.READ, Kind.AUDIT),
)
APPEND_AUDIT = own(
    "release.append_audit",
    "POST",
    "audit",
    messages.AppendAudit,
    messages.AuditAnswer,
    (Action.WRITE, Kind.AUDIT),
    once=True,
)
