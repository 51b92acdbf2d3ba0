"""Finished child runs: what each candidate of a parameter search was told and reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mainstay.client import defaults
from mainstay.fluent.active import ActiveRun


def log_child(
    parent: ActiveRun,
    params: Mapping[str, Any],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
) -> None:
    """Log one finished run below another, which need not be active any more."""
    name = defaults.run_name()
    tracking = parent.owner.tracking
    child = tracking.create_run(
        parent.experiment[0] or (None if parent.experiment[1] else parent.info.experiment_id),
        experiment_name=parent.experiment[1],
        run_name=name,
        user_id=defaults.user(),
        start_time=defaults.now(),
        tags={**tags, "mlflow.parentRunId": parent.run_id, "mlflow.runName": name},
    ).info.run_id
    parent.owner.client.log_batch(child, metrics=dict(metrics), params=dict(params))
    tracking.update_run(child, status="FINISHED", end_time=defaults.now())
