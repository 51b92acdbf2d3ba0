"""A tracking store that passes every call on: what a wrapper starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mainstay.entities.accounts import ANONYMOUS, Principal, Recorder
from mainstay.entities.experiments import Experiment
from mainstay.entities.inputs import DatasetInput, LoggedModelInput, LoggedModelOutput
from mainstay.entities.logged_models import LoggedModel, LoggedModelStatus
from mainstay.entities.metrics import KeyKind, Metric, MetricSummary, Series
from mainstay.entities.pages import Page, Search
from mainstay.entities.runs import Pulse, Run, RunInfo, RunStatus
from mainstay.entities.spool import Applied, Record
from mainstay.stores.base.tracking import TrackingStore


class PassingTracking:
    """A tracking store that leaves everything to another one."""

    def __init__(self, tracking: TrackingStore) -> None:
        self._tracking = tracking

    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] = {}
    ) -> Experiment:
        """Create an experiment."""
        return self._tracking.create_experiment(
            name, artifact_location=artifact_location, tags=tags
        )

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return it, deleted or not."""
        return self._tracking.get_experiment(experiment_id)

    def get_experiment_by_name(self, name: str) -> Experiment:
        """Return it, deleted or not."""
        return self._tracking.get_experiment_by_name(name)

    def search_experiments(self, search: Search) -> Page[Experiment]:
        """Search; default order is newest first."""
        return self._tracking.search_experiments(search)

    def rename_experiment(self, experiment_id: str, name: str) -> None:
        """Rename an active one."""
        self._tracking.rename_experiment(experiment_id, name)

    def delete_experiment(self, experiment_id: str) -> None:
        """Mark it and its active runs deleted."""
        self._tracking.delete_experiment(experiment_id)

    def restore_experiment(self, experiment_id: str) -> None:
        """Bring it back with the runs that its deletion deleted only."""
        self._tracking.restore_experiment(experiment_id)

    def set_experiment_tag(self, experiment_id: str, key: str, value: str) -> None:
        """Set a tag of an active experiment."""
        self._tracking.set_experiment_tag(experiment_id, key, value)

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Take a tag off."""
        self._tracking.delete_experiment_tag(experiment_id, key)

    def create_run(
        self,
        experiment_id: str,
        *,
        run_id: str | None = None,
        run_name: str | None = None,
        user_id: str = "",
        start_time: int | None = None,
        tags: Mapping[str, str] = {},
        by: Principal = ANONYMOUS,
    ) -> Run:
        """Start a run. With a client-minted ``run_id`` a second call returns the same run."""
        return self._tracking.create_run(
            experiment_id,
            run_id=run_id,
            run_name=run_name,
            user_id=user_id,
            start_time=start_time,
            tags=tags,
            by=by,
        )

    def get_run(self, run_id: str) -> Run:
        """Return the run, deleted or not."""
        return self._tracking.get_run(run_id)

    def get_run_recorder(self, run_id: str) -> Recorder:
        """Return who recorded a run."""
        return self._tracking.get_run_recorder(run_id)

    def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> RunInfo:
        """Change an active run's head."""
        return self._tracking.update_run(
            run_id, status=status, end_time=end_time, run_name=run_name
        )

    def delete_run(self, run_id: str) -> None:
        """Mark it deleted; again is fine."""
        self._tracking.delete_run(run_id)

    def restore_run(self, run_id: str) -> None:
        """Bring it back."""
        self._tracking.restore_run(run_id)

    def search_runs(self, experiment_ids: Sequence[str], search: Search) -> Page[Run]:
        """Search runs; default order is start_time desc, run_id."""
        return self._tracking.search_runs(experiment_ids, search)

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, str] = {},
        tags: Mapping[str, str] = {},
    ) -> None:
        """Log all of it or nothing."""
        self._tracking.log_batch(run_id, metrics=metrics, params=params, tags=tags)

    def delete_tag(self, run_id: str, key: str) -> None:
        """Take a tag off."""
        self._tracking.delete_tag(run_id, key)

    def log_inputs(
        self,
        run_id: str,
        *,
        datasets: Sequence[DatasetInput] = (),
        models: Sequence[LoggedModelInput] = (),
    ) -> None:
        """Record what a run read; the same again is a no-op."""
        self._tracking.log_inputs(run_id, datasets=datasets, models=models)

    def log_outputs(self, run_id: str, models: Sequence[LoggedModelOutput]) -> None:
        """Record what a run made."""
        self._tracking.log_outputs(run_id, models)

    def get_metric_history(
        self, run_id: str, key: str, *, max_results: int = 25_000, token: str | None = None
    ) -> Page[Metric]:
        """Return points ordered by (timestamp, step, value). Unknown keys give an empty page."""
        return self._tracking.get_metric_history(run_id, key, max_results=max_results, token=token)

    def pulses(self, run_ids: Sequence[str]) -> dict[str, Pulse]:
        """Return the last heartbeat of those of these runs that ever sent one, by run id."""
        return self._tracking.pulses(run_ids)

    def summarize_metrics(
        self, run_ids: Sequence[str], *, prefix: str = "", limit: int = 1000
    ) -> dict[str, list[MetricSummary]]:
        """Return what is kept of each series, by run id, keys sorted; reads no history."""
        return self._tracking.summarize_metrics(run_ids, prefix=prefix, limit=limit)

    def logged_keys(
        self, experiment_ids: Sequence[str], kind: KeyKind, *, prefix: str = "", limit: int = 1000
    ) -> list[str]:
        """Return the first keys in order that were ever logged in these experiments.

        Only those that begin with ``prefix``; deleted runs count too, unknown experiments hold
        none. Raises: BadInput (``limit`` is not from 1 to 10,000).
        """
        return self._tracking.logged_keys(experiment_ids, kind, prefix=prefix, limit=limit)

    def get_series(
        self,
        run_ids: Sequence[str],
        key: str,
        *,
        points: int = 1000,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> list[Series]:
        """Return at most about ``points`` buckets a run, keeping low, high and last of each."""
        return self._tracking.get_series(
            run_ids, key, points=points, start_step=start_step, end_step=end_step
        )

    def create_logged_model(
        self,
        experiment_id: str,
        *,
        name: str | None = None,
        model_id: str | None = None,
        model_type: str | None = None,
        source_run_id: str | None = None,
        params: Mapping[str, str] = {},
        tags: Mapping[str, str] = {},
        by: Principal = ANONYMOUS,
    ) -> LoggedModel:
        """Start a logged model; idempotent with a client-minted id."""
        return self._tracking.create_logged_model(
            experiment_id,
            name=name,
            model_id=model_id,
            model_type=model_type,
            source_run_id=source_run_id,
            params=params,
            tags=tags,
            by=by,
        )

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """Return it."""
        return self._tracking.get_logged_model(model_id)

    def get_logged_model_recorder(self, model_id: str) -> Recorder:
        """Return who recorded a logged model."""
        return self._tracking.get_logged_model_recorder(model_id)

    def finalize_logged_model(self, model_id: str, status: LoggedModelStatus) -> LoggedModel:
        """Say that its files are there, or that it failed."""
        return self._tracking.finalize_logged_model(model_id, status)

    def delete_logged_model(self, model_id: str) -> None:
        """Mark it deleted."""
        self._tracking.delete_logged_model(model_id)

    def search_logged_models(
        self, experiment_ids: Sequence[str], search: Search
    ) -> Page[LoggedModel]:
        """Search; default order is newest first."""
        return self._tracking.search_logged_models(experiment_ids, search)

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, str]) -> LoggedModel:
        """Set tags."""
        return self._tracking.set_logged_model_tags(model_id, tags)

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Take a tag off."""
        self._tracking.delete_logged_model_tag(model_id, key)

    def log_logged_model_params(self, model_id: str, params: Mapping[str, str]) -> None:
        """Add parameters."""
        self._tracking.log_logged_model_params(model_id, params)

    def apply(
        self, segment: str, records: Sequence[Record], *, by: Principal = ANONYMOUS
    ) -> Applied:
        """Apply spooled records in order, in one transaction, each once."""
        return self._tracking.apply(segment, records, by=by)

    def applied(self, segment: str) -> int:
        """Return the last applied sequence of a segment; 0 for an unknown one."""
        return self._tracking.applied(segment)
