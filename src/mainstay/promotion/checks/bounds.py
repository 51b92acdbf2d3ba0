"""A cost (seconds, bytes) that must stay below a budget and below a multiple of the champion's."""

from __future__ import annotations

import math
from typing import Any

from mainstay.entities.release import CheckResult
from mainstay.promotion.checks.base import Parameters, Subject
from mainstay.promotion.checks.numbers import at_least, number
from mainstay.promotion.checks.relative import NO_CHAMPION, pair


def within_budget(
    check: Parameters, evidence: Subject, kind: str, field: str, maximum: float, unit: str
) -> CheckResult:
    """Judge ``field`` of the newest evidence against a fixed maximum."""
    required = f"<= {maximum:.12g} {unit}"
    found = evidence.find(kind)
    if found is None:
        return check.result("inconclusive", evidence.lacks(kind), required=required)
    shown = found.values.get(field)
    value = number(shown)
    if value is None or not math.isfinite(value):
        return _unusable(check, field, shown)
    message = f"{_measured(field, value, unit)}, required {required}"
    passed = at_least(maximum, value)
    return check.result("pass" if passed else "fail", message, observed=value, required=required)


def within_champion(
    check: Parameters,
    evidence: Subject,
    baseline: Subject | None,
    kind: str,
    field: str,
    times: float,
    unit: str,
) -> CheckResult:
    """Judge ``field`` against ``times`` the champion's; passes when there is no champion."""
    if baseline is None:
        return check.result("pass", NO_CHAMPION)
    both = pair(evidence, baseline, kind, same_data=False)
    if both.problem:
        return check.result("inconclusive", both.problem)
    shown = both.candidate.get(field)
    value, champion = number(shown), number(both.champion.get(field))
    if value is None or not math.isfinite(value):
        return _unusable(check, field, shown)
    if champion is None or not math.isfinite(champion):
        return check.result("inconclusive", f"the champion {baseline} has no finite {field}")
    required = f"<= {times * champion:.12g} {unit}"
    message = (
        f"{_measured(field, value, unit)}, required {required} "
        f"({times:g} times that of champion v{baseline.version})"
    )
    passed = at_least(times * champion, value)
    return check.result("pass" if passed else "fail", message, observed=value, required=required)


def _measured(field: str, value: float, unit: str) -> str:
    number = f"{value:.6g}" if abs(value) < 1e6 else f"{value:.12g}"
    return f"{number} {unit}" if field == unit else f"{field} {number} {unit}"


def _unusable(check: Parameters, field: str, shown: Any) -> CheckResult:
    if shown is None:
        return check.result("inconclusive", f"{field} was not measured")
    return check.result("fail", f"{field} is {shown}, which is not a finite number", observed=shown)
