"""ROC and precision-recall curves are scikit-learn's, and stay themselves with fewer points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from mainstay.statistics import curves


def rows(seed: int, count: int = 300, levels: int = 40) -> tuple[Any, Any, Any]:
    """Return hits, scores with ties, and weights, some of them 0."""
    random = np.random.default_rng(seed)
    hits = random.random(count) < 0.3
    hits[:2] = [True, False]
    scores = np.round(random.normal(hits * 1.0) * levels) / levels
    return hits, scores, random.integers(0, 4, count).astype(float)


@given(st.integers(0, 10_000), st.sampled_from([2, 3, 50, 300]), st.booleans())
def test_the_areas_are_scikit_learns(seed: int, count: int, weighted: bool) -> None:
    hits, scores, weights = rows(seed, count)
    weights[:2] = 1.0
    given_weights = weights if weighted else None
    assert curves.roc(hits, scores, given_weights).area == pytest.approx(
        metrics.roc_auc_score(hits, scores, sample_weight=given_weights)
    )
    assert curves.precision_recall(hits, scores, given_weights).area == pytest.approx(
        metrics.average_precision_score(hits, scores, sample_weight=given_weights)
    )


def test_the_points_are_scikit_learns() -> None:
    hits, scores, _ = rows(1)
    false, true, at = metrics.roc_curve(hits, scores, drop_intermediate=False)
    ours = curves.roc(hits, scores)
    np.testing.assert_allclose(ours.x, false)
    np.testing.assert_allclose(ours.y, true)
    np.testing.assert_allclose(ours.thresholds[1:], at[1:])
    precision, recall, at = metrics.precision_recall_curve(hits, scores)
    found = curves.precision_recall(hits, scores)
    first = int(np.argmax(recall[::-1] == 1.0)) + 1  # scikit-learn goes on to the last row
    np.testing.assert_allclose(found.x, recall[::-1][:first])
    np.testing.assert_allclose(found.y, precision[::-1][:first])
    np.testing.assert_allclose(found.thresholds[1:], at[::-1][: first - 1])


@pytest.mark.parametrize("curve", [curves.roc, curves.precision_recall])
def test_a_thinned_curve_has_the_same_ends_area_and_shape(
    curve: Callable[..., curves.Curve],
) -> None:
    hits, scores, _ = rows(2, 50_000, 10**9)
    whole = curve(hits, scores)
    thin = whole.thinned(200)
    assert len(whole.x) > 10_000
    assert 100 < len(thin.x) <= 200
    assert (thin.x[0], thin.x[-1]) == (whole.x[0], whole.x[-1])
    assert thin.area == whole.area
    between = np.interp(whole.x[500:], thin.x, thin.y)
    assert np.abs(between - whole.y[500:]).max() < 0.02


@pytest.mark.parametrize(
    ("hits", "scores", "said"),
    [
        ([1, 1], [0.1, 0.2], "rows of others"),
        ([0, 0], [0.1, 0.2], "rows of the class"),
        ([0, 1], [0.1, float("nan")], "NaN"),
    ],
)
def test_what_has_no_curve_is_said(hits: list[int], scores: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        curves.roc(hits, scores)


def test_the_precision_of_guessing_is_the_share_of_the_class() -> None:
    assert curves.share([1, 0, 0, 0]) == 0.25
    assert curves.share([1, 0], [3.0, 1.0]) == 0.75
