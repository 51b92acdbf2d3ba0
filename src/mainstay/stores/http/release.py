"""The release store over HTTP; a mainstay server only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.events import Event
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
from mainstay.errors import BadRequest
from mainstay.stores.http.client import HttpClient
from mainstay.wire import events
from mainstay.wire import release as messages
from mainstay.wire.endpoints import release as rows
from mainstay.wire.endpoints import server as server_rows


class HttpRelease:
    """A server's evidence, gates, decisions and audit trail."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client

    def record_evidence(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Send POST release/evidence."""
        request = messages.RecordEvidence(evidence=list(evidence))
        return self.client.call(rows.RECORD_EVIDENCE, request, messages.EvidenceList).records()

    def list_evidence(self, name: str, version: int) -> list[Evidence]:
        """Send GET release/evidence."""
        request = messages.ListEvidence(name=name, version=version)
        return self.client.call(rows.LIST_EVIDENCE, request, messages.EvidenceList).records()

    def set_policy(
        self, name: str, alias: str, text: str, *, digest: str, by: Principal = ANONYMOUS
    ) -> Policy:
        """Send PUT release/policies."""
        request = messages.SetPolicy(name=name, alias=alias, text=text, digest=digest)
        found = self.client.call(rows.SET_POLICY, request, messages.PolicyAnswer, by=by).policy
        if found is None:
            raise BadRequest("the server answered the setting of a policy with none")
        return found

    def get_policy(self, name: str, alias: str) -> Policy | None:
        """Send GET release/policy."""
        request = messages.GetPolicy(name=name, alias=alias)
        return self.client.call(rows.GET_POLICY, request, messages.PolicyAnswer).policy

    def list_policies(self) -> list[Policy]:
        """Send GET release/policies."""
        request = messages.ListPolicies()
        return self.client.call(rows.LIST_POLICIES, request, messages.PolicyList).policies

    def record_verdict(self, verdict: Verdict) -> Verdict:
        """Send POST release/verdicts."""
        request = messages.RecordVerdict(verdict=verdict)
        return self.client.call(rows.RECORD_VERDICT, request, messages.VerdictAnswer).record()

    def list_verdicts(
        self, name: str, *, version: int | None = None, alias: str | None = None
    ) -> list[Verdict]:
        """Send GET release/verdicts."""
        request = messages.ListVerdicts(name=name, version=version, alias=alias)
        return self.client.call(rows.LIST_VERDICTS, request, messages.VerdictList).records()

    def request_approval(self, approval: Approval) -> Approval:
        """Send POST release/approvals."""
        request = messages.RequestApproval(approval=approval)
        return self.client.call(rows.REQUEST_APPROVAL, request, messages.ApprovalAnswer).approval

    def decide_approval(
        self, approval_id: str, state: ApprovalState, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> Approval:
        """Send POST release/approvals/decide."""
        request = messages.DecideApproval(approval_id=approval_id, state=state, reason=reason)
        row = rows.DECIDE_APPROVAL
        return self.client.call(row, request, messages.ApprovalAnswer, by=by).approval

    def list_approvals(
        self, *, name: str | None = None, state: ApprovalState | None = None
    ) -> list[Approval]:
        """Send GET release/approvals."""
        request = messages.ListApprovals(name=name, state=state)
        return self.client.call(rows.LIST_APPROVALS, request, messages.ApprovalList).approvals

    def move_alias(self, move: AliasMove) -> AliasChange:
        """Send POST registry/alias-moves; the server knows who asks."""
        request = messages.MoveAlias(move=move)
        row = rows.MOVE_ALIAS
        return self.client.call(row, request, messages.AliasChangeAnswer, by=move.principal).change

    def append_audit(
        self, action: str, subject: str, data: dict[str, Any], *, by: Principal = ANONYMOUS
    ) -> AuditEntry:
        """Send POST audit."""
        request = messages.AppendAudit(action=action, subject=subject, data=data)
        return self.client.call(rows.APPEND_AUDIT, request, messages.AuditAnswer, by=by).entry

    def list_audit(
        self, *, after: int = 0, limit: int = 1000, subject: str | None = None
    ) -> list[AuditEntry]:
        """Send GET audit."""
        request = messages.ListAudit(after=after, limit=limit, subject=subject)
        return self.client.call(rows.LIST_AUDIT, request, messages.AuditList).entries

    def list_events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Send GET events."""
        request = events.ListEvents(after=after, limit=limit)
        return self.client.call(server_rows.LIST_EVENTS, request, events.EventList).events
