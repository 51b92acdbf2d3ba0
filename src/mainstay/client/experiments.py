"""The client's calls on experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.client.base import ClientBase
from mainstay.client.defaults import PagedList, view
from mainstay.entities.experiments import Experiment
from mainstay.entities.pages import Search
from mainstay.errors import NotFound


class ExperimentCalls(ClientBase):
    """Experiments: create, find, rename, tag, delete, restore."""

    def create_experiment(
        self,
        name: str,
        artifact_location: str | None = None,
        tags: Mapping[str, Any] | None = None,
    ) -> str:
        """Create an experiment and return its id. Raises: AlreadyExists, BadInput."""
        texts = {key: str(value) for key, value in (tags or {}).items()}
        made = self.tracking.create_experiment(
            name, artifact_location=artifact_location, tags=texts
        )
        return made.experiment_id

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return it, deleted or not. Raises: NotFound."""
        return self.tracking.get_experiment(str(experiment_id))

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """Return it, deleted or not; None if there is none of that name."""
        try:
            return self.tracking.get_experiment_by_name(name)
        except NotFound:
            return None

    def search_experiments(
        self,
        view_type: int | str = "ACTIVE_ONLY",
        max_results: int | None = 1000,
        filter_string: str | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Experiment]:
        """Search; default order is newest first. Raises: BadInput."""
        return PagedList(
            self.tracking.search_experiments(
                Search(
                    filter=filter_string or "",
                    order_by=tuple(order_by or ()),
                    max_results=1000 if max_results is None else max_results,
                    token=page_token,
                    view=view(view_type),
                )
            )
        )

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Rename it. Raises: NotFound, AlreadyExists, InvalidState."""
        self.tracking.rename_experiment(str(experiment_id), new_name)

    def delete_experiment(self, experiment_id: str) -> None:
        """Mark it and its runs deleted. Raises: NotFound."""
        self.tracking.delete_experiment(str(experiment_id))

    def restore_experiment(self, experiment_id: str) -> None:
        """Bring it back. Raises: NotFound."""
        self.tracking.restore_experiment(str(experiment_id))

    def set_experiment_tag(self, experiment_id: str, key: str, value: Any) -> None:
        """Set a tag. Raises: NotFound, InvalidState, BadInput."""
        self.tracking.set_experiment_tag(str(experiment_id), key, str(value))

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Take a tag off. Raises: NotFound, InvalidState."""
        self.tracking.delete_experiment_tag(str(experiment_id), key)
