"""A logged model: the files of one model, before or without registration."""

from __future__ import annotations

from typing import Literal

import msgspec

from mainstay.entities.metrics import Metric

LoggedModelStatus = Literal["PENDING", "READY", "FAILED"]


class LoggedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A logged model; ``model_id`` is ``m-`` and 32 hex digits, minted by the client."""

    model_id: str
    experiment_id: str
    name: str
    artifact_location: str
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    status: LoggedModelStatus = "PENDING"
    status_message: str | None = None
    model_type: str | None = None
    source_run_id: str | None = None
    params: dict[str, str] = {}
    tags: dict[str, str] = {}
    metrics: list[Metric] = []

    @property
    def model_uri(self) -> str:
        """The address that loads this model."""
        return f"models:/{self.model_id}"
