"""Records of the durable client log: what a run did, in the order it did it.

A segment is the log of one process (rank, fork); ``sequence`` counts its records from 1. The pair
``(segment, sequence)`` is a record's identity: applied once, however often it is sent.
"""

from __future__ import annotations

import msgspec

from mainstay.entities.inputs import DatasetInput, LoggedModelInput, LoggedModelOutput
from mainstay.entities.logged_models import LoggedModelStatus
from mainstay.entities.metrics import Metric
from mainstay.entities.runs import RunStatus


class CreateRun(msgspec.Struct, frozen=True, kw_only=True, tag="create_run", omit_defaults=True):
    """A run began. The experiment is named until its id is known; a missing one is created."""

    run_id: str
    experiment_id: str | None = None
    experiment_name: str | None = None
    run_name: str | None = None
    user_id: str = ""
    start_time: int = 0
    tags: dict[str, str] = {}


class LogBatch(msgspec.Struct, frozen=True, kw_only=True, tag="log_batch", omit_defaults=True):
    """Points, parameters and tags of one call. ``where`` is the caller's file and line.

    ``values`` are points too, all of one ``timestamp`` (ms) and ``step``: the short form that most
    calls have, a quarter of the bytes and of the work.
    """

    run_id: str
    metrics: list[Metric] = []
    values: dict[str, float] = {}
    timestamp: int = 0
    step: int = 0
    params: dict[str, str] = {}
    tags: dict[str, str] = {}
    where: str = ""

    @property
    def points(self) -> list[Metric]:
        """All points, in either form."""
        if not self.values:
            return self.metrics
        at, step = self.timestamp, self.step
        return [
            *self.metrics,
            *(Metric(key, value, at, step) for key, value in self.values.items()),
        ]


class DeleteTag(msgspec.Struct, frozen=True, kw_only=True, tag="delete_tag"):
    """A tag was taken off a run."""

    run_id: str
    key: str


class UpdateRun(msgspec.Struct, frozen=True, kw_only=True, tag="update_run", omit_defaults=True):
    """A run changed state or name."""

    run_id: str
    status: RunStatus | None = None
    end_time: int | None = None
    run_name: str | None = None


class LogInputs(msgspec.Struct, frozen=True, kw_only=True, tag="log_inputs", omit_defaults=True):
    """A run read data sets or models."""

    run_id: str
    datasets: list[DatasetInput] = []
    models: list[LoggedModelInput] = []


class LogOutputs(msgspec.Struct, frozen=True, kw_only=True, tag="log_outputs"):
    """A run made models."""

    run_id: str
    models: list[LoggedModelOutput]


class CreateLoggedModel(
    msgspec.Struct, frozen=True, kw_only=True, tag="create_logged_model", omit_defaults=True
):
    """A logged model began; its files follow as artifacts, then ``FinalizeLoggedModel``."""

    model_id: str
    name: str
    experiment_id: str | None = None
    experiment_name: str | None = None
    source_run_id: str | None = None
    model_type: str | None = None
    params: dict[str, str] = {}
    tags: dict[str, str] = {}


class FinalizeLoggedModel(msgspec.Struct, frozen=True, kw_only=True, tag="finalize_logged_model"):
    """All files of a logged model are there, or it failed."""

    model_id: str
    status: LoggedModelStatus


class CreateVersion(
    msgspec.Struct, frozen=True, kw_only=True, tag="create_version", omit_defaults=True
):
    """A version was registered; the model is created if it is not there."""

    name: str
    source: str
    run_id: str | None = None
    model_id: str | None = None
    tags: dict[str, str] = {}


class UploadArtifact(
    msgspec.Struct, frozen=True, kw_only=True, tag="upload_artifact", omit_defaults=True
):
    """A file waits beside the log. The sender uploads it; it never goes through ``apply``.

    ``blob`` names the copy in the spool folder. Exactly one of ``run_id`` and ``model_id`` is
    given; ``path`` is relative to that run's or model's root.
    """

    blob: str
    path: str
    run_id: str | None = None
    model_id: str | None = None
    size: int = 0
    sha256: str = ""


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, tag="heartbeat"):
    """The process is alive; the next beat comes within ``every`` seconds."""

    run_id: str
    at: int
    every: float


Operation = (
    CreateRun
    | LogBatch
    | DeleteTag
    | UpdateRun
    | LogInputs
    | LogOutputs
    | CreateLoggedModel
    | FinalizeLoggedModel
    | CreateVersion
    | UploadArtifact
    | Heartbeat
)


class Record(msgspec.Struct, frozen=True):
    """One operation with its place in the segment."""

    sequence: int
    operation: Operation


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """A record that cannot be applied, ever: a user's mistake, reported and passed over."""

    sequence: int
    error_code: str
    message: str
    where: str = ""


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """How far a segment has come, and what of these records was refused.

    ``roots`` are the artifact roots of the runs and logged models that these records created, by
    id, so that uploading their files asks for none.
    """

    segment: str
    sequence: int
    rejected: list[Rejection] = []
    roots: dict[str, str] = {}
