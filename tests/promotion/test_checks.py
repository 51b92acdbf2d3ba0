"""Each kind of check on its own: what passes, what fails, what stays open."""

from __future__ import annotations

import math
from typing import Any

import pytest
from msgspec.structs import replace

from mainstay.entities.release import Approval
from mainstay.promotion.checks import Subject
from mainstay.promotion.checks.approval import ApprovalBy
from mainstay.promotion.checks.better_than_champion import BetterThanChampion
from mainstay.promotion.checks.fresh import Fresh
from mainstay.promotion.checks.latency import Latency
from mainstay.promotion.checks.schema import Schema
from mainstay.promotion.checks.size import Size
from mainstay.promotion.checks.threshold import Threshold
from tests.promotion.cases import DAY, NOW, evidence, subject


def champion(**values: Any) -> Subject:
    """Make version 1 with quality evidence."""
    return subject(evidence(version=1, values=values), version=1)


# -- threshold -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "outcome"),
    [(0.85, "pass"), (0.8499999, "fail"), (1, "pass"), (0.85 - 1e-15, "pass")],
)
def test_a_threshold_is_met_at_its_bound(value: float, outcome: str) -> None:
    found = Threshold(metric="auc", minimum=0.85).run(
        subject(evidence(values={"auc": value})), None
    )
    assert found.outcome == outcome
    assert found.observed == value
    assert found.required == ">= 0.85"


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, "NaN", "Infinity", "high", True, None, [1]]
)
def test_what_is_no_finite_number_fails_every_bound(value: Any) -> None:
    measured = subject(evidence(values={"auc": value}))
    assert Threshold(metric="auc", minimum=0.5).run(measured, None).outcome == "fail"
    assert Threshold(metric="auc", maximum=0.5).run(measured, None).outcome == "fail"


def test_a_bound_in_binary_floats_is_compared_as_it_is_written() -> None:
    exact = subject(evidence(values={"auc": 0.85}))
    assert Threshold(metric="auc", minimum=0.80 + 0.05).run(exact, None).outcome == "pass"


def test_both_bounds_count() -> None:
    check = Threshold(metric="auc", minimum=0.5, maximum=0.8)
    assert check.run(subject(evidence(values={"auc": 0.81})), None).outcome == "fail"
    assert check.run(subject(evidence(values={"auc": 0.8})), None).outcome == "pass"


def test_a_value_that_was_not_measured_is_inconclusive_and_names_what_was() -> None:
    check = Threshold(metric="f1", minimum=0.5)
    assert check.run(subject(), None).outcome == "inconclusive"
    found = check.run(subject(evidence()), None)
    assert found.outcome == "inconclusive"
    assert "auc" in found.message


def test_evidence_of_other_files_does_not_count() -> None:
    check = Threshold(metric="auc", minimum=0.5)
    stale = check.run(subject(evidence(version_digest="cd" * 32)), None)
    assert stale.outcome == "inconclusive"
    assert "other files" in stale.message
    assert check.run(subject(evidence(version_digest=None)), None).outcome == "inconclusive"


def test_the_newest_evidence_counts() -> None:
    old, new = evidence(values={"auc": 0.9}), evidence(values={"auc": 0.1}, at=NOW)
    check = Threshold(metric="auc", minimum=0.5)
    assert check.run(subject(old, new), None).outcome == "fail"
    assert check.run(subject(new, old), None).outcome == "fail"
    again = replace(new, values={"auc": 0.7})
    assert check.run(subject(new, again), None).outcome == "pass"


def test_a_named_data_set_is_demanded() -> None:
    check = Threshold(metric="auc", minimum=0.5, dataset="holdout")
    assert check.run(subject(evidence()), None).outcome == "inconclusive"
    held_out = evidence(dataset_digest="holdout", at=1)
    assert check.run(subject(evidence(), held_out), None).outcome == "pass"


# -- better than the champion ----------------------------------------------------------------


def test_without_a_champion_a_relative_check_passes_and_says_so() -> None:
    found = BetterThanChampion(metric="auc").run(subject(), None)
    assert (found.outcome, found.message) == ("pass", "no champion yet: nothing to compare with")


@pytest.mark.parametrize(
    ("candidate", "holder", "parameters", "outcome"),
    [
        (0.85, 0.80, {"margin": 0.05}, "pass"),
        (0.8499, 0.80, {"margin": 0.05}, "fail"),
        (0.80, 0.80, {}, "pass"),
        (0.79, 0.80, {}, "fail"),
        (0.79, 0.80, {"margin": -0.01}, "pass"),
        (0.84, 0.80, {"relative_margin": 0.05}, "pass"),
        (0.839, 0.80, {"relative_margin": 0.05}, "fail"),
        (-1.0, -0.5, {"relative_margin": 0.02}, "fail"),
        (-0.49, -0.5, {"relative_margin": 0.02}, "pass"),
        (0.3, 0.35, {"direction": "lower", "margin": 0.05}, "pass"),
        (0.31, 0.35, {"direction": "lower", "margin": 0.05}, "fail"),
        (math.nan, 0.80, {}, "fail"),
        (math.inf, 0.80, {}, "fail"),
        (0.9, math.nan, {}, "inconclusive"),
        (0.9, -math.inf, {}, "inconclusive"),
    ],
)
def test_the_margin_over_the_champion_is_kept_to(
    candidate: float, holder: float, parameters: dict[str, Any], outcome: str
) -> None:
    check = BetterThanChampion(metric="auc", **parameters)
    found = check.run(subject(evidence(values={"auc": candidate})), champion(auc=holder))
    assert found.outcome == outcome


def test_a_champion_without_evidence_leaves_it_open() -> None:
    check = BetterThanChampion(metric="auc")
    bare = subject(version=1)
    assert check.run(subject(evidence()), bare).outcome == "inconclusive"
    assert check.run(subject(evidence()), champion(f1=0.5)).outcome == "inconclusive"


def test_measured_on_different_data_leaves_it_open() -> None:
    other = subject(evidence(version=1, dataset_digest="d2"), version=1)
    found = BetterThanChampion(metric="auc").run(subject(evidence()), other)
    assert found.outcome == "inconclusive"
    assert "d1" in found.message


def test_values_measured_beside_the_champion_go_before_its_own() -> None:
    beside = evidence(values={"auc": 0.8, "baseline": {"auc": 0.7}}, baseline_version=1)
    assert (
        BetterThanChampion(metric="auc").run(subject(beside), champion(auc=0.99)).outcome == "pass"
    )


def test_evidence_relative_to_a_former_champion_leaves_it_open() -> None:
    beside = evidence(values={"auc": 0.8, "baseline": {"auc": 0.7}}, baseline_version=1)
    now = subject(evidence(version=3, values={"auc": 0.1}), version=3)
    found = BetterThanChampion(metric="auc").run(subject(beside), now)
    assert found.outcome == "inconclusive"
    assert "v1" in found.message
    assert "v3" in found.message


# -- latency and size ------------------------------------------------------------------------


def test_latency_is_judged_by_every_bound_given() -> None:
    measured = subject(evidence("latency", values={"p50": 0.01, "p99": 0.04}))
    slow = subject(evidence("latency", version=1, values={"p50": 0.01, "p99": 0.03}), version=1)
    assert Latency(p50=0.01, p99=0.05).run(measured, None).outcome == "pass"
    assert Latency(p50=0.009, p99=0.05).run(measured, None).outcome == "fail"
    assert Latency(p99=0.05, times_champion=1.2).run(measured, slow).outcome == "fail"
    assert Latency(p99=0.05, times_champion=1.5).run(measured, slow).outcome == "pass"
    assert Latency(times_champion=1.2).run(measured, None).outcome == "pass"
    assert Latency(p99=0.05).run(subject(), None).outcome == "inconclusive"


def test_a_failure_goes_before_what_is_open() -> None:
    measured = subject(evidence("latency", values={"p99": 0.04}))
    assert Latency(p50=0.01, p99=0.01).run(measured, None).outcome == "fail"
    assert Latency(p50=0.01, p99=0.05).run(measured, None).outcome == "inconclusive"


@pytest.mark.parametrize(
    ("maximum", "outcome"), [("1K", "pass"), (1024, "pass"), (1023, "fail"), ("0.5K", "fail")]
)
def test_size_is_bytes_or_a_text_with_a_unit(maximum: int | str, outcome: str) -> None:
    measured = subject(evidence("size", values={"bytes": 1024}))
    assert Size(maximum=maximum).run(measured, None).outcome == outcome


def test_bytes_are_said_in_full() -> None:
    found = Size(maximum="1M").run(subject(evidence("size", values={"bytes": 1_234_567})), None)
    assert found.message == "1234567 bytes, required <= 1048576 bytes"


def test_size_beside_the_champion() -> None:
    small = subject(evidence("size", version=1, values={"bytes": 500}), version=1)
    measured = subject(evidence("size", values={"bytes": 1000}))
    assert Size(times_champion=2).run(measured, small).outcome == "pass"
    assert Size(times_champion=1.9).run(measured, small).outcome == "fail"


# -- schema ----------------------------------------------------------------------------------

AGE = {"name": "age", "type": "integer", "required": True}
PAY = {"name": "pay", "type": "float", "required": True}
SCORE = {"type": "double", "required": True}


def schema(inputs: list[dict[str, Any]], outputs: list[dict[str, Any]]) -> Any:
    """Make schema evidence."""
    return evidence("schema", values={"inputs": inputs, "outputs": outputs})


@pytest.mark.parametrize(
    ("inputs", "outputs", "outcome", "named"),
    [
        ([AGE, PAY], [SCORE], "pass", ""),
        ([AGE], [SCORE], "pass", ""),
        ([{**AGE, "type": "long"}, PAY], [SCORE], "pass", ""),
        ([AGE, {**PAY, "type": "double"}], [SCORE], "pass", ""),
        ([AGE, {**PAY, "type": "integer"}], [SCORE], "fail", "'pay' was float and is integer"),
        ([AGE, PAY, {**PAY, "name": "new"}], [SCORE], "fail", "'new' is new and required"),
        ([AGE, PAY, {**PAY, "name": "new", "required": False}], [SCORE], "pass", ""),
        ([AGE, PAY], [{**SCORE, "type": "string"}], "fail", "was double and is string"),
        ([AGE, PAY], [SCORE, SCORE], "fail", "output '1' is new"),
        ([AGE, PAY], [], "fail", "output '0' is gone"),
        ([], [], "fail", "no signature"),
    ],
)
def test_who_calls_the_champion_can_call_the_candidate(
    inputs: list[dict[str, Any]], outputs: list[dict[str, Any]], outcome: str, named: str
) -> None:
    holder = subject(schema([AGE, PAY], [SCORE]), version=1)
    found = Schema().run(subject(schema(inputs, outputs)), holder)
    assert (found.outcome, named in found.message) == (outcome, True)


def test_an_optional_input_may_not_become_required() -> None:
    holder = subject(schema([{**AGE, "required": False}], [SCORE]), version=1)
    found = Schema().run(subject(schema([AGE], [SCORE])), holder)
    assert found.outcome == "fail"


# -- fresh and approval ----------------------------------------------------------------------


def test_fresh_evidence_is_of_these_files_and_young() -> None:
    both = subject(evidence(), evidence("latency", at=NOW - 9 * DAY))
    assert Fresh(evidence=("quality", "latency")).run(both, None).outcome == "pass"
    check = Fresh(evidence=("quality", "latency"), maximum_age="7d")
    found = check.run(both, None)
    assert found.outcome == "inconclusive"
    assert "latency" in found.message
    assert Fresh().run(subject(evidence(version_digest="cd" * 32)), None).outcome == "inconclusive"
    assert Fresh().run(subject(evidence(), digest=None), None).outcome == "inconclusive"


def approved(**changes: Any) -> Approval:
    """Make an approval of version 2."""
    fields: dict[str, Any] = {
        "approval_id": "a1",
        "name": "churn",
        "alias": "champion",
        "version": 2,
        "version_digest": subject().digest,
        "policy_digest": "p",
        "evidence_digest": "e",
        "requested_by": "ada",
        "requested_at": NOW - DAY,
        "state": "approved",
        "decided_by": "grace",
        "decided_at": NOW - DAY,
        **changes,
    }
    return Approval(**fields)


def asked(*approvals: Approval, **changes: Any) -> Subject:
    """Make a version with approvals."""
    return subject(approvals=approvals, policy_digest="p", evidence_digest="e", **changes)


def test_an_approval_of_exactly_this_counts() -> None:
    found = ApprovalBy().run(asked(approved()), None)
    assert (found.outcome, found.observed) == ("pass", 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "pending", "decided_by": None, "decided_at": None},
        {"state": "void"},
        {"version_digest": "cd" * 32},
        {"policy_digest": "other"},
        {"evidence_digest": "other"},
        {"alias": "staging"},
        {"version": 1},
        {"decided_by": "ada"},
        {"decided_at": NOW - 8 * DAY},
    ],
)
def test_an_approval_of_anything_else_or_by_oneself_does_not_count(changes: dict[str, Any]) -> None:
    found = ApprovalBy().run(asked(approved(**changes)), None)
    assert found.outcome == "inconclusive"
    assert "--request-approval" in found.message


def test_who_registered_a_version_does_not_approve_it() -> None:
    found = ApprovalBy().run(asked(approved(), registered_by="grace"), None)
    assert found.outcome == "inconclusive"


def test_two_approvers_are_two_people() -> None:
    check = ApprovalBy(approvers=2)
    twice = asked(approved(), approved(approval_id="a2"))
    assert check.run(twice, None).outcome == "inconclusive"
    two = asked(approved(), approved(approval_id="a2", decided_by="joan"))
    assert check.run(two, None).outcome == "pass"


def test_a_rejection_fails_whatever_else_was_approved() -> None:
    no = approved(approval_id="a2", state="rejected", decided_by="joan", reason="too soon")
    found = ApprovalBy().run(asked(approved(), no), None)
    assert found.outcome == "fail"
    assert "too soon" in found.message
