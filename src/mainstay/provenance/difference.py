"""How two versions differ: parameters, metrics, data, code, environment, and what would break."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from packaging.requirements import InvalidRequirement, Requirement

from mainstay.entities.provenance import Change, Difference
from mainstay.entities.registry import ModelVersion
from mainstay.entities.runs import Run
from mainstay.environments.requirements import normal
from mainstay.packaging.mlmodel import MLmodel
from mainstay.promotion.checks import schema
from mainstay.provenance.records import (
    Open,
    Packaged,
    Records,
    logged_of,
    packaged,
    run_of,
)
from mainstay.wire.base import Number, to_number

CODE = {
    "commit": ("mlflow.source.git.commit", "git_sha"),
    "branch": ("mlflow.source.git.branch",),
    "repository": ("mlflow.source.git.repoURL",),
    "source": ("mlflow.source.name",),
}
CONTEXT = "mlflow.data.context"


class _Side(msgspec.Struct, frozen=True):
    """One version with all that is known of it."""

    version: ModelVersion
    params: dict[str, str]
    metrics: dict[str, Number]
    data: dict[str, str]
    code: dict[str, str]
    files: Packaged

    def __str__(self) -> str:
        return f"{self.version.name} v{self.version.version}"


def compare(
    records: Records, open_files: Open, before: tuple[str, int], after: tuple[str, int]
) -> Difference:
    """Compare two versions, of one model or of two. Raises: NotFound."""
    first, second = _side(records, open_files, *before), _side(records, open_files, *after)
    digests = first.version.digest, second.version.digest
    both = first.files, second.files
    environment: Literal["lock", "requirements"]
    environment = "lock" if all(files.lock for files in both) else "requirements"
    listed = [
        packages(files.lock if environment == "lock" else files.requirements) for files in both
    ]
    for place, files in enumerate(both):
        if files.python:
            listed[place]["python"] = files.python
    breaks = _breaks(first.files.metadata, second.files.metadata)
    return Difference(
        before=str(first),
        after=str(second),
        same_files=None if None in digests else digests[0] == digests[1],
        params=changes(first.params, second.params),
        metrics=changes(first.metrics, second.metrics),
        data=changes(first.data, second.data),
        code=changes(first.code, second.code),
        packages=changes(listed[0], listed[1]),
        environment=environment,
        compatible=None if breaks is None else not breaks,
        breaks=breaks or [],
        notes=[f"{side}: {side.files.problem}" for side in (first, second) if side.files.problem],
    )


def changes(before: Mapping[str, Number], after: Mapping[str, Number]) -> list[Change]:
    """Return what differs between two mappings, by key.

    >>> [change.key for change in changes({"a": 1.0, "b": 2.0}, {"b": 2.0, "c": 3.0})]
    ['a', 'c']
    """
    keys = sorted({*before, *after})
    return [
        Change(key=key, before=before.get(key), after=after.get(key))
        for key in keys
        if before.get(key) != after.get(key)
    ]


def packages(lines: list[str]) -> dict[str, str]:
    """Return packages with what is asked of them, by their one spelling.

    >>> packages(["Scikit_Learn==1.9.1 --hash=sha256:00", "numpy>=2", "-c constraints.txt"])
    {'scikit-learn': '1.9.1', 'numpy': '>=2'}
    """
    found = {}
    for line in lines:
        try:
            parsed = Requirement(line.partition(" --hash")[0].partition(" #")[0])
        except InvalidRequirement:
            continue
        wanted = str(parsed.specifier)
        found[normal(parsed.name)] = wanted.removeprefix("==") if "," not in wanted else wanted
    return found


def signature_values(metadata: MLmodel | None) -> dict[str, Any] | None:
    """Return inputs and outputs as the check ``schema`` reads them; None without a signature."""
    signature = metadata.signature if metadata is not None else None
    if signature is None or signature.inputs is None:
        return None
    outputs = signature.outputs
    return {
        "inputs": signature.inputs.to_dict(),
        "outputs": outputs.to_dict() if outputs is not None else [],
    }


def code_of(run: Run) -> dict[str, str]:
    """Return what is known of a run's code."""
    tags = run.data.tags
    found = {key: next((tags[n] for n in names if n in tags), "") for key, names in CODE.items()}
    return {key: value for key, value in found.items() if value}


def _breaks(before: MLmodel | None, after: MLmodel | None) -> list[str] | None:
    first, second = signature_values(before), signature_values(after)
    if first is None or second is None:
        return None
    return schema.problems(second, first)


def _side(records: Records, open_files: Open, name: str, number: int) -> _Side:
    version = records.registry.get_model_version(name, number)
    model = logged_of(records, version)
    run = run_of(records, version, model)
    metrics = dict(run.data.metrics) if run is not None else {}
    if model is not None:
        metrics |= {metric.key: metric.value for metric in model.metrics}
    return _Side(
        version=version,
        params={**(run.data.params if run else {}), **(model.params if model else {})},
        metrics={key: to_number(value) for key, value in metrics.items()},
        data=_data(run),
        code=code_of(run) if run is not None else {},
        files=packaged(version, open_files),
    )


def _data(run: Run | None) -> dict[str, str]:
    if run is None:
        return {}
    return {
        f"{item.dataset.name} ({item.tags[CONTEXT]})"
        if CONTEXT in item.tags
        else item.dataset.name: item.dataset.digest
        for item in run.inputs.dataset_inputs
    }
