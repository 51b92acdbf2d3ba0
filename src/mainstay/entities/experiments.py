"""An experiment: a named group of runs."""

from __future__ import annotations

from typing import Literal

import msgspec

Lifecycle = Literal["active", "deleted"]


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment; ``experiment_id`` is an integer written as text."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: Lifecycle = "active"
    creation_time: int = 0
    last_update_time: int = 0
    tags: dict[str, str] = {}
