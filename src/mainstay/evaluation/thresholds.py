"""Thresholds on metrics, as MLflow's scripts state them: a model passes or an error says why not.

For releases use gates: they decide from recorded evidence, and nobody can leave them out.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mainstay.errors import BadInput
from mainstay.evaluation.result import EvaluationResult


class ValidationFailed(BadInput):
    """A model does not meet its thresholds."""


class MetricThreshold(msgspec.Struct, frozen=True):
    """What a metric must reach, and by how much it must be better than a baseline's.

    ``min_relative_change`` is a share of the baseline's value (0.05 is 5 percent).
    """

    threshold: float | None = None
    min_absolute_change: float | None = None
    min_relative_change: float | None = None
    greater_is_better: bool | None = None

    def __post_init__(self) -> None:
        if self.greater_is_better is None:
            raise BadInput("a MetricThreshold needs greater_is_better=True or False")
        for name in ("min_absolute_change", "min_relative_change"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise BadInput(f"{name} is {value!r}; it must be above zero")
        wanted = (self.threshold, self.min_absolute_change, self.min_relative_change)
        if all(value is None for value in wanted):
            raise BadInput("a MetricThreshold without a threshold or a change demands nothing")


def validate_evaluation_results(
    validation_thresholds: Mapping[str, MetricThreshold],
    candidate_result: EvaluationResult,
    baseline_result: EvaluationResult | None = None,
) -> None:
    """Return if the candidate meets every threshold. Raises: ValidationFailed, naming all it fails.

    Without a baseline, changes are not asked for. A metric that is missing or NaN fails.
    """
    failed: list[str] = []
    for name, wanted in validation_thresholds.items():
        value = candidate_result.metrics.get(name)
        if value is None or value != value:
            failed.append(
                f"{name} is {value!r}" if value is not None else f"{name} was not measured"
            )
            continue
        before = baseline_result.metrics.get(name) if baseline_result is not None else None
        failed += _failed(name, float(value), wanted, before)
        if baseline_result is not None and before is None and _asks_for_change(wanted):
            failed.append(f"{name} of the baseline was not measured")
    if failed:
        raise ValidationFailed("the model does not meet its thresholds: " + "; ".join(failed))


def _asks_for_change(wanted: MetricThreshold) -> bool:
    return wanted.min_absolute_change is not None or wanted.min_relative_change is not None


def _failed(name: str, value: float, wanted: MetricThreshold, before: float | None) -> list[str]:
    sign = 1 if wanted.greater_is_better else -1
    word = "below" if wanted.greater_is_better else "above"
    found = []
    if wanted.threshold is not None and sign * value < sign * wanted.threshold:
        found.append(f"{name} {value:g} is {word} {wanted.threshold:g}")
    if before is None:
        return found
    better = sign * (value - before)
    if wanted.min_absolute_change is not None and better < wanted.min_absolute_change:
        least = wanted.min_absolute_change
        found.append(f"{name} {value:g} is better than {before:g} by {better:g}, not by {least:g}")
    if wanted.min_relative_change is not None:
        share = better / abs(before) if before else float("inf") if better > 0 else 0.0
        if share < wanted.min_relative_change:
            least = wanted.min_relative_change
            found.append(
                f"{name} {value:g} is better than {before:g} by {share:.1%}, not {least:.1%}"
            )
    return found
