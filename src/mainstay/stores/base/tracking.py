"""The tracking contract: experiments, runs, metrics, inputs, logged models, and segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from mainstay.entities.accounts import ANONYMOUS, Principal, Recorder
from mainstay.entities.experiments import Experiment
from mainstay.entities.inputs import DatasetInput, LoggedModelInput, LoggedModelOutput
from mainstay.entities.logged_models import LoggedModel, LoggedModelStatus
from mainstay.entities.metrics import KeyKind, Metric, MetricSummary, Series
from mainstay.entities.pages import Page, Search
from mainstay.entities.runs import Pulse, Run, RunInfo, RunStatus
from mainstay.entities.spool import Applied, Record


class TrackingStore(Protocol):
    """Keeps what was tried. Limits, names and quirks are those of MLflow's REST contract."""

    # -- experiments -------------------------------------------------------------------------
    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] = {}
    ) -> Experiment:
        """Create an experiment. Raises: AlreadyExists (a deleted one holds its name too)."""
        ...

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return it, deleted or not. Raises: NotFound."""
        ...

    def get_experiment_by_name(self, name: str) -> Experiment:
        """Return it, deleted or not. Raises: NotFound."""
        ...

    def search_experiments(self, search: Search) -> Page[Experiment]:
        """Search; default order is newest first. Raises: BadInput on a bad filter or token."""
        ...

    def rename_experiment(self, experiment_id: str, name: str) -> None:
        """Rename an active one. Raises: NotFound, AlreadyExists, InvalidState if deleted."""
        ...

    def delete_experiment(self, experiment_id: str) -> None:
        """Mark it and its active runs deleted. Raises: NotFound (also when deleted already)."""
        ...

    def restore_experiment(self, experiment_id: str) -> None:
        """Bring it back with the runs that its deletion deleted only. Raises: NotFound."""
        ...

    def set_experiment_tag(self, experiment_id: str, key: str, value: str) -> None:
        """Set a tag of an active experiment. Raises: NotFound, InvalidState, BadInput."""
        ...

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Take a tag off. Raises: NotFound (experiment or tag), InvalidState."""
        ...

    # -- runs --------------------------------------------------------------------------------
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
        """Start a run. With a client-minted ``run_id`` a second call returns the same run.

        A name is made up when none is given, and mirrored in the tag ``mlflow.runName``.
        Raises: NotFound, InvalidState (deleted experiment), BadInput (name and tag differ, or the
        id belongs to a run of another experiment).
        """
        ...

    def get_run(self, run_id: str) -> Run:
        """Return the run, deleted or not. Raises: NotFound."""
        ...

    def get_run_recorder(self, run_id: str) -> Recorder:
        """Return who recorded a run. Raises: NotFound."""
        ...

    def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> RunInfo:
        """Change an active run's head. Raises: NotFound, InvalidState."""
        ...

    def delete_run(self, run_id: str) -> None:
        """Mark it deleted; again is fine. Raises: NotFound."""
        ...

    def restore_run(self, run_id: str) -> None:
        """Bring it back. Raises: NotFound."""
        ...

    def search_runs(self, experiment_ids: Sequence[str], search: Search) -> Page[Run]:
        """Search runs; default order is start_time desc, run_id. Raises: BadInput."""
        ...

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, str] = {},
        tags: Mapping[str, str] = {},
    ) -> None:
        """Log all of it or nothing.

        An exact duplicate of a point is dropped; a parameter may be logged again with the same
        value. Raises: NotFound, InvalidState (deleted run), BadInput (limits, names, a parameter
        that would change: "Changing param values is not allowed").
        """
        ...

    def delete_tag(self, run_id: str, key: str) -> None:
        """Take a tag off. Raises: NotFound (run or tag), InvalidState."""
        ...

    def log_inputs(
        self,
        run_id: str,
        *,
        datasets: Sequence[DatasetInput] = (),
        models: Sequence[LoggedModelInput] = (),
    ) -> None:
        """Record what a run read; the same again is a no-op. Raises: NotFound, InvalidState."""
        ...

    def log_outputs(self, run_id: str, models: Sequence[LoggedModelOutput]) -> None:
        """Record what a run made. Raises: NotFound, InvalidState."""
        ...

    # -- metrics -----------------------------------------------------------------------------
    def get_metric_history(
        self, run_id: str, key: str, *, max_results: int = 25_000, token: str | None = None
    ) -> Page[Metric]:
        """Return points ordered by (timestamp, step, value). Unknown keys give an empty page."""
        ...

    def pulses(self, run_ids: Sequence[str]) -> dict[str, Pulse]:
        """Return the last heartbeat of those of these runs that ever sent one, by run id."""
        ...

    def summarize_metrics(
        self, run_ids: Sequence[str], *, prefix: str = "", limit: int = 1000
    ) -> dict[str, list[MetricSummary]]:
        """Return what is kept of each series, by run id, keys sorted; reads no history."""
        ...

    def logged_keys(
        self, experiment_ids: Sequence[str], kind: KeyKind, *, prefix: str = "", limit: int = 1000
    ) -> list[str]:
        """Return the first keys in order that were ever logged in these experiments.

        Only those that begin with ``prefix``; deleted runs count too, unknown experiments hold
        none. Raises: BadInput (``limit`` is not from 1 to 10,000).
        """
        ...

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
        ...

    # -- logged models -----------------------------------------------------------------------
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
        """Start a logged model; idempotent with a client-minted id. Raises: NotFound, BadInput."""
        ...

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """Return it. Raises: NotFound (deleted ones too)."""
        ...

    def get_logged_model_recorder(self, model_id: str) -> Recorder:
        """Return who recorded a logged model. Raises: NotFound."""
        ...

    def finalize_logged_model(self, model_id: str, status: LoggedModelStatus) -> LoggedModel:
        """Say that its files are there, or that it failed. Raises: NotFound."""
        ...

    def delete_logged_model(self, model_id: str) -> None:
        """Mark it deleted. Raises: NotFound."""
        ...

    def search_logged_models(
        self, experiment_ids: Sequence[str], search: Search
    ) -> Page[LoggedModel]:
        """Search; default order is newest first. Raises: BadInput."""
        ...

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, str]) -> LoggedModel:
        """Set tags. Raises: NotFound, BadInput."""
        ...

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Take a tag off. Raises: NotFound."""
        ...

    def log_logged_model_params(self, model_id: str, params: Mapping[str, str]) -> None:
        """Add parameters. Raises: NotFound, BadInput."""
        ...

    # -- segments ----------------------------------------------------------------------------
    def apply(
        self, segment: str, records: Sequence[Record], *, by: Principal = ANONYMOUS
    ) -> Applied:
        """Apply spooled records in order, in one transaction, each once.

        ``by`` is who sends them; it goes into the audit of versions that they register.

        Records at or below the segment's last applied sequence are passed over. A record that is a
        user's mistake is rejected, remembered as such, and the rest goes on. Sequences may skip
        (artifact records never come here) but must rise. Raises: BadInput if they do not.
        """
        ...

    def applied(self, segment: str) -> int:
        """Return the last applied sequence of a segment; 0 for an unknown one."""
        ...
