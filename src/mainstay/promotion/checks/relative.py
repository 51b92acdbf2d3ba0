"""Where a relative check gets the champion's side of the comparison from."""

from __future__ import annotations

from typing import Any

import msgspec

from mainstay.promotion.checks.base import Subject

NO_CHAMPION = "no champion yet: nothing to compare with"


class Pair(msgspec.Struct, frozen=True):
    """Values of candidate and champion, or why they cannot be compared."""

    candidate: dict[str, Any]
    champion: dict[str, Any]
    problem: str = ""


def pair(evidence: Subject, baseline: Subject, kind: str, *, same_data: bool = True) -> Pair:
    """Find what was measured of both.

    The candidate's evidence may carry the champion's values, measured again beside its own, under
    ``baseline``; else the champion's own evidence is taken, if it is of the same data set.
    Evidence relative to a champion that no longer holds the alias cannot be compared.
    """
    found = evidence.find(kind)
    if found is None:
        return Pair({}, {}, evidence.lacks(kind))
    if found.baseline_version not in (None, baseline.version):
        return Pair(
            found.values,
            {},
            f"the {kind} evidence is relative to v{found.baseline_version}, but the champion is "
            f"now v{baseline.version}; measure again against it",
        )
    beside = found.values.get("baseline")
    if found.baseline_version is not None and isinstance(beside, dict):
        return Pair(found.values, beside)
    dataset = found.dataset_digest if same_data else None
    champion = baseline.find(kind, dataset=dataset)
    if champion is None:
        return Pair(found.values, {}, baseline.lacks(kind, dataset=dataset))
    return Pair(found.values, champion.values)
