"""Rank candidates by a balanced scorecard: vetoes first, then a weighted score between 0 and 1.

``score = Σ wᵢ · clip((xᵢ - floorᵢ) / (targetᵢ - floorᵢ), 0, 1) / Σ wᵢ``. A criterion whose target
is below its floor (latency, size) is one where less is better; the formula is the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from mainstay.errors import BadInput, GateRefused


class Criterion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One metric of the card. With ``veto``, a value beyond its floor refuses the candidate."""

    metric: str
    weight: float
    floor: float
    target: float
    veto: bool = False


class Scorecard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The criteria, and the score that a candidate must reach to be registered."""

    criteria: list[Criterion]
    minimum: float = 0.0


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate's score in all and by metric, and why it is refused (empty: it is not)."""

    candidate: str
    total: float
    parts: dict[str, float]
    refusals: list[str]

    @property
    def accepted(self) -> bool:
        """Whether the candidate may be registered."""
        return not self.refusals


def parse(text: str) -> Scorecard:
    """Read a scorecard from YAML.

    Raises:
        BadInput: not YAML, an unknown field, no criteria, a weight that is not above zero, or a
            criterion whose target equals its floor.
    """
    try:
        card = msgspec.convert(yaml.safe_load(text), Scorecard)
    except yaml.YAMLError as error:
        raise BadInput(f"the scorecard is not valid YAML: {error}") from error
    except msgspec.ValidationError as error:
        raise BadInput(f"the scorecard is wrong: {error}") from error
    if not card.criteria:
        raise BadInput("the scorecard has no criteria; name at least one metric")
    for criterion in card.criteria:
        if not criterion.weight > 0:
            raise BadInput(f"criterion {criterion.metric!r}: the weight must be above zero")
        if criterion.target == criterion.floor:
            raise BadInput(f"criterion {criterion.metric!r}: target and floor must differ")
    return card


def score(candidate: str, values: Mapping[str, float], card: Scorecard) -> Score:
    """Score one candidate by its metrics. A metric that is missing or NaN refuses it.

    >>> card = parse("criteria: [{metric: auc, weight: 1, floor: 0.5, target: 1.0}]")
    >>> score("run-1", {"auc": 0.75}, card).total
    0.5
    """
    parts: dict[str, float] = {}
    refusals: list[str] = []
    for criterion in card.criteria:
        value = values.get(criterion.metric)
        if value is None or math.isnan(value):
            refusals.append(f"{criterion.metric} was not measured")
            parts[criterion.metric] = 0.0
            continue
        reached = (value - criterion.floor) / (criterion.target - criterion.floor)
        if criterion.veto and reached < 0:
            refusals.append(f"{criterion.metric} {value:.6g} is beyond {criterion.floor:.6g}")
        parts[criterion.metric] = min(1.0, max(0.0, reached))
    weights = sum(criterion.weight for criterion in card.criteria)
    total = sum(c.weight * parts[c.metric] for c in card.criteria) / weights
    if total < card.minimum:
        refusals.append(f"score {total:.3f} is below {card.minimum:.3f}")
    return Score(candidate=candidate, total=total, parts=parts, refusals=refusals)


def rank(candidates: Mapping[str, Mapping[str, float]], card: Scorecard) -> list[Score]:
    """Score every candidate: accepted ones first, best first; ties by name."""
    scores = [score(name, values, card) for name, values in candidates.items()]
    return sorted(scores, key=lambda s: (not s.accepted, -s.total, s.candidate))


def require(found: Score) -> None:
    """Go on only with an accepted candidate.

    Raises:
        GateRefused: naming the candidate and every reason against it.
    """
    if not found.accepted:
        raise GateRefused(
            f"the scorecard refuses {found.candidate}: {'; '.join(found.refusals)}. "
            "Register another candidate (mainstay runs rank shows them), or change the scorecard."
        )


def columns(card: Scorecard) -> list[str]:
    """Return the metrics of the card, in its order."""
    return [criterion.metric for criterion in card.criteria]


def row(found: Score, card: Scorecard) -> list[Any]:
    """Return a score as a table row: candidate, total, the parts, and the refusals."""
    parts = [f"{found.parts[metric]:.2f}" for metric in columns(card)]
    return [found.candidate, f"{found.total:.3f}", *parts, "; ".join(found.refusals) or "accepted"]
