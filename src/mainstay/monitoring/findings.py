"""What reports and counts say of each thing that a policy watches: pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from mainstay.entities.monitoring import AlertKind, FeatureDrift, Report, WindowCounts
from mainstay.monitoring.alerts import Finding, Level
from mainstay.monitoring.policy import ErrorRule, LatencyRule, MonitorPolicy, Persistence
from mainstay.monitoring.windows import Totals
from mainstay.statistics.proportions import fisher_greater

NEAR = 0.5
"""From this share of its bound on, a value is near it: it neither fires nor ends an alert."""

UNUSUAL = 0.1
"""A change that chance makes more often than this is no sign of drift."""

AT_ONCE = Persistence(breaches=1, windows=1, clear=1)
"""For errors: the sequential test is its own persistence."""

SURE = 0.001
"""The chance, at most, to blame a version whose error rate is that of the one before."""


def drift(reports: Sequence[Report]) -> list[Finding]:
    """Return a finding a feature (and one for predictions) of the newest of these reports.

    ``reports`` are of one version, newest first.
    """
    found = []
    for feature in reports[0].features if reports else ():
        history = [_feature(report, feature.feature) for report in reports]
        found.append(_drift("input_drift", feature.feature, history))
    if reports and reports[0].predictions is not None:
        found.append(_drift("prediction_drift", "", [report.predictions for report in reports]))
    return found


def latency(
    reports: Sequence[Report], rule: LatencyRule, previous_p99: float | None = None
) -> Finding | None:
    """Return the finding of the 99th percentile; None if nothing is asked or too few were counted.

    ``previous_p99`` is that of the version before, in seconds, if known.
    """
    bounds = [] if rule.p99 is None else [rule.p99]
    if rule.times_previous is not None and previous_p99:
        bounds.append(rule.times_previous * previous_p99)
    enough = [report for report in reports if report.requests >= rule.minimum_requests]
    if not bounds or not enough or enough[0] is not reports[0]:
        return None
    bound = min(bounds)
    return Finding(
        kind="latency",
        levels=tuple(_level(report.latency_p99, bound) for report in enough),
        value=enough[0].latency_p99,
        threshold=bound,
        message=f"p99 is {enough[0].latency_p99:.4g} s, allowed {bound:.4g} s",
    )


def errors(windows: Iterable[WindowCounts], rule: ErrorRule) -> Finding | None:
    """Return the finding of the error rate in windows of one version; None with too few requests.

    The value is the error rate, the threshold the harmful one; the decision is that of the
    sequential test, so a burst is not diluted by a long healthy past.
    """
    ordered = sorted(windows, key=lambda window: (window.end, window.window_id))
    batches = [(window.requests - window.rejected, window.errors) for window in ordered]
    trials, failures = sum(n for n, _ in batches), sum(bad for _, bad in batches)
    if trials < rule.minimum_requests:
        return None
    test = rule.test()
    total = test.cumulative(batches)
    level: Level = "clear" if total <= 0 else "near"
    if total >= test.upper:
        level = "breach"
    return Finding(
        kind="error_rate",
        levels=(level,),
        value=failures / trials,
        threshold=rule.harmful,
        message=f"{failures} of {trials} requests failed ({failures / trials:.1%}); "
        f"{rule.healthy:.1%} is the rate to live with",
    )


def attributable(current: Totals, previous: Totals) -> bool:
    """Say whether the version fails more than the one before it did.

    Nothing known of the one before excuses nothing: then it is the move that changed.
    """
    if previous.judged == 0:
        return True
    return fisher_greater(current.errors, current.judged, previous.errors, previous.judged) < SURE


def persistence(kind: AlertKind, policy: MonitorPolicy) -> Persistence:
    """Return how long a finding of this kind must last."""
    rules: dict[AlertKind, Persistence] = {
        "input_drift": policy.input_drift,
        "prediction_drift": policy.prediction_drift,
        "latency": policy.latency,
    }
    return rules.get(kind, AT_ONCE)


def _feature(report: Report, name: str) -> FeatureDrift | None:
    return next((found for found in report.features if found.feature == name), None)


def _drift(kind: AlertKind, subject: str, history: Sequence[FeatureDrift | None]) -> Finding:
    known = [found for found in history if found is not None]
    newest = known[0]
    what = f"the input {subject!r}" if subject else "the predictions"
    verb = "drifted" if newest.drifted else "are within bounds" if not subject else "is in bounds"
    return Finding(
        kind=kind,
        subject=subject,
        levels=tuple(_drift_level(found) for found in known),
        value=newest.score,
        threshold=newest.threshold,
        message=f"{what} {verb}: {newest.detector} {newest.score:.4g}, expected at most "
        f"{newest.threshold:.4g}; {newest.message}",
    )


def _drift_level(found: FeatureDrift) -> Level:
    if found.drifted:
        return "breach"
    unusual = found.p_value < UNUSUAL and found.score >= NEAR * found.threshold
    return "near" if unusual else "clear"


def _level(value: float, bound: float) -> Level:
    if math.isnan(value) or value > bound:
        return "breach"
    return "near" if value > (1 + NEAR) / 2 * bound else "clear"
