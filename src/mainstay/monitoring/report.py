"""What one window looked like beside the reference: pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from mainstay.entities.digests import canonical, text_digest
from mainstay.entities.monitoring import LATENCY_EDGES, FeatureDrift, Report
from mainstay.monitoring.policy import DriftRule, MonitorPolicy
from mainstay.monitoring.windows import Totals
from mainstay.packaging.profile import FeatureProfile, Profile
from mainstay.statistics import distances, drift, histograms
from mainstay.statistics.detectors import DETECTORS


def build(
    totals: Totals,
    profile: Profile | None,
    policy: MonitorPolicy,
    *,
    deployment: str,
    name: str,
    version: int,
    at: int,
) -> Report:
    """Return the report of a window's counts. ``at`` stands for its bounds if it is empty.

    Without a profile, or where a feature has fewer than the policy's rows, nothing is said of
    drift. The report's id is made from its content: the same window gives the same report.
    """
    features: list[FeatureDrift] = []
    predictions: list[FeatureDrift] = []
    if profile is not None:
        features = judge(profile.features, totals.features, policy.input_drift)
        if profile.predictions is not None:
            known = {profile.predictions.name: totals.predictions}
            predictions = judge([profile.predictions], known, policy.prediction_drift)
    report = Report(
        report_id="",
        deployment=deployment,
        name=name,
        version=version,
        start=at if totals.start is None else totals.start,
        end=at if totals.end is None else totals.end,
        requests=totals.requests,
        rows=totals.rows,
        errors=totals.errors,
        error_rate=totals.error_rate,
        latency_p50=histograms.quantile(totals.latency, LATENCY_EDGES, 0.5),
        latency_p99=histograms.quantile(totals.latency, LATENCY_EDGES, 0.99),
        features=features,
        predictions=predictions[0] if predictions else None,
    )
    return msgspec.structs.replace(report, report_id=text_digest(canonical(report).decode())[:32])


def judge(
    references: Sequence[FeatureProfile], counts: dict[str, tuple[int, ...]], rule: DriftRule
) -> list[FeatureDrift]:
    """Score features by the rule's detector; largest effect first.

    A feature has drifted if its change is significant among all (Benjamini-Hochberg at ``q``) and
    its effect reaches the floor. One that was counted in other bins than the profile's is
    reported with a score of NaN, and has not drifted.
    """
    detector = DETECTORS.get(rule.detector)
    floor = detector.default_threshold if rule.effect is None else rule.effect
    wanted = [
        reference
        for reference in references
        if reference.name not in rule.ignore
        and reference.kind in detector.kinds
        and sum(reference.counts) > 0
        and sum(counts.get(reference.name, ())) >= rule.minimum_rows
    ]
    fitting = [r for r in wanted if len(counts[r.name]) == len(r.counts)]
    scores = [detector.score(r.counts, counts[r.name]) for r in fitting]
    rejected = drift.benjamini_hochberg([score.p_value for score in scores], rule.q)
    judged = [
        FeatureDrift(
            feature=reference.name,
            detector=detector.name,
            score=score.score,
            threshold=max(floor, score.critical),
            effect=score.effect,
            p_value=score.p_value,
            drifted=significant and score.effect >= floor,
            message=largest_change(reference, counts[reference.name]),
        )
        for reference, score, significant in zip(fitting, scores, rejected, strict=True)
    ]
    judged.sort(key=lambda found: (-found.effect, found.feature))
    return [*judged, *(_misfit(r, detector.name, floor) for r in wanted if r not in fitting)]


def largest_change(reference: FeatureProfile, counts: Sequence[int]) -> str:
    """Say in words which bin's share changed most.

    >>> feature = FeatureProfile(name="plan", kind="categorical", categories=("a", "b"),
    ...                          counts=(90, 10, 0, 0))
    >>> largest_change(feature, (40, 60, 0, 0))
    "'b' went from 10.0% to 60.0% of rows"
    """
    before, after = distances.shares(reference.counts), distances.shares(counts)
    moved = [float(change) for change in after - before]
    # Of two bins that changed alike the one that grew.
    place = max(range(len(moved)), key=lambda bin_: (round(abs(moved[bin_]), 9), moved[bin_]))
    return (
        f"{bin_name(reference, place)} went from {before[place]:.1%} to {after[place]:.1%} of rows"
    )


def bin_name(reference: FeatureProfile, place: int) -> str:
    """Name a bin of a profile for people."""
    if place == reference.bins:
        return "out of range" if reference.kind == "numeric" else "unseen categories"
    if place > reference.bins:
        return "missing values"
    if reference.kind == "categorical":
        return repr(reference.categories[place])
    low, high = f"{reference.edges[place]:.4g}", f"{reference.edges[place + 1]:.4g}"
    return f"{low} to {high}" if low != high else low


def _misfit(reference: FeatureProfile, detector: str, floor: float) -> FeatureDrift:
    return FeatureDrift(
        feature=reference.name,
        detector=detector,
        score=math.nan,
        threshold=floor,
        effect=0.0,
        p_value=math.nan,
        drifted=False,
        message="counted with another profile than the one packaged with this version",
    )
