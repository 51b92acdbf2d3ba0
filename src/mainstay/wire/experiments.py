"""Messages about experiments."""

from __future__ import annotations

from mainstay.entities.experiments import Experiment, Lifecycle
from mainstay.entities.pages import Page, Search, ViewType
from mainstay.wire.base import Int64, Message, NewTag, Request, Tag, Text, mapping, pairs, written


class ExperimentMessage(Message, frozen=True, kw_only=True):
    """An experiment."""

    experiment_id: str
    name: str
    artifact_location: str = written("")
    lifecycle_stage: Lifecycle = written("active")
    last_update_time: int = written(0)
    creation_time: int = written(0)
    tags: list[Tag] = []

    @classmethod
    def of(cls, experiment: Experiment) -> ExperimentMessage:
        """Return the record's message."""
        return cls(
            experiment_id=experiment.experiment_id,
            name=experiment.name,
            artifact_location=experiment.artifact_location,
            lifecycle_stage=experiment.lifecycle_stage,
            creation_time=experiment.creation_time,
            last_update_time=experiment.last_update_time,
            tags=pairs(experiment.tags),
        )

    def entity(self) -> Experiment:
        """Return the record."""
        return Experiment(
            experiment_id=self.experiment_id,
            name=self.name,
            artifact_location=self.artifact_location,
            lifecycle_stage=self.lifecycle_stage,
            creation_time=self.creation_time,
            last_update_time=self.last_update_time,
            tags=mapping(self.tags),
        )


class CreateExperiment(Request, frozen=True, kw_only=True):
    """Create an experiment."""

    name: Text
    artifact_location: str | None = None
    tags: list[NewTag] = []


class ExperimentCreated(Message, frozen=True, kw_only=True):
    """The id of a new experiment."""

    experiment_id: str


class GetExperiment(Request, frozen=True, kw_only=True):
    """Ask for an experiment by id."""

    experiment_id: Text


class GetExperimentByName(Request, frozen=True, kw_only=True):
    """Ask for an experiment by name."""

    experiment_name: Text


class ExperimentAnswer(Message, frozen=True, kw_only=True):
    """One experiment."""

    experiment: ExperimentMessage


class SearchExperiments(Request, frozen=True, kw_only=True):
    """Search experiments."""

    max_results: Int64 = 0
    page_token: str | None = None
    filter: str | None = None
    order_by: list[str] = []
    view_type: ViewType | None = None

    @classmethod
    def of(cls, search: Search) -> SearchExperiments:
        """Return the search's message."""
        return cls(
            max_results=search.max_results,
            page_token=search.token,
            filter=search.filter or None,
            order_by=list(search.order_by),
            view_type=search.view,
        )

    def search(self) -> Search:
        """Return the search."""
        return Search(
            filter=self.filter or "",
            order_by=tuple(self.order_by),
            max_results=self.max_results,
            token=self.page_token or None,
            view=self.view_type or "ACTIVE_ONLY",
        )


class ExperimentsPage(Message, frozen=True, kw_only=True):
    """Some experiments."""

    experiments: list[ExperimentMessage] = []
    next_page_token: str | None = None

    @classmethod
    def of(cls, page: Page[Experiment]) -> ExperimentsPage:
        """Return the page's message."""
        return cls(
            experiments=[ExperimentMessage.of(item) for item in page.items],
            next_page_token=page.token,
        )

    def page(self) -> Page[Experiment]:
        """Return the page."""
        items = [message.entity() for message in self.experiments]
        return Page(items, self.next_page_token or None)


class ExperimentRef(Request, frozen=True, kw_only=True):
    """Names the experiment to delete or restore."""

    experiment_id: Text


class RenameExperiment(Request, frozen=True, kw_only=True):
    """Rename an experiment."""

    experiment_id: Text
    new_name: Text


class SetExperimentTag(Request, frozen=True, kw_only=True):
    """Set a tag of an experiment."""

    experiment_id: Text
    key: Text
    value: str = ""


class DeleteExperimentTag(Request, frozen=True, kw_only=True):
    """Take a tag off an experiment."""

    experiment_id: Text
    key: Text
