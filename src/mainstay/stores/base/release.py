"""The release contract: evidence, policies, verdicts, approvals, the alias move, the audit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

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


class ReleaseStore(Protocol):
    """Keeps why something is live. Nothing here decides; it records and compares."""

    def record_evidence(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Keep measurements; each id once. Raises: NotFound (the version)."""
        ...

    def list_evidence(self, name: str, version: int) -> list[Evidence]:
        """Return a version's evidence, oldest first."""
        ...

    def set_policy(
        self, name: str, alias: str, text: str, *, digest: str, by: Principal = ANONYMOUS
    ) -> Policy:
        """Put a gate before an alias (name ``*``: of every model); an empty text removes it."""
        ...

    def get_policy(self, name: str, alias: str) -> Policy | None:
        """Return the gate of this alias, the model's own before that of ``*``; None if open."""
        ...

    def list_policies(self) -> list[Policy]:
        """Return every gate, by model and alias."""
        ...

    def record_verdict(self, verdict: Verdict) -> Verdict:
        """Keep a decision that moved nothing (a refusal, a dry run), and return what was kept.

        A guarded store takes nobody's word: it decides itself about the version and alias named,
        and keeps that. Raises: NotFound (the version; guarded: the gate).
        """
        ...

    def list_verdicts(
        self, name: str, *, version: int | None = None, alias: str | None = None
    ) -> list[Verdict]:
        """Return decisions, newest first."""
        ...

    def request_approval(self, approval: Approval) -> Approval:
        """Keep a request. Raises: NotFound (the version)."""
        ...

    def decide_approval(
        self, approval_id: str, state: ApprovalState, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> Approval:
        """Decide a pending request. Raises: NotFound, Conflict (decided already)."""
        ...

    def list_approvals(
        self, *, name: str | None = None, state: ApprovalState | None = None
    ) -> list[Approval]:
        """Return requests, newest first."""
        ...

    def move_alias(self, move: AliasMove) -> AliasChange:
        """Check the move's expectations and write alias, history, verdict, audit entry and events.

        All in one transaction, or nothing. Raises: NotFound (model or version), Conflict (the
        holder, the version's digest, the evidence or the policy is not what the move expects, or
        an approval it rests on is not approved).
        """
        ...

    def append_audit(
        self, action: str, subject: str, data: dict[str, Any], *, by: Principal = ANONYMOUS
    ) -> AuditEntry:
        """Add a link to the chain."""
        ...

    def list_audit(
        self, *, after: int = 0, limit: int = 1000, subject: str | None = None
    ) -> list[AuditEntry]:
        """Return links in order of sequence, those above ``after``."""
        ...

    def list_events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return outbox events in order, those above ``after``."""
        ...
