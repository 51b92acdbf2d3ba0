"""Whatever a policy or a measurement holds, a gate answers; it never breaks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.entities.accounts import ANONYMOUS
from mainstay.errors import BadInput
from mainstay.promotion import gate
from mainstay.promotion import policy as policies
from tests.promotion.cases import DIGEST, NOW, evidence, policy, subject
from tests.promotion.conftest import House

ALL = policies.parse(
    policy(
        "kind: threshold, metric: auc, minimum: 0.5",
        "kind: better_than_champion, metric: auc, relative_margin: 0.1",
        "kind: schema",
        "kind: latency, p50: 1, p99: 1, times_champion: 2",
        "kind: size, maximum: 1M, times_champion: 2",
        "kind: fresh, evidence: [quality, schema], maximum_age: 7d",
        "kind: approval",
    )
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["auc", "p50", "p99", "bytes", "inputs", "outputs", "baseline", "other"])
MEASURED = st.dictionaries(KEYS, VALUES | st.just(10**400), max_size=6)
KINDS = ("quality", "schema", "latency", "size")


def read(text: str) -> policies.GatePolicy | str:
    """Return the policy, or what is wrong with it."""
    try:
        return policies.parse(text)
    except BadInput as error:
        return error.message


@settings(max_examples=150, deadline=None)
@given(st.lists(MEASURED, min_size=8, max_size=8), st.sampled_from([None, 1, 3]))
def test_any_measured_value_gives_a_verdict_that_does_not_pass_without_approval(
    values: list[dict[str, Any]], relative_to: int | None
) -> None:
    mine = [
        evidence(kind, values=found, baseline_version=relative_to)
        for kind, found in zip(KINDS, values[:4], strict=True)
    ]
    theirs = [
        evidence(kind, version=1, values=found)
        for kind, found in zip(KINDS, values[4:], strict=True)
    ]
    verdict = gate.decide(
        ALL,
        name="churn",
        alias="champion",
        version=2,
        version_digest=DIGEST,
        evidence=mine,
        baseline=subject(*theirs, version=1),
        now=NOW,
    )
    assert not verdict.passed
    assert len(verdict.checks) == 7
    assert gate.refusal(verdict)


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(alphabet="checks: -{}[]kind\n'\"&*!?|>%@0123.~", max_size=80))
def test_any_text_is_a_policy_or_a_mistake_that_is_named(text: str) -> None:
    found = read(text)
    assert found if isinstance(found, str) else found.checks


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["threshold", "latency", "size", "fresh", "approval"])},
        optional={
            field: PLAIN | st.lists(PLAIN, max_size=2)
            for field in ("metric", "minimum", "p99", "maximum", "maximum_age", "approvers", "name")
        },
    )
)
def test_any_parameter_is_taken_or_named_as_a_mistake(check: dict[str, Any]) -> None:
    import yaml

    text = yaml.safe_dump({"checks": [check]}, allow_unicode=False)
    found = read(text)
    if isinstance(found, str):
        assert found
        return
    result = found.checks[0].run(subject(evidence()), None)
    assert result.outcome in ("pass", "fail", "inconclusive")


@pytest.mark.parametrize("value", [2**64, -(2**70), object(), "\ud800"])
def test_a_value_that_cannot_be_stored_is_the_callers_mistake(house: House, value: object) -> None:
    with pytest.raises(BadInput, match=r"stored|Unicode"):
        house.release.record_evidence([evidence(version=1, values={"auc": value})])
    assert house.release.list_evidence("churn", 1) == []


def test_an_audit_note_that_cannot_be_stored_leaves_the_chain_whole(house: House) -> None:
    before = house.release.list_audit()
    with pytest.raises(BadInput):
        house.release.append_audit("test.note", "churn", {"x": object()}, by=ANONYMOUS)
    assert house.release.list_audit() == before
