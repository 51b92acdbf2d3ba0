"""The client's calls on runs: create, log, end, read, search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mainstay.client import defaults
from mainstay.client.base import ClientBase
from mainstay.entities.inputs import DatasetInput, LoggedModelInput, LoggedModelOutput
from mainstay.entities.metrics import Metric
from mainstay.entities.pages import Search
from mainstay.entities.runs import Pulse, Run, RunStatus
from mainstay.errors import BadInput, NotImplementedHere

HISTORY_PAGE = 25_000
STATUSES: tuple[RunStatus, ...] = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")


class RunCalls(ClientBase):
    """Runs. ``synchronous`` is accepted as in MLflow; these calls always return when done."""

    def create_run(
        self,
        experiment_id: str,
        start_time: int | None = None,
        tags: Mapping[str, Any] | None = None,
        run_name: str | None = None,
        *,
        run_id: str | None = None,
    ) -> Run:
        """Start a run. Raises: NotFound, InvalidState, BadInput."""
        labels = defaults.texts(tags)
        name = run_name or labels.get("mlflow.runName") or defaults.run_name()
        return self.tracking.create_run(
            str(experiment_id),
            run_id=run_id,
            run_name=name,
            user_id=labels.get("mlflow.user", defaults.user()),
            start_time=defaults.now() if start_time is None else start_time,
            tags={**labels, "mlflow.runName": name},
        )

    def get_run(self, run_id: str) -> Run:
        """Return the run, deleted or not. Raises: NotFound."""
        return self.tracking.get_run(run_id)

    def get_parent_run(self, run_id: str) -> Run | None:
        """Return the run above this one, None for a top run. Raises: NotFound."""
        parent = self.get_run(run_id).data.tags.get("mlflow.parentRunId")
        return self.get_run(parent) if parent else None

    def update_run(self, run_id: str, status: str | None = None, name: str | None = None) -> None:
        """Change state or name. Raises: NotFound, InvalidState, BadInput."""
        self.tracking.update_run(
            run_id, status=None if status is None else run_status(status), run_name=name
        )

    def set_terminated(
        self, run_id: str, status: str | None = None, end_time: int | None = None
    ) -> None:
        """End a run: FINISHED unless told otherwise, now unless told otherwise."""
        self.tracking.update_run(
            run_id,
            status=run_status(status or "FINISHED"),
            end_time=defaults.now() if end_time is None else end_time,
        )

    def delete_run(self, run_id: str) -> None:
        """Mark it deleted. Raises: NotFound."""
        self.tracking.delete_run(run_id)

    def restore_run(self, run_id: str) -> None:
        """Bring it back. Raises: NotFound."""
        self.tracking.restore_run(run_id)

    def log_metric(
        self,
        run_id: str,
        key: str,
        value: float,
        timestamp: int | None = None,
        step: int | None = None,
        synchronous: bool | None = None,
        dataset_name: str | None = None,
        dataset_digest: str | None = None,
        model_id: str | None = None,
    ) -> None:
        """Log one point. Raises: NotFound, InvalidState, BadInput."""
        point = Metric(
            key,
            defaults.number(key, value),
            defaults.now() if timestamp is None else int(timestamp),
            0 if step is None else int(step),
            model_id,
            dataset_name,
            dataset_digest,
        )
        self.tracking.log_batch(run_id, metrics=[point])

    def log_param(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> Any:
        """Log a parameter and return its value. Raises: BadInput if it would change."""
        self.tracking.log_batch(run_id, params={key: str(value)})
        return value

    def set_tag(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> None:
        """Set a tag. Raises: NotFound, InvalidState, BadInput."""
        self.tracking.log_batch(run_id, tags={key: str(value)})

    def delete_tag(self, run_id: str, key: str) -> None:
        """Take a tag off. Raises: NotFound, InvalidState."""
        self.tracking.delete_tag(run_id, key)

    def log_batch(
        self,
        run_id: str,
        metrics: Mapping[str, Any] | Iterable[Metric] = (),
        params: Any = (),
        tags: Any = (),
        synchronous: bool | None = None,
        *,
        timestamp: int | None = None,
        step: int | None = None,
    ) -> None:
        """Log points, parameters and tags, in as many calls as the limits ask for."""
        points = defaults.points(metrics, timestamp=timestamp, step=step)
        parts = defaults.batches(points, defaults.texts(params), defaults.texts(tags))
        for some_metrics, some_params, some_tags in parts:
            self.tracking.log_batch(
                run_id, metrics=some_metrics, params=some_params, tags=some_tags
            )

    def log_inputs(
        self,
        run_id: str,
        datasets: Sequence[DatasetInput] | None = None,
        models: Sequence[LoggedModelInput] | None = None,
    ) -> None:
        """Record what a run read. Raises: NotFound, InvalidState."""
        self.tracking.log_inputs(run_id, datasets=datasets or (), models=models or ())

    def log_outputs(self, run_id: str, models: Sequence[LoggedModelOutput]) -> None:
        """Record what a run made. Raises: NotFound, InvalidState."""
        self.tracking.log_outputs(run_id, models)

    def get_pulses(self, run_ids: Sequence[str]) -> dict[str, Pulse]:
        """Return when runs were last heard of and whether they are lost, by run id.

        Only runs that ever sent a heartbeat are in it; on a stock MLflow server none are.
        """
        try:
            return self.tracking.pulses(run_ids)
        except NotImplementedHere:
            return {}

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        """Return every point of a series, ordered by time, step and value."""
        found: list[Metric] = []
        token: str | None = None
        while True:
            page = self.tracking.get_metric_history(
                run_id, key, max_results=HISTORY_PAGE, token=token
            )
            found += page.items
            token = page.token
            if token is None:
                return found

    def search_runs(
        self,
        experiment_ids: Sequence[str],
        filter_string: str = "",
        run_view_type: int | str = "ACTIVE_ONLY",
        max_results: int = 1000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> defaults.PagedList[Run]:
        """Search runs of some experiments. Raises: BadInput."""
        ids = [experiment_ids] if isinstance(experiment_ids, (str, int)) else experiment_ids
        search = Search(
            filter=filter_string or "",
            order_by=tuple(order_by or ()),
            max_results=max_results,
            token=page_token,
            view=defaults.view(run_view_type),
        )
        return defaults.PagedList(self.tracking.search_runs([str(i) for i in ids], search))


def run_status(given: str) -> RunStatus:
    """Read a run's status. Raises: BadInput."""
    for known in STATUSES:
        if given == known:
            return known
    raise BadInput(f"{given!r} is not a run status; use one of {', '.join(STATUSES)}")
