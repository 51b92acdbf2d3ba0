"""The check ``schema``: whoever calls the champion can call the candidate unchanged."""

from __future__ import annotations

from typing import Any, ClassVar

from mainstay.entities.release import CheckResult
from mainstay.promotion.checks.base import Parameters, Subject
from mainstay.promotion.checks.relative import NO_CHAMPION, pair

# What may take the place of a type without losing a value: MLflow's own widening rules.
WIDER: dict[str, frozenset[str]] = {
    "integer": frozenset({"long", "double"}),
    "float": frozenset({"double"}),
}


class Schema(Parameters, frozen=True, kw_only=True):
    """Signatures fit: no new required input, input types only widen, outputs stay the same.

    Schema evidence holds ``inputs`` and ``outputs``: lists of ``{name, type, required}``; an
    input or output without a name (a tensor) is known by its place. Without a champion the check
    demands only that there is a signature.
    """

    kind: ClassVar[str] = "schema"
    evidence: str = "schema"

    def run(self, evidence: Subject, baseline: Subject | None) -> CheckResult:
        """Compare both signatures."""
        found = evidence.find(self.evidence)
        if found is None:
            return self.result("inconclusive", evidence.lacks(self.evidence))
        if not columns(found.values, "inputs"):
            return self.result("fail", f"{evidence} has no signature; log it with its signature")
        if baseline is None:
            return self.result("pass", NO_CHAMPION)
        both = pair(evidence, baseline, self.evidence, same_data=False)
        if both.problem:
            return self.result("inconclusive", both.problem)
        found_wrong = problems(both.candidate, both.champion)
        if found_wrong:
            return self.result("fail", "; ".join(found_wrong))
        return self.result("pass", f"takes and gives what champion v{baseline.version} does")


def problems(candidate: dict[str, Any], champion: dict[str, Any]) -> list[str]:
    """Return what would break a caller of the champion; both are schema evidence's values."""
    return [*_inputs(candidate, champion), *_outputs(candidate, champion)]


def columns(values: dict[str, Any], side: str) -> dict[str, dict[str, Any]]:
    """Return the columns of one side by name, or by place where they have none."""
    listed = values.get(side)
    if not isinstance(listed, (list, tuple)):
        return {}
    return {
        str(column.get("name") or place): column
        for place, column in enumerate(listed)
        if isinstance(column, dict)
    }


def _inputs(candidate: dict[str, Any], champion: dict[str, Any]) -> list[str]:
    known, problems = columns(champion, "inputs"), []
    for name, column in columns(candidate, "inputs").items():
        before = known.get(name)
        if before is None:
            if column.get("required", True):
                problems.append(f"input {name!r} is new and required")
        elif not _takes(column, before):
            problems.append(f"input {name!r} was {before.get('type')} and is {column.get('type')}")
        elif column.get("required", True) and not before.get("required", True):
            problems.append(f"input {name!r} was optional and is required")
    return problems


def _outputs(candidate: dict[str, Any], champion: dict[str, Any]) -> list[str]:
    before, after = columns(champion, "outputs"), columns(candidate, "outputs")
    gone = [f"output {name!r} is gone" for name in before.keys() - after.keys()]
    new = [f"output {name!r} is new" for name in after.keys() - before.keys()]
    changed = [
        f"output {name!r} was {before[name].get('type')} and is {after[name].get('type')}"
        for name in before.keys() & after.keys()
        if _kind(before[name]) != _kind(after[name])
    ]
    return sorted([*gone, *new, *changed])


def _takes(column: dict[str, Any], before: dict[str, Any]) -> bool:
    if _kind(column) == _kind(before):
        return True
    wider = WIDER.get(str(before.get("type")), frozenset())
    return str(column.get("type")) in wider


def _kind(column: dict[str, Any]) -> dict[str, Any]:
    """Everything of a column that a caller can notice."""
    return {key: value for key, value in column.items() if key not in ("name", "required")}
