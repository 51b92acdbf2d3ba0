"""Decide whether a model version may hold an alias: pure, quick, repeatable."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from msgspec.structs import replace

from mainstay.entities.digests import canonical, evidence_digest
from mainstay.entities.release import Approval, CheckResult, Evidence, Verdict
from mainstay.promotion.checks import Subject
from mainstay.promotion.policy import GatePolicy, Waiver


def decide(
    policy: GatePolicy,
    *,
    name: str,
    alias: str,
    version: int,
    version_digest: str | None,
    evidence: Sequence[Evidence],
    baseline: Subject | None,
    now: int,
    approvals: Sequence[Approval] = (),
    registered_by: str = "",
) -> Verdict:
    """Run every check of the policy and return the verdict.

    ``baseline`` is the champion with its evidence; None if nobody has held the alias. ``now`` is
    in ms since 1970. The verdict passes if no check failed and none is inconclusive. Its id is a
    digest of its content, so the same decision has the same id.
    """
    subject = Subject(
        name=name,
        version=version,
        digest=version_digest,
        evidence=tuple(_counting(policy, evidence)),
        alias=alias,
        approvals=tuple(approvals),
        policy_digest=policy.digest,
        evidence_digest=evidence_digest(evidence),
        registered_by=registered_by,
        now=now,
    )
    if baseline is not None:
        baseline = replace(baseline, evidence=tuple(_counting(policy, baseline.evidence)))
    results = [_judge(policy, check.run(subject, baseline), now) for check in policy.checks]
    if policy.require_digest and version_digest is None:
        results.insert(0, _pending(subject))
    verdict = Verdict(
        verdict_id="",
        name=name,
        alias=alias,
        version=version,
        version_digest=version_digest,
        policy_digest=policy.digest,
        evidence_digest=subject.evidence_digest,
        baseline_version=baseline.version if baseline else None,
        passed=all(result.outcome in ("pass", "waived") for result in results),
        checks=results,
        at=now,
    )
    return replace(verdict, verdict_id=hashlib.sha256(canonical(verdict)).hexdigest()[:16])


def refusal(verdict: Verdict) -> str:
    """Say which checks stand in the way, in one paragraph."""
    reasons = "; ".join(
        f"{check.check}: {check.message}"
        + (" (inconclusive)" if check.outcome == "inconclusive" else "")
        for check in verdict.failed
    )
    return (
        f"the gate of alias {verdict.alias!r} refused {verdict.name} v{verdict.version}: "
        f"{reasons}; see verdict {verdict.verdict_id}"
    )


def _counting(policy: GatePolicy, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """Return the evidence that was recorded by whom the policy believes."""
    if not policy.measured_by:
        return evidence
    # A principal reads "name (what it claims to be)"; only the name was proved.
    return [
        item
        for item in evidence
        # A signature proves itself, whoever brought it.
        if item.kind == "signature" or item.principal.partition(" (")[0] in policy.measured_by
    ]


def _judge(policy: GatePolicy, result: CheckResult, now: int) -> CheckResult:
    """Let a waiver in force take the place of a refusal."""
    if result.outcome in ("pass", "waived"):
        return result
    for waiver in policy.waivers:
        if waiver.check == result.check:
            return _waived(result, waiver, now)
    return result


def _waived(result: CheckResult, waiver: Waiver, now: int) -> CheckResult:
    if now >= waiver.until:
        ended = f"{result.message} (the waiver by {waiver.who} ended on {waiver.expires})"
        return replace(result, message=ended)
    message = f"waived by {waiver.who} until {waiver.expires}: {waiver.why} ({result.message})"
    return replace(result, outcome="waived", message=message)


def _pending(subject: Subject) -> CheckResult:
    return CheckResult(
        check="digest",
        kind="digest",
        outcome="inconclusive",
        message=(
            f"{subject} is pending: its files are not hashed yet, so no evidence is bound to them; "
            "wait, or set `require_digest: false` in the policy"
        ),
    )
