"""The scorecard: formula, vetoes, order, and what it says of bad input."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadInput, GateRefused
from mainstay.promotion import scorecard

CARD = scorecard.parse(
    """
criteria:
  - {metric: auc, weight: 3, floor: 0.8, target: 1.0, veto: true}
  - {metric: latency_ms, weight: 1, floor: 50, target: 10}
minimum: 0.25
"""
)


def test_total_is_the_weighted_mean_of_the_parts() -> None:
    found = scorecard.score("a", {"auc": 0.9, "latency_ms": 20}, CARD)
    assert found.parts == {"auc": pytest.approx(0.5), "latency_ms": pytest.approx(0.75)}
    assert found.total == pytest.approx((3 * 0.5 + 0.75) / 4)
    assert found.accepted


def test_a_veto_refuses_whatever_the_score() -> None:
    found = scorecard.score("a", {"auc": 0.79, "latency_ms": 10}, CARD)
    assert found.refusals == ["auc 0.79 is beyond 0.8"]


def test_a_refused_candidate_is_named_with_every_reason() -> None:
    found = scorecard.score("run-9", {"auc": 0.5}, CARD)
    with pytest.raises(GateRefused, match=r"run-9: auc 0.5 is beyond 0.8; latency_ms was not"):
        scorecard.require(found)


@pytest.mark.parametrize("value", [None, math.nan])
def test_a_metric_that_was_not_measured_refuses(value: float | None) -> None:
    values = {"latency_ms": 10.0} | ({} if value is None else {"auc": value})
    assert "auc was not measured" in scorecard.score("a", values, CARD).refusals


def test_accepted_candidates_come_first_and_best_first() -> None:
    ranking = scorecard.rank(
        {
            "fast": {"auc": 0.9, "latency_ms": 10},
            "good": {"auc": 1.0, "latency_ms": 50},
            "poor": {"auc": 0.5, "latency_ms": 1},
        },
        CARD,
    )
    assert [found.candidate for found in ranking] == ["good", "fast", "poor"]
    assert not ranking[-1].accepted


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_a_score_is_always_between_nought_and_one(auc: float, latency: float) -> None:
    found = scorecard.score("a", {"auc": auc, "latency_ms": latency}, CARD)
    assert 0 <= found.total <= 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("criteria: []", "no criteria"),
        ("criteria: [{metric: a, weight: 0, floor: 0, target: 1}]", "weight must be above zero"),
        ("criteria: [{metric: a, weight: 1, floor: 1, target: 1}]", "must differ"),
        ("criteria: [{metric: a, weight: x, floor: 0, target: 1}]", "criteria[0].weight"),
        ("criteria: [{metric: a, wait: 1, floor: 0, target: 1}]", "wait"),
        ("{", "not valid YAML"),
        ("- 1", "wrong"),
    ],
)
def test_a_wrong_card_is_refused_and_the_error_says_where(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says.replace("[", r"\[").replace("]", r"\]")):
        scorecard.parse(text)
