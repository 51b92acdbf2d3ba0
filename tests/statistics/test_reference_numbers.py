"""Published and independently computed numbers, reproduced to 1e-6."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mainstay.statistics import calibration, distances, drift, paired, samples, sequential

EVEN = (0.25, 0.25, 0.25, 0.25)
SKEWED = (0.1, 0.2, 0.3, 0.4)
REFERENCE = (38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0)
CURRENT = (39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8)


def close(value: float) -> object:
    return pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (distances.population_stability, 0.228217),
        (distances.kullback_leibler, 0.106440),
        (distances.jensen_shannon, 0.166930),
        (distances.hellinger, 0.167900),
        (distances.total_variation, 0.2),
        (distances.chebyshev, 0.15),
    ],
)
def test_distances_of_a_skewed_from_an_even_distribution(function, expected) -> None:
    assert function(SKEWED, EVEN) == close(expected)


def test_the_other_direction_and_the_other_base_of_the_logarithm() -> None:
    assert distances.kullback_leibler(EVEN, SKEWED) == close(0.121777)
    assert distances.jensen_shannon(SKEWED, EVEN, base=2) == close(0.200503)


def test_hellinger_of_six_category_counts() -> None:
    found = distances.hellinger((16, 18, 16, 14, 12, 12), (16, 16, 16, 16, 16, 8))
    assert found == close(0.0681277)


@pytest.mark.parametrize(
    ("shift", "scale", "expected"),
    [
        (0.1, 1, 0.009587),
        (0.2, 1, 0.038311),
        (0.25, 1, 0.059816),
        (0.5, 1, 0.237749),
        (1.0, 1, 0.926142),
        (0.0, 1.25, 0.063755),
        (0.0, 1.5, 0.193543),
        (0.0, 2.0, 0.490754),
    ],
)
def test_stability_index_of_normal_deciles_under_shift_and_scale(shift, scale, expected) -> None:
    edges = stats.norm.ppf(np.linspace(0, 1, 11))
    moved = np.diff(stats.norm.cdf(edges, loc=shift, scale=scale))
    assert distances.population_stability(moved, np.full(10, 0.1)) == close(expected)


@pytest.mark.parametrize(("alpha", "expected"), [(0.05, 0.033838), (0.001, 0.055754)])
def test_critical_stability_index_of_two_thousand_rows_in_ten_bins(alpha, expected) -> None:
    assert drift.critical_value(1000, 1000, 10, alpha) == close(expected)


def test_chi_square_takes_both_sides_for_samples() -> None:
    statistic, freedom, p_value = distances.chi_square((100, 200, 300, 400), (250,) * 4)
    assert statistic == pytest.approx(109.00211, abs=1e-5)
    assert freedom == 3
    assert p_value == pytest.approx(1.799e-23, rel=1e-3)


def test_cramers_v_with_and_without_bias_correction() -> None:
    table = ((100, 200, 300, 400), (250,) * 4)
    assert distances.cramers_v(*table, corrected=False) == close(0.233455)
    assert distances.cramers_v(*table) == close(0.230276)


def test_kolmogorov_smirnov_exact_p_and_critical_values() -> None:
    statistic, p_value = samples.kolmogorov_smirnov(CURRENT, REFERENCE)
    assert (statistic, p_value) == (close(0.625), close(0.087024))
    assert samples.kolmogorov_critical(10_000, 500, 0.001) == close(0.089336)
    unit = samples.kolmogorov_critical(2, 2, 0.05)  # √(1/2+1/2) = 1
    assert unit == close(1.358102)


def test_wasserstein_distance_and_its_robust_scale() -> None:
    assert samples.wasserstein(CURRENT, REFERENCE) == close(4.1625)
    spoilt = [*np.linspace(-2, 2, 1000), 1e9]
    ordinary = samples.wasserstein(np.linspace(1, 5, 1000), spoilt) / np.std(spoilt)
    assert ordinary < 0.05
    assert samples.wasserstein(np.linspace(1, 5, 1000), np.linspace(-2, 2, 1000), scaled=True) > 1


def test_mcnemar_large_and_small() -> None:
    large = paired.mcnemar(86, 150)
    assert large.statistic == pytest.approx(17.35593, abs=1e-5)
    assert large.p_value == pytest.approx(3.0993e-5, rel=1e-4)
    assert large.exact == pytest.approx(3.7159e-5, rel=1e-4)
    assert paired.mcnemar(86, 150, corrected=True).statistic == pytest.approx(16.81780, abs=1e-5)
    small = paired.mcnemar(3, 12)
    assert (small.exact, small.mid_p) == (close(0.0351563), close(0.0212708))


def test_delong_of_two_scores_on_twelve_rows() -> None:
    hits = [1] * 6 + [0] * 6
    first = (0.9, 0.8, 0.7, 0.6, 0.55, 0.3, 0.65, 0.5, 0.4, 0.35, 0.2, 0.1)
    second = (0.9, 0.6, 0.5, 0.8, 0.3, 0.4, 0.7, 0.55, 0.45, 0.35, 0.2, 0.1)
    found = paired.delong(hits, first, second)
    assert (found.first, found.second) == (close(0.833333), close(0.722222))
    assert found.covariance[0, 0] == close(0.0166667)
    assert found.covariance[1, 1] == close(0.0246914)
    assert found.covariance[0, 1] == close(0.0129630)
    assert (found.z, found.p_value) == (close(0.894427), close(0.371093))


def test_calibration_of_ten_probabilities() -> None:
    hits = [0, 0, 1, 0, 1, 0, 1, 1, 1, 1]
    odds = np.arange(0.05, 1, 0.1)
    assert calibration.brier(hits, odds) == close(0.1525)
    assert calibration.log_loss(hits, odds) == close(0.456018)
    width = {"by": "width"}
    assert calibration.expected_calibration_error(hits, odds, bins=5, **width) == close(0.14)
    assert calibration.expected_calibration_error(hits, odds, bins=10, **width) == close(0.32)
    assert calibration.maximum_calibration_error(hits, odds, bins=10, **width) == close(0.75)


def test_brier_score_and_spiegelhalter_z_of_four_probabilities() -> None:
    hits, odds = [0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]
    assert calibration.brier(hits, odds) == close(0.0375)
    assert calibration.spiegelhalter(hits, odds) == close(-0.880451)


@pytest.mark.parametrize(
    ("healthy", "harmful", "expected"), [(0.2, 0.4, 65), (0.01, 0.05, 164), (0.2, 0.25, 919)]
)
def test_expected_number_of_requests_until_harm_is_called(healthy, harmful, expected) -> None:
    assert round(sequential.Sprt(healthy, harmful).expected_trials()) == expected


def test_the_calibration_error_of_equal_probabilities_does_not_depend_on_their_order() -> None:
    odds = np.full(30, 0.5)
    hits = np.arange(30) % 2
    error = calibration.expected_calibration_error
    assert error(hits, odds) == error(np.sort(hits), odds) == 0
    assert math.isclose(error(np.ones(30), odds), 0.5)
