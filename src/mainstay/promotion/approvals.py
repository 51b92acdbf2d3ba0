"""Approvals: a second person says yes to one version, one policy and one set of evidence."""

from __future__ import annotations

from uuid import uuid4

from mainstay.entities.accounts import Principal
from mainstay.entities.digests import evidence_digest
from mainstay.entities.release import Approval, ApprovalState, Verdict
from mainstay.errors import BadInput, Conflict, NotFound, PermissionDenied
from mainstay.promotion import judgement
from mainstay.stores.base import RegistryStore, ReleaseStore


def request(
    registry: RegistryStore,
    release: ReleaseStore,
    name: str,
    alias: str,
    version: int,
    *,
    by: Principal,
) -> Approval:
    """Ask that a move be approved as things stand now.

    Raises: NotFound; BadInput if no gate stands before the alias.
    """
    found = registry.get_model_version(name, version)
    policy = release.get_policy(name, alias)
    if policy is None:
        raise BadInput(f"no gate stands before alias {alias!r} of {name}; nothing needs approval")
    return release.request_approval(
        Approval(
            approval_id=uuid4().hex[:16],
            name=name,
            alias=alias,
            version=version,
            version_digest=found.digest,
            policy_digest=policy.digest,
            evidence_digest=evidence_digest(release.list_evidence(name, version)),
            requested_by=identity(by),
            requested_at=judgement.now(),
        )
    )


def decide(
    registry: RegistryStore,
    release: ReleaseStore,
    approval_id: str,
    state: ApprovalState,
    *,
    reason: str = "",
    by: Principal,
) -> Approval:
    """Approve or reject a request under the two-person rule.

    A request whose version, policy or evidence changed since is made void instead.

    Raises:
        NotFound: there is no such request.
        PermissionDenied: the decider is the requester, registered the version, or is anonymous.
        Conflict: it was decided already, or is void because something changed.
    """
    approval = find(release, approval_id)
    if state == "approved":
        _second_person(registry, approval, by)
    if approval.state == "pending" and state != "void":
        changed = what_changed(registry, release, approval)
        if changed:
            release.decide_approval(approval_id, "void", reason=f"{changed} changed", by=by)
            raise Conflict(
                f"approval {approval_id} is void: {changed} of {approval.name} "
                f"v{approval.version} changed since it was requested; ask again"
            )
    return release.decide_approval(approval_id, state, reason=reason, by=by)


def find(release: ReleaseStore, approval_id: str) -> Approval:
    """Return a request. Raises: NotFound."""
    for approval in release.list_approvals():
        if approval.approval_id == approval_id:
            return approval
    raise NotFound(f"there is no approval {approval_id!r}; list them: mainstay approve --list")


def what_changed(registry: RegistryStore, release: ReleaseStore, approval: Approval) -> str:
    """Name what is no longer as it was when approval was asked for; empty if nothing is."""
    if not judgement.exists(registry, approval.name, approval.version):
        return "the version"
    found = registry.get_model_version(approval.name, approval.version)
    if found.digest != approval.version_digest:
        return "the files"
    policy = release.get_policy(approval.name, approval.alias)
    if policy is None or policy.digest != approval.policy_digest:
        return "the policy"
    evidence = release.list_evidence(approval.name, approval.version)
    if evidence_digest(evidence) != approval.evidence_digest:
        return "the evidence"
    return ""


def resting_on(release: ReleaseStore, verdict: Verdict) -> tuple[str, ...]:
    """Return the ids of the approvals that a passing verdict counted."""
    if all(check.kind != "approval" for check in verdict.checks):
        return ()
    return tuple(
        approval.approval_id
        for approval in judgement.about(release, verdict.name, verdict.alias, verdict.version)
        if approval.state == "approved"
        and approval.version_digest == verdict.version_digest
        and approval.policy_digest == verdict.policy_digest
        and approval.evidence_digest == verdict.evidence_digest
    )


def identity(by: Principal) -> str:
    """Return the name that the two-person rule compares; a claim is kept as a claim."""
    return by.name if by.authenticated else str(by)


def _second_person(registry: RegistryStore, approval: Approval, by: Principal) -> None:
    if not by.authenticated:
        raise PermissionDenied(
            "an approval needs somebody who can prove who they are; make users and tokens with "
            "`mainstay users add`, and approve with one of these tokens"
        )
    if identity(by) == approval.requested_by:
        raise PermissionDenied(
            f"{by} asked for approval {approval.approval_id} and cannot give it; "
            "somebody else has to"
        )
    registered_by = registry.get_model_version(approval.name, approval.version).user_id
    if identity(by) == registered_by:
        raise PermissionDenied(
            f"{by} registered {approval.name} v{approval.version} and cannot approve it; "
            "somebody else has to"
        )
