"""Evidence, policies, verdicts, approvals, and the one record that moves an alias."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from mainstay.entities.accounts import ANONYMOUS, Principal

Outcome = Literal["pass", "fail", "inconclusive", "waived"]
ApprovalState = Literal["pending", "approved", "rejected", "void"]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement of one version: what was measured, on what, and what came out.

    ``values`` are plain numbers and texts. ``baseline_version`` is the champion it was measured
    against, for evidence that is relative. ``digest`` is that of the version measured.
    """

    evidence_id: str
    name: str
    version: int
    version_digest: str | None
    kind: str
    values: dict[str, Any]
    dataset_digest: str | None = None
    baseline_version: int | None = None
    principal: str = ""
    at: int = 0


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one check of a policy found."""

    check: str
    kind: str
    outcome: Outcome
    observed: Any = None
    required: Any = None
    message: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A gate's decision about one version for one alias, bound to what it was decided from."""

    verdict_id: str
    name: str
    alias: str
    version: int
    version_digest: str | None
    policy_digest: str
    evidence_digest: str
    baseline_version: int | None
    passed: bool
    checks: list[CheckResult]
    at: int

    @property
    def failed(self) -> list[CheckResult]:
        """The checks that stand in the way."""
        return [check for check in self.checks if check.outcome in ("fail", "inconclusive")]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a gate for an alias of a model; ``name`` may be ``*``."""

    name: str
    alias: str
    text: str
    digest: str
    principal: str = ""
    at: int = 0


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A request that a person approve a move, and what became of it."""

    approval_id: str
    name: str
    alias: str
    version: int
    version_digest: str | None
    policy_digest: str
    evidence_digest: str
    requested_by: str
    requested_at: int
    state: ApprovalState = "pending"
    decided_by: str | None = None
    decided_at: int | None = None
    reason: str = ""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One link of the audit chain: ``digest = SHA-256(previous || canonical JSON)``."""

    sequence: int
    at: int
    principal: str
    action: str
    subject: str
    data: dict[str, Any]
    previous: str
    digest: str


class AliasMove(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that must be true and written when an alias moves, in one transaction.

    ``version`` None removes the alias. ``expected_version`` is who must hold the alias now (None:
    nobody); left unset, the last writer wins. Digests that are set are checked again by the store
    inside the transaction; if one differs, nothing is written and ``Conflict`` is raised.
    """

    name: str
    alias: str
    version: int | None
    expected_version: int | UnsetType | None = UNSET
    version_digest: str | UnsetType | None = UNSET
    evidence_digest: str | UnsetType = UNSET
    policy_digest: str | UnsetType = UNSET
    approvals: tuple[str, ...] = ()
    verdict: Verdict | None = None
    kind: Literal["set", "delete", "rollback"] = "set"
    principal: Principal = ANONYMOUS
    reason: str = ""
