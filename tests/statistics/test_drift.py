"""Drift of binned counts: calibrated, deaf to nothing, and right about many features at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from mainstay.errors import BadInput
from mainstay.statistics import drift
from mainstay.statistics.detectors import DETECTORS

EVEN = np.full(10, 0.1)
FIFTY = np.full(50, 0.02)
ZIPF = (1 / np.arange(1, 201)) / np.sum(1 / np.arange(1, 201))


def counts(random: np.random.Generator, odds: np.ndarray, rows: int) -> np.ndarray:
    """Rows in the bins of a profile, none unseen, none null."""
    return np.append(random.multinomial(rows, odds), [0, 0])


@pytest.mark.parametrize("odds", [EVEN, FIFTY, ZIPF], ids=["deciles", "fifty", "zipf200"])
@pytest.mark.parametrize("rows", [50, 200, 1000, 5000])
def test_no_change_alarms_no_more_often_than_promised(odds, rows) -> None:
    random = np.random.default_rng(20_260)
    tries = 1500
    alarms = sum(
        drift.psi(counts(random, odds, 5000), counts(random, odds, rows)).p_value < 0.01
        for _ in range(tries)
    )
    assert alarms / tries <= 0.015


def test_a_shift_of_a_fifth_of_a_deviation_is_found_in_five_hundred_rows() -> None:
    random = np.random.default_rng(7)
    base = random.normal(size=10_000)
    edges = np.quantile(base, np.linspace(0.1, 0.9, 9))
    reference = np.append(np.bincount(np.searchsorted(edges, base), minlength=10), [0, 0])
    found = 0
    for _ in range(300):
        rows = np.searchsorted(edges, random.normal(0.2, 1, size=500))
        current = np.append(np.bincount(rows, minlength=10), [0, 0])
        found += drift.psi(reference, current).p_value < 0.01
    assert found / 300 >= 0.65


@pytest.mark.parametrize("name", ["psi", "jensen_shannon", "hellinger", "chi_square"])
def test_unseen_categories_are_heard(name) -> None:
    reference = np.append(np.full(5, 400), [0, 0])
    current = np.append(np.full(5, 15), [25, 0])
    assert DETECTORS.get(name).score(reference, current).p_value < 1e-6


def test_the_calibrated_distances_agree_with_each_other() -> None:
    random = np.random.default_rng(3)
    reference = counts(random, EVEN, 20_000)
    current = counts(random, np.linspace(0.8, 1.2, 10) / 10, 2000)
    others = [drift.psi, drift.jensen_shannon, drift.hellinger]
    logs = [np.log(function(reference, current).p_value) for function in others]
    assert_allclose(logs, logs[0], rtol=0.1)


def test_an_empty_window_and_another_profile_are_refused_in_words() -> None:
    with pytest.raises(BadInput, match="all zero"):
        drift.psi([10, 10, 0, 0], [0, 0, 0, 0])
    with pytest.raises(BadInput, match="the window has 3 bins and the profile 4"):
        drift.psi([10, 10, 0, 0], [10, 0, 0])
    with pytest.raises(BadInput, match="below zero"):
        drift.psi([10, -1, 0, 0], [10, 0, 0, 0])


def test_one_bin_alone_cannot_drift() -> None:
    assert drift.psi([100, 0, 0], [50, 0, 0]).p_value == 1.0


def test_benjamini_hochberg_rejects_the_worked_example_of_1995() -> None:
    p_values = [
        *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
        *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
    ]
    assert sum(drift.benjamini_hochberg(p_values, 0.05)) == 4


@given(st.lists(st.floats(0, 1), max_size=40), st.floats(0.001, 0.5))
def test_benjamini_hochberg_lies_between_bonferroni_and_each_for_itself(values, q) -> None:
    rejected = drift.benjamini_hochberg(values, q)
    for value, out in zip(values, rejected, strict=True):
        if value <= q / len(values):
            assert out
        if value > q:
            assert not out


def test_two_hundred_still_features_seldom_alarm_together() -> None:
    random = np.random.default_rng(11)
    windows = 100
    alarmed = 0
    for _ in range(windows):
        scores = [
            drift.psi(counts(random, EVEN, 5000), counts(random, EVEN, 300)) for _ in range(200)
        ]
        hits = drift.benjamini_hochberg([score.p_value for score in scores], 0.05)
        alarmed += any(hits)
    assert alarmed / windows <= 0.12
