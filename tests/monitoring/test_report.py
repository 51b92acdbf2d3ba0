"""A report says of each feature whether it drifted, by how much, and where."""

from __future__ import annotations

import math

import pytest

from mainstay.entities.monitoring import Report
from mainstay.monitoring import windows
from mainstay.monitoring.policy import DEFAULT, DriftRule, MonitorPolicy
from mainstay.monitoring.report import build, judge, largest_change
from mainstay.packaging.profile import FeatureProfile, Profile
from tests.monitoring.traffic import DEPLOYMENT, NAME, customers, profile, window

REFERENCE = profile()


def report(totals: windows.Totals, reference: Profile | None = REFERENCE, **policy) -> Report:
    made = MonitorPolicy(**policy)
    return build(totals, reference, made, deployment=DEPLOYMENT, name=NAME, version=1, at=99)


def totals(rows: int, seed: int, **options) -> windows.Totals:
    frame = customers(rows, seed, **options)
    return windows.merge([window(1, end=5000, frame=frame, reference=REFERENCE)])


def test_the_shifted_feature_and_it_alone_has_drifted() -> None:
    found = report(totals(500, 2, shift=0.7))
    assert [feature.feature for feature in found.features if feature.drifted] == ["age"]
    assert found.features[0].feature == "age"
    assert found.features[0].score > found.features[0].threshold
    assert "went from 10.0% to" in found.features[0].message
    assert found.predictions is not None
    assert found.predictions.drifted


def test_the_same_customers_have_not_drifted() -> None:
    found = report(totals(500, 8))
    assert not any(feature.drifted for feature in found.features)
    assert len(found.features) == 3


def test_a_change_too_small_to_matter_is_no_drift_however_sure() -> None:
    small = report(totals(60_000, 4, shift=0.06)).features
    age = next(feature for feature in small if feature.feature == "age")
    assert age.p_value < 0.05
    assert not age.drifted
    strict = DriftRule(effect=0.0)
    sure = report(totals(60_000, 4, shift=0.06), input_drift=strict).features
    assert next(feature for feature in sure if feature.feature == "age").drifted


def test_nothing_is_said_of_drift_with_few_rows_or_without_a_profile() -> None:
    assert report(totals(60, 5)).features == []
    assert report(totals(500, 5), None).features == []
    assert (
        report(totals(500, 5), input_drift=DriftRule(ignore=("age", "plan"))).features[0].feature
        == "income"
    )


def test_rates_and_quantiles_of_traffic() -> None:
    counted = windows.merge(
        [
            window(1, end=2000, requests=98, seconds=0.004),
            window(1, end=3000, requests=2, errors=1, seconds=0.3),
        ]
    )
    found = report(counted)
    assert (found.start, found.end) == (1000, 3000)
    assert found.error_rate == pytest.approx(0.01)
    assert 0.0025 < found.latency_p50 < 0.005
    assert 0.25 < found.latency_p99 <= 0.5


def test_an_empty_window_gives_an_empty_report() -> None:
    found = report(windows.NOTHING)
    assert (found.start, found.end, found.requests, found.error_rate) == (99, 99, 0, 0.0)
    assert found.features == []


def test_the_same_window_gives_the_same_report_id() -> None:
    one, other = report(totals(200, 6)), report(totals(200, 6))
    assert one.report_id == other.report_id
    assert one.report_id != report(totals(201, 6)).report_id


def test_a_feature_counted_with_another_profile_is_named_and_no_drift() -> None:
    reference = FeatureProfile(
        name="x", kind="numeric", edges=(0.0, 1.0, 2.0), counts=(50, 50, 0, 0)
    )
    (found,) = judge([reference], {"x": (200, 0, 0, 0, 0)}, DEFAULT.input_drift)
    assert math.isnan(found.score)
    assert not found.drifted
    assert "another profile" in found.message


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((10, 10, 0, 80), "missing values went from 0.0% to 80.0%"),
        ((10, 10, 80, 0), "out of range went from 0.0% to 80.0%"),
        ((95, 5, 0, 0), "0 to 1 went from 50.0% to 95.0%"),
    ],
)
def test_the_bin_that_changed_most_is_named(counts, words) -> None:
    reference = FeatureProfile(
        name="x", kind="numeric", edges=(0.0, 1.0, 2.0), counts=(50, 50, 0, 0)
    )
    assert words in largest_change(reference, counts)


def test_still_traffic_seldom_alarms() -> None:
    alarms = sum(
        any(feature.drifted for feature in report(totals(150, seed)).features)
        for seed in range(100, 400)
    )
    assert alarms / 300 <= 0.08


def test_an_absurd_value_in_the_reference_blinds_nobody() -> None:
    frame = customers(4000, 1)
    frame.loc[0, "age"] = 1e9
    reference = Profile.from_data(frame)
    moved = window(1, end=9, frame=customers(200, 2, shift=3), reference=reference)
    found = report(windows.merge([moved]), reference).features[0]
    assert (found.feature, found.drifted) == ("age", True)


def test_values_that_go_missing_are_drift() -> None:
    frame = customers(200, 2)
    frame.loc[: int(0.95 * 200), "income"] = None
    found = report(windows.merge([window(1, end=9, frame=frame, reference=REFERENCE)])).features[0]
    assert (found.feature, found.drifted) == ("income", True)
    assert "missing values went from 0.0% to 95.5%" in found.message


def test_a_shift_of_half_a_deviation_is_found_in_two_hundred_rows() -> None:
    found = [
        next(f for f in report(totals(200, seed, shift=0.5)).features if f.feature == "age").drifted
        for seed in range(500, 600)
    ]
    assert sum(found) >= 99
