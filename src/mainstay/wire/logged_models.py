"""Messages about logged models."""

from __future__ import annotations

from typing import Literal

from mainstay.entities.logged_models import LoggedModel, LoggedModelStatus
from mainstay.entities.pages import DatasetRef, Page, Search
from mainstay.errors import BadInput
from mainstay.wire.base import Int64, Message, NewTag, Request, Tag, Text, mapping, pairs, written
from mainstay.wire.metrics import MetricMessage

StatusName = Literal[
    "LOGGED_MODEL_STATUS_UNSPECIFIED",
    "LOGGED_MODEL_PENDING",
    "LOGGED_MODEL_READY",
    "LOGGED_MODEL_UPLOAD_FAILED",
]
TO_NAME: dict[LoggedModelStatus, StatusName] = {
    "PENDING": "LOGGED_MODEL_PENDING",
    "READY": "LOGGED_MODEL_READY",
    "FAILED": "LOGGED_MODEL_UPLOAD_FAILED",
}
FROM_NAME: dict[StatusName, LoggedModelStatus] = {name: kept for kept, name in TO_NAME.items()}


class LoggedModelInfo(Message, frozen=True, kw_only=True):
    """The head of a logged model."""

    model_id: str
    experiment_id: str
    name: str = written("")
    creation_timestamp_ms: int = written(0)
    last_updated_timestamp_ms: int = written(0)
    artifact_uri: str = written("")
    status: StatusName = written("LOGGED_MODEL_PENDING")
    model_type: str = written("")
    source_run_id: str = written("")
    status_message: str | None = None
    tags: list[Tag] = []


class LoggedModelData(Message, frozen=True, kw_only=True):
    """The parameters and metrics of a logged model."""

    params: list[Tag] = []
    metrics: list[MetricMessage] = []


class LoggedModelMessage(Message, frozen=True, kw_only=True):
    """A logged model."""

    info: LoggedModelInfo
    data: LoggedModelData = written(LoggedModelData())

    @classmethod
    def of(cls, model: LoggedModel) -> LoggedModelMessage:
        """Return the record's message."""
        info = LoggedModelInfo(
            model_id=model.model_id,
            experiment_id=model.experiment_id,
            name=model.name,
            creation_timestamp_ms=model.creation_timestamp,
            last_updated_timestamp_ms=model.last_updated_timestamp,
            artifact_uri=model.artifact_location,
            status=TO_NAME[model.status],
            model_type=model.model_type or "",
            source_run_id=model.source_run_id or "",
            status_message=model.status_message,
            tags=pairs(model.tags),
        )
        data = LoggedModelData(
            params=pairs(model.params),
            metrics=[MetricMessage.of(metric) for metric in model.metrics],
        )
        return cls(info=info, data=data)

    def entity(self) -> LoggedModel:
        """Return the record."""
        info = self.info
        return LoggedModel(
            model_id=info.model_id,
            experiment_id=info.experiment_id,
            name=info.name,
            artifact_location=info.artifact_uri,
            creation_timestamp=info.creation_timestamp_ms,
            last_updated_timestamp=info.last_updated_timestamp_ms,
            status=FROM_NAME.get(info.status, "PENDING"),
            status_message=info.status_message or None,
            model_type=info.model_type or None,
            source_run_id=info.source_run_id or None,
            params=mapping(self.data.params),
            tags=mapping(info.tags),
            metrics=[metric.entity() for metric in self.data.metrics],
        )


class LoggedModelAnswer(Message, frozen=True, kw_only=True):
    """One logged model."""

    model: LoggedModelMessage | None = None


class CreateLoggedModel(Request, frozen=True, kw_only=True):
    """Start a logged model. The id is ours: a client that minted one may ask twice."""

    experiment_id: Text
    name: str | None = None
    model_type: str | None = None
    source_run_id: str | None = None
    params: list[NewTag] = []
    tags: list[NewTag] = []
    model_id: str | None = None


class LoggedModelRef(Request, frozen=True, kw_only=True):
    """Names a logged model."""

    model_id: Text


class FinalizeLoggedModel(Request, frozen=True, kw_only=True):
    """Say that the files are there, or that it failed."""

    model_id: Text
    status: StatusName

    def outcome(self) -> LoggedModelStatus:
        """Return the status. Raises: BadInput if it is UNSPECIFIED."""
        if self.status not in FROM_NAME:
            raise BadInput(
                f"Invalid value {self.status} for parameter 'status' supplied: write one of "
                f"{', '.join(FROM_NAME)}"
            )
        return FROM_NAME[self.status]


class OrderBy(Request, frozen=True, kw_only=True):
    """One term of an order."""

    field_name: Text
    ascending: bool = True
    dataset_name: str | None = None
    dataset_digest: str | None = None


class DatasetFilter(Request, frozen=True, kw_only=True):
    """A data set that metrics in a filter or order are about."""

    dataset_name: Text
    dataset_digest: str | None = None


class SearchLoggedModels(Request, frozen=True, kw_only=True):
    """Search logged models."""

    experiment_ids: list[str]
    filter: str | None = None
    datasets: list[DatasetFilter] = []
    max_results: Int64 = 50
    order_by: list[OrderBy] = []
    page_token: str | None = None

    @classmethod
    def of(cls, experiment_ids: list[str], search: Search) -> SearchLoggedModels:
        """Return the search's message."""
        return cls(
            experiment_ids=experiment_ids,
            filter=search.filter or None,
            max_results=search.max_results,
            datasets=[
                DatasetFilter(dataset_name=one.name, dataset_digest=one.digest)
                for one in search.datasets
            ],
            order_by=[_term(text, search.order_dataset) for text in search.order_by],
            page_token=search.token,
        )

    def search(self) -> Search:
        """Return the search. Raises: BadInput for metrics of two data sets in one order."""
        about = {
            DatasetRef(term.dataset_name, term.dataset_digest or None)
            for term in self.order_by
            if term.dataset_name
        }
        if len(about) > 1:
            raise BadInput("order_by: metrics of one data set only can be sorted by at a time")
        return Search(
            filter=self.filter or "",
            order_by=tuple(
                f"{term.field_name} {'ASC' if term.ascending else 'DESC'}" for term in self.order_by
            ),
            max_results=self.max_results,
            token=self.page_token or None,
            datasets=tuple(
                DatasetRef(one.dataset_name, one.dataset_digest or None) for one in self.datasets
            ),
            order_dataset=about.pop() if about else None,
        )


class LoggedModelsPage(Message, frozen=True, kw_only=True):
    """Some logged models."""

    models: list[LoggedModelMessage] = []
    next_page_token: str | None = None

    @classmethod
    def of(cls, page: Page[LoggedModel]) -> LoggedModelsPage:
        """Return the page's message."""
        return cls(
            models=[LoggedModelMessage.of(model) for model in page.items],
            next_page_token=page.token,
        )

    def page(self) -> Page[LoggedModel]:
        """Return the page."""
        return Page([model.entity() for model in self.models], self.next_page_token or None)


class SetLoggedModelTags(Request, frozen=True, kw_only=True):
    """Set tags of a logged model."""

    model_id: Text
    tags: list[NewTag] = []


class LoggedModelTagRef(Request, frozen=True, kw_only=True):
    """Names a tag of a logged model."""

    model_id: Text
    tag_key: Text


class LogLoggedModelParams(Request, frozen=True, kw_only=True):
    """Add parameters to a logged model."""

    model_id: Text
    params: list[NewTag] = []


def _term(text: str, dataset: DatasetRef | None = None) -> OrderBy:
    """Read ``field [ASC|DESC]``; metrics are sorted by what they say about the data set."""
    field, _, direction = text.strip().rpartition(" ")
    worded = bool(field) and direction.upper() in ("ASC", "DESC")
    name = field.strip() if worded else text.strip()
    about = dataset if name.startswith("metrics.") else None
    return OrderBy(
        field_name=name,
        ascending=not worded or direction.upper() == "ASC",
        dataset_name=about.name if about else None,
        dataset_digest=about.digest if about else None,
    )
