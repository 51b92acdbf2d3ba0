"""Findings: harm by errors is found at once and blamed only on the version that does it."""

from __future__ import annotations

import random

from mainstay.monitoring import findings, windows
from mainstay.monitoring.policy import DEFAULT, ErrorRule, LatencyRule
from mainstay.monitoring.report import build
from tests.monitoring.traffic import DEPLOYMENT, NAME, window

RULE = DEFAULT.error_rate


def traffic(rate: float, requests: int, seed: int, *, start: int = 0) -> list:
    chance = random.Random(seed)
    return [
        window(
            2,
            end=start + second,
            requests=50,
            errors=sum(chance.random() < rate for _ in range(50)),
        )
        for second in range(1, requests // 50 + 1)
    ]


def level(seen) -> str:
    found = findings.errors(seen, RULE)
    assert found is not None
    return found.levels[0]


def test_a_fifth_of_failures_is_harm_within_a_hundred_requests() -> None:
    late = sum(level(traffic(0.2, 100, seed)) != "breach" for seed in range(100))
    assert late <= 5


def test_a_healthy_million_requests_raises_no_alarm() -> None:
    assert level(traffic(0.002, 1_000_000, 1)) != "breach"
    assert all(level(traffic(0.01, 20_000, seed)) != "breach" for seed in range(50))


def test_a_burst_after_a_long_healthy_hour_is_found() -> None:
    past = traffic(0.0, 100_000, 1)
    burst = traffic(0.3, 100, 2, start=10_000)
    assert level(past) == "clear"
    assert level([*burst, *past]) == "breach"


def test_the_callers_own_mistakes_are_not_counted() -> None:
    calls = [window(2, end=1, requests=1000, rejected=990, errors=0)]
    assert findings.errors(calls, RULE) is None
    assert findings.errors(calls, ErrorRule(minimum_requests=10)).levels == ("clear",)


def test_too_few_requests_say_nothing() -> None:
    assert findings.errors(traffic(1.0, 50, 1)[:0], RULE) is None


def test_a_version_is_blamed_only_for_failing_more_than_the_one_before() -> None:
    bad = windows.Totals(requests=200, errors=40)
    assert findings.attributable(bad, windows.Totals(requests=1000, errors=5))
    assert not findings.attributable(bad, windows.Totals(requests=1000, errors=180))
    assert findings.attributable(bad, windows.NOTHING)


def reports(*seconds: float):
    return [
        build(
            windows.merge([window(2, end=place, requests=200, seconds=value)]),
            None,
            DEFAULT,
            deployment=DEPLOYMENT,
            name=NAME,
            version=2,
            at=0,
        )
        for place, value in enumerate(seconds)
    ]


def test_latency_is_held_against_a_bound_and_the_version_before() -> None:
    rule = LatencyRule(p99=0.1)
    assert findings.latency(reports(0.4, 0.004), rule).levels == ("breach", "clear")
    relative = LatencyRule(times_previous=2)
    assert findings.latency(reports(0.04), relative, previous_p99=0.004).levels == ("breach",)
    assert findings.latency(reports(0.004), relative, previous_p99=0.004).levels == ("clear",)
    assert findings.latency(reports(0.4), LatencyRule()) is None
    assert findings.latency(reports(0.4), LatencyRule(p99=1, minimum_requests=500)) is None
