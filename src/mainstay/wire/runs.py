"""Messages about runs."""

from __future__ import annotations

import msgspec

from mainstay.entities.experiments import Lifecycle
from mainstay.entities.inputs import RunOutputs
from mainstay.entities.pages import Page, Search, ViewType
from mainstay.entities.runs import Pulse, Run, RunData, RunInfo, RunStatus
from mainstay.wire.base import (
    Answer,
    Int64,
    Message,
    NewTag,
    Number,
    Own,
    Request,
    RunRequest,
    Tag,
    Text,
    mapping,
    pairs,
    written,
)
from mainstay.wire.inputs import RunInputsMessage, RunOutputsMessage
from mainstay.wire.metrics import MetricMessage, NewMetric


class RunInfoMessage(Message, frozen=True, kw_only=True):
    """The head of a run, with its id under both names."""

    run_uuid: str = ""
    experiment_id: str
    run_name: str = written("")
    user_id: str = written("")
    status: RunStatus = written("RUNNING")
    start_time: int = written(0)
    end_time: int | None = None
    artifact_uri: str = written("")
    lifecycle_stage: Lifecycle = written("active")
    run_id: str = ""

    @classmethod
    def of(cls, info: RunInfo) -> RunInfoMessage:
        """Return the record's message."""
        return cls(
            run_uuid=info.run_id,
            experiment_id=info.experiment_id,
            run_name=info.run_name,
            user_id=info.user_id,
            status=info.status,
            start_time=info.start_time,
            end_time=info.end_time,
            artifact_uri=info.artifact_uri,
            lifecycle_stage=info.lifecycle_stage,
            run_id=info.run_id,
        )

    def entity(self) -> RunInfo:
        """Return the record."""
        return RunInfo(
            run_id=self.run_id or self.run_uuid,
            experiment_id=self.experiment_id,
            run_name=self.run_name,
            user_id=self.user_id,
            status=self.status,
            start_time=self.start_time,
            end_time=self.end_time,
            artifact_uri=self.artifact_uri,
            lifecycle_stage=self.lifecycle_stage,
        )


class RunDataMessage(Message, frozen=True, kw_only=True):
    """The latest metrics, the parameters and the tags of a run."""

    metrics: list[MetricMessage] = []
    params: list[Tag] = []
    tags: list[Tag] = []


class RunMessage(Message, frozen=True, kw_only=True):
    """A run. MLflow writes ``data`` and ``inputs`` even when they are empty.

    It leaves ``outputs`` out of the answer to runs/create.
    """

    info: RunInfoMessage
    data: RunDataMessage = written(RunDataMessage())
    inputs: RunInputsMessage = written(RunInputsMessage())
    outputs: RunOutputsMessage | None = None

    @classmethod
    def of(cls, run: Run) -> RunMessage:
        """Return the record's message."""
        return cls(
            info=RunInfoMessage.of(run.info),
            data=RunDataMessage(
                metrics=[MetricMessage.of(metric) for metric in run.data.latest],
                params=pairs(run.data.params),
                tags=pairs(run.data.tags),
            ),
            inputs=RunInputsMessage.of(run.inputs),
            outputs=RunOutputsMessage.of(run.outputs),
        )

    def entity(self) -> Run:
        """Return the record."""
        data = RunData(
            latest=[metric.entity() for metric in self.data.metrics],
            params=mapping(self.data.params),
            tags=mapping(self.data.tags),
        )
        return Run(
            info=self.info.entity(),
            data=data,
            inputs=self.inputs.entity(),
            outputs=self.outputs.entity() if self.outputs else RunOutputs(),
        )


class RunRest(Message, frozen=True, kw_only=True):
    """A run without its head, as it stands in a ``RunMessage``."""

    data: RunDataMessage
    inputs: RunInputsMessage
    outputs: RunOutputsMessage | None = None


def write_rest(run: Run) -> bytes:
    """Return the JSON of what follows the head of a run, up to its closing brace."""
    whole = RunMessage.of(run)
    rest = RunRest(data=whole.data, inputs=whole.inputs, outputs=whole.outputs)
    return b"," + msgspec.json.encode(rest)[1:]


def write_page(page: Page[tuple[RunInfo, bytes]]) -> bytes:
    """Return the JSON of a ``RunsPage``, put together from heads and ``write_rest``."""
    runs = b",".join(
        b'{"info":' + msgspec.json.encode(RunInfoMessage.of(info)) + rest
        for info, rest in page.items
    )
    parts = [b'"runs":[' + runs + b"]"] if page.items else []
    if page.token:
        parts.append(b'"next_page_token":' + msgspec.json.encode(page.token))
    return b"{" + b",".join(parts) + b"}"


class CreateRun(Request, frozen=True, kw_only=True):
    """Start a run. The id is ours: a client that minted one may ask twice."""

    experiment_id: str | None = None
    user_id: str = ""
    run_name: str | None = None
    start_time: Int64 | None = None
    tags: list[NewTag] = []
    run_id: str | None = None


class GetRun(RunRequest, frozen=True, kw_only=True):
    """Ask for a run."""


class RunRef(RunRequest, frozen=True, kw_only=True):
    """Names the run to delete or restore."""


class RunAnswer(Message, frozen=True, kw_only=True):
    """One run."""

    run: RunMessage


class UpdateRun(RunRequest, frozen=True, kw_only=True):
    """Change the head of a run."""

    status: RunStatus | None = None
    end_time: Int64 | None = None
    run_name: str | None = None


class RunInfoAnswer(Message, frozen=True, kw_only=True):
    """The head of one run."""

    run_info: RunInfoMessage


class SearchRuns(Request, frozen=True, kw_only=True):
    """Search runs."""

    experiment_ids: list[str] = []
    filter: str | None = None
    run_view_type: ViewType | None = None
    max_results: Int64 = 1000
    order_by: list[str] = []
    page_token: str | None = None

    @classmethod
    def of(cls, experiment_ids: list[str], search: Search) -> SearchRuns:
        """Return the search's message."""
        return cls(
            experiment_ids=experiment_ids,
            filter=search.filter or None,
            run_view_type=search.view,
            max_results=search.max_results,
            order_by=list(search.order_by),
            page_token=search.token,
        )

    def search(self) -> Search:
        """Return the search."""
        return Search(
            filter=self.filter or "",
            order_by=tuple(self.order_by),
            max_results=self.max_results,
            token=self.page_token or None,
            view=self.run_view_type or "ACTIVE_ONLY",
        )


class RunsPage(Message, frozen=True, kw_only=True):
    """Some runs."""

    runs: list[RunMessage] = []
    next_page_token: str | None = None

    @classmethod
    def of(cls, page: Page[Run]) -> RunsPage:
        """Return the page's message."""
        return cls(runs=[RunMessage.of(run) for run in page.items], next_page_token=page.token)

    def page(self) -> Page[Run]:
        """Return the page."""
        return Page([run.entity() for run in self.runs], self.next_page_token or None)


class LogMetric(RunRequest, frozen=True, kw_only=True):
    """Log one point."""

    key: Text
    value: Number
    timestamp: Int64
    step: Int64 = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None

    def metric(self) -> NewMetric:
        """Return the point alone."""
        return NewMetric(
            key=self.key,
            value=self.value,
            timestamp=self.timestamp,
            step=self.step,
            model_id=self.model_id,
            dataset_name=self.dataset_name,
            dataset_digest=self.dataset_digest,
        )


class LogParameter(RunRequest, frozen=True, kw_only=True):
    """Log one parameter."""

    key: Text
    value: str = ""


class SetRunTag(RunRequest, frozen=True, kw_only=True):
    """Set one tag."""

    key: Text
    value: str = ""


class DeleteRunTag(RunRequest, frozen=True, kw_only=True):
    """Take a tag off."""

    key: Text


class LogBatch(RunRequest, frozen=True, kw_only=True):
    """Log points, parameters and tags together."""

    metrics: list[NewMetric] = []
    params: list[NewTag] = []
    tags: list[NewTag] = []


class LogModel(RunRequest, frozen=True, kw_only=True):
    """Record a model of a run in the old way; ``model_json`` is its MLmodel as JSON."""

    model_json: Text


class GetPulses(Own, frozen=True, kw_only=True):
    """Ask when these runs were last heard of."""

    run_ids: list[str]


class Pulses(Answer, frozen=True, kw_only=True):
    """Those of the runs that ever sent a heartbeat."""

    pulses: list[Pulse]
