"""What one tick sees of a deployment: counts of the served version, of the one before, reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mainstay.entities.monitoring import Report, WindowCounts
from mainstay.monitoring import windows
from mainstay.monitoring.policy import MonitorPolicy
from mainstay.monitoring.served import Served
from mainstay.packaging.profile import Profile

if TYPE_CHECKING:
    from mainstay.connect import Stores


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What one tick sees: the served version, its counts, those before it, and past reports."""

    served: Served
    seen: list[WindowCounts]
    previous: windows.Totals
    previous_p99: float | None
    reports: list[Report]


def look(
    stores: Stores, served: Served, profile: Profile | None, policy: MonitorPolicy, now: int
) -> View:
    """Read what the policy's window holds, newest reports first; each of the lists may be empty.

    Counts in other bins than the profile's are left out.
    """
    since = now - int(policy.window * 1000)
    seen = stores.monitoring.list_windows(served.deployment, since=since, until=now)
    reports = stores.monitoring.list_reports(served.deployment)
    before = [report for report in reports if report.version == served.previous]
    # Of the version before only the errors matter; its bins are its own.
    earlier = windows.merge(
        windows.fitting(window, {}) for window in seen if window.version == served.previous
    )
    bins, places = _places(profile)
    if earlier.requests == 0 and before:
        earlier = windows.Totals(
            requests=sum(report.requests for report in before),
            errors=sum(report.errors for report in before),
        )
    return View(
        served=served,
        seen=[
            windows.fitting(window, bins, places)
            for window in seen
            if window.version == served.version and window.end > served.since
        ],
        previous=earlier,
        previous_p99=before[0].latency_p99 if before else None,
        reports=[report for report in reports if report.version == served.version],
    )


def _places(profile: Profile | None) -> tuple[dict[str, int], int]:
    """Return how many places each feature's counts must have, and those of the predictions."""
    if profile is None:
        return {}, 0
    bins = {feature.name: len(feature.counts) for feature in profile.features}
    return bins, 0 if profile.predictions is None else len(profile.predictions.counts)
