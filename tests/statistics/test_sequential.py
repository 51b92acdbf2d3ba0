"""Sequential tests of a failure rate, and the comparison of two rates."""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.errors import BadInput
from mainstay.statistics import histograms, proportions, samples
from mainstay.statistics.sequential import Sprt


def test_a_healthy_rate_is_seldom_called_harmful_however_often_one_looks() -> None:
    random = np.random.default_rng(5)
    test = Sprt(0.2, 0.4, alpha=0.01, beta=0.01)
    wrong = 0
    for _ in range(1000):
        failures = np.cumsum(random.random(2000) < 0.2)
        steps = test.log_ratio(1, 0) * (np.arange(1, 2001) - failures)
        path = steps + failures * test.log_ratio(1, 1)
        above, below = path >= test.upper, path <= test.lower
        first_above = int(above.argmax()) if above.any() else 9999
        first_below = int(below.argmax()) if below.any() else 9999
        wrong += first_above < first_below
    assert wrong / 1000 <= 0.015


def test_a_decision_needs_enough_requests() -> None:
    test = Sprt(0.01, 0.05)
    assert test.decide(2, 2) == "open"
    assert test.decide(20, 8) == "harmful"
    assert test.decide(200, 0) == "healthy"


def test_a_long_healthy_past_does_not_hide_a_burst() -> None:
    test = Sprt(0.01, 0.05)
    past = [(1000, 1)] * 50
    burst = [(20, 4)] * 5
    assert test.decide(50_100, 70) == "healthy"
    assert test.cumulative(past) == 0
    assert test.cumulative([*past, *burst]) >= test.upper


@pytest.mark.parametrize("rates", [(0.0, 0.1), (0.2, 0.1), (0.1, 1.0)])
def test_rates_that_cannot_be_told_apart_are_refused(rates) -> None:
    with pytest.raises(BadInput, match="0 < healthy < harmful < 1"):
        Sprt(*rates)


def test_a_rate_is_compared_with_the_one_before() -> None:
    assert proportions.fisher_greater(20, 100, 1, 1000) < 1e-9
    assert proportions.fisher_greater(1, 100, 10, 1000) > 0.5
    assert proportions.fisher_greater(5, 5, 0, 0) == 1.0


def test_an_interval_holds_its_share() -> None:
    low, high = proportions.wilson(10, 100)
    assert (round(low, 6), round(high, 6)) == (0.055229, 0.174366)
    assert proportions.wilson(0, 0) == (0.0, 1.0)


def test_quantiles_of_a_histogram_lie_in_the_right_bin() -> None:
    edges = (0.01, 0.1, 1.0)
    assert histograms.quantile((50, 40, 9, 1), edges, 0.5) == pytest.approx(0.01)
    assert 0.1 < histograms.quantile((50, 40, 9, 1), edges, 0.99) <= 1.0
    assert histograms.quantile((0, 0, 0, 5), edges, 0.5) == 1.0
    assert histograms.quantile((), edges, 0.5) == 0.0


def test_the_nearest_rank_is_an_observed_value() -> None:
    assert samples.nearest_rank([3, 1, 2], 0.5) == 2
    assert samples.nearest_rank(range(1, 101), 0.99) == 99
    assert samples.nearest_rank(range(1, 101), 1.0) == 100
