"""Run a recorded run again and say whether its metrics came out the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fnmatch import fnmatchcase

import msgspec

from mainstay.client import Client
from mainstay.entities.runs import Run
from mainstay.errors import BadInput
from mainstay.projects import launch

TIMINGS = ("*latency*", "*seconds*", "*_ms", "system/*")
"""Metrics that differ between two runs of the same code by their nature."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A metric of both runs; None where a run lacks it."""

    metric: str
    before: float | None
    after: float | None
    equal: bool


class Reproduction(msgspec.Struct, frozen=True, kw_only=True):
    """The two runs and how their metrics compare."""

    run_id: str
    again: str
    metrics: list[Difference]

    @property
    def equal(self) -> bool:
        """Whether every compared metric is the same."""
        return all(metric.equal for metric in self.metrics)


def reproduce(
    run_id: str,
    *,
    uri: str | None = None,
    entry_point: str | None = None,
    parameters: Mapping[str, object] | None = None,
    tolerance: float = 0.0,
    ignore: tuple[str, ...] = TIMINGS,
    env_manager: str = "local",
    client: Client | None = None,
) -> Reproduction:
    """Run the project of ``run_id`` again, at its commit and with its parameters, and compare.

    A run that was not started as a project names none; ``uri`` and ``entry_point`` then say what to
    run. ``tolerance`` is relative; ``ignore`` are patterns of metrics that may differ.

    Raises:
        BadInput: the run names no project and none is given.
        ProjectFailed: the command failed.
    """
    client = client or Client()
    before = client.get_run(run_id)
    submitted = launch.run(
        uri or _project_of(before),
        entry_point or before.data.tags.get(launch.ENTRY_POINT, "main"),
        None if uri else _version_of(before),
        parameters=before.data.params if parameters is None else parameters,
        experiment_id=before.info.experiment_id,
        run_name=f"{before.info.run_name}-again",
        env_manager=env_manager,
        client=client,
    )
    client.set_tag(submitted.run_id, "mainstay.reproduces", run_id)
    after = client.get_run(submitted.run_id)
    metrics = compare(before.data.metrics, after.data.metrics, tolerance=tolerance, ignore=ignore)
    return Reproduction(run_id=run_id, again=submitted.run_id, metrics=metrics)


def compare(
    before: Mapping[str, float],
    after: Mapping[str, float],
    *,
    tolerance: float = 0.0,
    ignore: tuple[str, ...] = TIMINGS,
) -> list[Difference]:
    """Compare two sets of metrics, by name; NaN equals NaN.

    >>> [d.equal for d in compare({"auc": 0.9, "latency_ms": 3.0}, {"auc": 0.9, "latency_ms": 4.0})]
    [True]
    """
    names = [
        name
        for name in sorted({*before, *after})
        if not any(fnmatchcase(name, pattern) for pattern in ignore)
    ]
    return [_difference(name, before.get(name), after.get(name), tolerance) for name in names]


def _difference(
    name: str, before: float | None, after: float | None, tolerance: float
) -> Difference:
    if before is None or after is None:
        equal = False
    elif math.isnan(before) or math.isnan(after):
        equal = math.isnan(before) and math.isnan(after)
    else:
        equal = before == after or abs(before - after) <= tolerance * abs(before)
    return Difference(metric=name, before=before, after=after, equal=equal)


def _project_of(run: Run) -> str:
    found = run.data.tags.get(launch.PROJECT_URI)
    if not found:
        raise BadInput(
            f"run {run.info.run_id} was not started as a project; "
            "say which project to run with --project FOLDER_OR_ADDRESS"
        )
    return found


def _version_of(run: Run) -> str | None:
    # A project in a plain folder is run where it lies: its commit may not hold local changes.
    uri = run.data.tags.get(launch.PROJECT_URI, "")
    return run.data.tags.get("mlflow.source.git.commit") if "://" in uri else None
