"""A run: what was tried, with which parameters, and what came out."""

from __future__ import annotations

from typing import Literal

import msgspec

from mainstay.entities.experiments import Lifecycle
from mainstay.entities.inputs import LoggedModelInput, LoggedModelOutput, RunInputs, RunOutputs
from mainstay.entities.metrics import Metric, MetricSummary

RunStatus = Literal["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
BEATS_MISSED = 3
"""Heartbeats in a row that may fail to come before a run is called lost."""

TERMINAL: frozenset[RunStatus] = frozenset({"FINISHED", "FAILED", "KILLED"})


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a run; ``run_id`` is 32 hex digits, minted by the client."""

    run_id: str
    experiment_id: str
    run_name: str
    user_id: str = ""
    status: RunStatus = "RUNNING"
    start_time: int = 0
    end_time: int | None = None
    artifact_uri: str = ""
    lifecycle_stage: Lifecycle = "active"

    @property
    def run_uuid(self) -> str:
        """The id under its old MLflow name."""
        return self.run_id


class RunData(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters, tags and the latest point of each metric."""

    latest: list[Metric] = []
    params: dict[str, str] = {}
    tags: dict[str, str] = {}

    @property
    def metrics(self) -> dict[str, float]:
        """The latest value of each metric, by key."""
        return {metric.key: metric.value for metric in self.latest}


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run as a reader sees it."""

    info: RunInfo
    data: RunData = RunData()
    inputs: RunInputs = RunInputs()
    outputs: RunOutputs = RunOutputs()


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """When a run's process was last heard of, and when it would be heard of again.

    ``at`` is by the server's clock, in ms; ``every`` is in seconds. ``lost`` is a run that says it
    is running, but whose process has been silent for ``BEATS_MISSED`` beats: killed, or cut off.
    """

    run_id: str
    at: int
    every: float
    lost: bool


__all__ = [
    "BEATS_MISSED",
    "TERMINAL",
    "LoggedModelInput",
    "LoggedModelOutput",
    "MetricSummary",
    "Pulse",
    "Run",
    "RunData",
    "RunInfo",
    "RunStatus",
]
