"""The decision as a whole: pure, bound to what it was decided from."""

from __future__ import annotations

import math
from typing import Any

import pytest
from msgspec.structs import replace

from mainstay.entities.digests import evidence_digest
from mainstay.entities.release import Evidence, Verdict
from mainstay.promotion import gate
from mainstay.promotion import policy as policies
from mainstay.promotion.checks import Subject
from tests.promotion.cases import DIGEST, NOW, evidence, policy, subject

FLOOR = policy("kind: threshold, metric: auc, minimum: 0.85")
WAIVED = FLOOR + (
    "waivers:\n  - {check: auc threshold, who: ada, why: known, expires: 2027-01-15}\n"
)


def decide(text: str, *found: Evidence, baseline: Subject | None = None, **changes: Any) -> Verdict:
    """Decide about version 2."""
    fields: dict[str, Any] = {
        "name": "churn",
        "alias": "champion",
        "version": 2,
        "version_digest": DIGEST,
        "now": NOW,
        **changes,
    }
    return gate.decide(policies.parse(text), evidence=found, baseline=baseline, **fields)


def test_a_verdict_is_bound_to_files_evidence_and_policy() -> None:
    measured = evidence()
    found = decide(FLOOR, measured, baseline=subject(version=1))
    assert found.passed
    assert found.version_digest == DIGEST
    assert found.policy_digest == policies.digest(FLOOR)
    assert found.evidence_digest == evidence_digest([measured])
    assert found.baseline_version == 1


def test_the_same_facts_give_the_same_verdict() -> None:
    measured = evidence()
    assert decide(FLOOR, measured) == decide(FLOOR, measured)
    assert decide(FLOOR, measured).verdict_id != decide(FLOOR, measured, version=3).verdict_id


@pytest.mark.parametrize("value", [math.nan, math.inf, 0.8499])
def test_one_failed_check_refuses(value: float) -> None:
    text = policy(
        "kind: threshold, metric: auc, minimum: 0.85", "kind: threshold, metric: f1, minimum: 0.1"
    )
    found = decide(text, evidence(values={"auc": value, "f1": 0.9}))
    assert not found.passed
    assert [check.check for check in found.failed] == ["auc threshold"]


def test_missing_evidence_never_promotes() -> None:
    found = decide(FLOOR)
    assert not found.passed
    assert [check.outcome for check in found.failed] == ["inconclusive"]


def test_a_version_whose_files_are_not_hashed_is_open_unless_the_policy_allows_it() -> None:
    pending = evidence(version_digest=None)
    found = decide(FLOOR, pending, version_digest=None)
    assert not found.passed
    assert [(check.check, check.outcome) for check in found.failed] == [("digest", "inconclusive")]
    allowed = decide(FLOOR + "require_digest: false\n", pending, version_digest=None)
    assert allowed.passed


def test_a_waiver_in_force_takes_the_place_of_a_failure_and_says_whose_it_is() -> None:
    low = evidence(values={"auc": 0.8})
    found = decide(WAIVED, low)
    assert found.passed
    assert found.checks[0].outcome == "waived"
    assert "ada" in found.checks[0].message
    assert decide(WAIVED, evidence()).checks[0].outcome == "pass"


def test_a_waiver_that_ended_does_nothing() -> None:
    end = policies.parse(WAIVED).waivers[0].until
    low = evidence(values={"auc": 0.8})
    assert decide(WAIVED, low, now=end - 1).passed
    late = decide(WAIVED, low, now=end)
    assert not late.passed
    assert "ended" in late.failed[0].message


def test_a_refusal_names_every_check_that_stands_in_the_way() -> None:
    text = policy(
        "kind: threshold, metric: auc, minimum: 0.95", "kind: size, maximum: 1M", "kind: schema"
    )
    found = decide(text, evidence())
    message = gate.refusal(found)
    for said in ("auc threshold", "size", "schema", "churn v2", "'champion'", found.verdict_id):
        assert said in message


def test_the_evidence_digest_knows_every_value_and_no_order() -> None:
    one, two = evidence(), evidence("latency", values={"p99": math.nan})
    assert evidence_digest([one, two]) == evidence_digest([two, one])
    assert evidence_digest([one]) != evidence_digest([one, two])
    for changes in ({"values": {"auc": 0.91}}, {"at": 5}, {"version_digest": None}):
        assert evidence_digest([replace(one, **changes)]) != evidence_digest([one])
    assert evidence_digest([replace(one, name="renamed")]) == evidence_digest([one])
