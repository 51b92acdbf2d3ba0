"""The tracking store on SQL: each method is one transaction over the functions of a noun.

Longer than other files, since the contract has this many calls; what they do is in those functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from mainstay.entities.accounts import ANONYMOUS, Principal, Recorder
from mainstay.entities.experiments import Experiment
from mainstay.entities.inputs import DatasetInput, LoggedModelInput, LoggedModelOutput
from mainstay.entities.logged_models import LoggedModel, LoggedModelStatus
from mainstay.entities.metrics import KeyKind, Metric, MetricSummary, Series
from mainstay.entities.pages import Page, Search
from mainstay.entities.runs import Pulse, Run, RunInfo, RunStatus
from mainstay.entities.spool import Applied, LogBatch, Record
from mainstay.errors import MainstayError, NotFound
from mainstay.stores.sql import (
    experiments,
    history,
    inputs,
    keys,
    logged_models,
    recorders,
    rules,
    runs,
    searches,
    segments,
    series,
)
from mainstay.stores.sql.database import Database, Joined

DEFAULT_ROOT = "mlflow-artifacts:/"


class SqlTracking:
    """Fulfils ``stores.base.TrackingStore`` on a database.

    ``artifact_root`` is where the files of new experiments go, one folder an experiment.
    """

    def __init__(self, database: Database | Joined, *, artifact_root: str = DEFAULT_ROOT) -> None:
        self.database = database
        self.artifact_root = artifact_root

    # -- experiments -------------------------------------------------------------------------
    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] = {}
    ) -> Experiment:
        """Create an experiment."""
        number = self.database.write(
            lambda connection: experiments.create(
                connection,
                name,
                artifact_location=artifact_location,
                tags=tags,
                root=self.artifact_root,
            )
        )
        return self.get_experiment(str(number))

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return it, deleted or not."""
        number = experiments.number_of(experiment_id)
        with self.database.read() as connection:
            return experiments.load(connection, [experiments.find(connection, number)])[0]

    def get_experiment_by_name(self, name: str) -> Experiment:
        """Return it, deleted or not."""
        with self.database.read() as connection:
            row = experiments.find_named(connection, name)
            if row is None:
                raise NotFound(f"Could not find experiment with name '{name}'")
            return experiments.load(connection, [row])[0]

    def search_experiments(self, search: Search) -> Page[Experiment]:
        """Search; default order is newest first."""
        with self.database.read() as connection:
            return searches.search_experiments(connection, search)

    def rename_experiment(self, experiment_id: str, name: str) -> None:
        """Rename an active one."""
        number = experiments.number_of(experiment_id)
        self.database.write(lambda connection: experiments.rename(connection, number, name))

    def delete_experiment(self, experiment_id: str) -> None:
        """Mark it and its active runs deleted."""
        number = experiments.number_of(experiment_id)
        self.database.write(lambda connection: experiments.delete(connection, number))

    def restore_experiment(self, experiment_id: str) -> None:
        """Bring it back with the runs that its deletion deleted."""
        number = experiments.number_of(experiment_id)
        self.database.write(lambda connection: experiments.restore(connection, number))

    def set_experiment_tag(self, experiment_id: str, key: str, value: str) -> None:
        """Set a tag of an active experiment."""
        number = experiments.number_of(experiment_id)
        self.database.write(lambda connection: experiments.set_tag(connection, number, key, value))

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Take a tag off."""
        number = experiments.number_of(experiment_id)
        self.database.write(lambda connection: experiments.delete_tag(connection, number, key))

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
        """Start a run."""
        number = experiments.number_of(experiment_id)

        def work(connection: Connection) -> Run:
            return runs.create(
                connection,
                experiments.share(connection, number),
                run_id=run_id,
                run_name=run_name,
                user_id=user_id,
                start_time=start_time,
                tags=tags,
                by=by,
            )

        return self.database.write(work)

    def get_run(self, run_id: str) -> Run:
        """Return the run, deleted or not."""
        with self.database.read() as connection:
            return runs.load(connection, [runs.find(connection, run_id)])[0]

    def get_run_recorder(self, run_id: str) -> Recorder:
        """Return who recorded a run."""
        with self.database.read() as connection:
            return recorders.of_run(connection, run_id)

    def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> RunInfo:
        """Change an active run's head."""
        return self.database.write(
            lambda connection: runs.update(
                connection, run_id, status=status, end_time=end_time, run_name=run_name
            )
        )

    def delete_run(self, run_id: str) -> None:
        """Mark it deleted; again is fine."""
        self.database.write(lambda connection: runs.delete(connection, run_id))

    def restore_run(self, run_id: str) -> None:
        """Bring it back."""
        self.database.write(lambda connection: runs.restore(connection, run_id))

    def search_runs(self, experiment_ids: Sequence[str], search: Search) -> Page[Run]:
        """Search runs; default order is start_time desc, run_id."""
        with self.database.read() as connection:
            return searches.search_runs(connection, experiment_ids, search)

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, str] = {},
        tags: Mapping[str, str] = {},
    ) -> None:
        """Log all of it or nothing."""
        rules.batch(metrics, params, tags)
        batch = LogBatch(run_id=run_id, metrics=list(metrics), params=dict(params), tags=dict(tags))
        self.database.write(lambda connection: segments.log_batch(connection, batch))

    def delete_tag(self, run_id: str, key: str) -> None:
        """Take a tag off."""
        self.database.write(lambda connection: runs.delete_tag(connection, run_id, key))

    def log_inputs(
        self,
        run_id: str,
        *,
        datasets: Sequence[DatasetInput] = (),
        models: Sequence[LoggedModelInput] = (),
    ) -> None:
        """Record what a run read."""
        self.database.write(
            lambda connection: inputs.log_inputs(
                connection,
                runs.hold_active(connection, run_id),
                datasets=datasets,
                models=models,
            )
        )

    def log_outputs(self, run_id: str, models: Sequence[LoggedModelOutput]) -> None:
        """Record what a run made."""
        self.database.write(
            lambda connection: inputs.log_outputs(
                connection, runs.hold_active(connection, run_id), models
            )
        )

    # -- metrics -----------------------------------------------------------------------------
    def get_metric_history(
        self, run_id: str, key: str, *, max_results: int = 25_000, token: str | None = None
    ) -> Page[Metric]:
        """Return points ordered by (timestamp, step, value)."""
        with self.database.read() as connection:
            run = runs.find(connection, run_id).id
            return history.page(connection, run, key, max_results=max_results, token=token)

    def pulses(self, run_ids: Sequence[str]) -> dict[str, Pulse]:
        """Return the last heartbeat of those of these runs that ever sent one, by run id."""
        with self.database.read() as connection:
            return runs.pulses(connection, run_ids)

    def summarize_metrics(
        self, run_ids: Sequence[str], *, prefix: str = "", limit: int = 1000
    ) -> dict[str, list[MetricSummary]]:
        """Return what is kept of each series, by run id."""
        with self.database.read() as connection:
            return history.summaries(connection, run_ids, prefix=prefix, limit=limit)

    def logged_keys(
        self, experiment_ids: Sequence[str], kind: KeyKind, *, prefix: str = "", limit: int = 1000
    ) -> list[str]:
        """Return keys that were ever logged in experiments."""
        with self.database.read() as connection:
            numbers = searches.numbers_of(experiment_ids)
            return keys.find(connection, numbers, kind, prefix=prefix, limit=limit)

    def get_series(
        self,
        run_ids: Sequence[str],
        key: str,
        *,
        points: int = 1000,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> list[Series]:
        """Return at most about ``points`` buckets a run."""
        with self.database.read() as connection:
            return series.read(
                connection,
                run_ids,
                key,
                points=points,
                start_step=start_step,
                end_step=end_step,
            )

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
        """Start a logged model."""
        number = experiments.number_of(experiment_id)
        created: str = self.database.write(
            lambda connection: (
                logged_models.create(
                    connection,
                    experiments.share(connection, number),
                    name=name,
                    model_id=model_id,
                    model_type=model_type,
                    source_run_id=source_run_id,
                    params=params,
                    tags=tags,
                    by=by,
                ).model_id
            )
        )
        return self.get_logged_model(created)

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """Return it; a deleted one is not found."""
        with self.database.read() as connection:
            row = logged_models.find(connection, model_id)
            return logged_models.load(connection, [row])[0]

    def get_logged_model_recorder(self, model_id: str) -> Recorder:
        """Return who recorded a logged model."""
        with self.database.read() as connection:
            return recorders.of_logged_model(connection, model_id)

    def finalize_logged_model(self, model_id: str, status: LoggedModelStatus) -> LoggedModel:
        """Say that its files are there, or that it failed."""
        self.database.write(lambda connection: logged_models.finalize(connection, model_id, status))
        return self.get_logged_model(model_id)

    def delete_logged_model(self, model_id: str) -> None:
        """Mark it deleted."""
        self.database.write(lambda connection: logged_models.delete(connection, model_id))

    def search_logged_models(
        self, experiment_ids: Sequence[str], search: Search
    ) -> Page[LoggedModel]:
        """Search; default order is newest first."""
        with self.database.read() as connection:
            return searches.search_logged_models(connection, experiment_ids, search)

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, str]) -> LoggedModel:
        """Set tags."""
        self.database.write(lambda connection: logged_models.set_tags(connection, model_id, tags))
        return self.get_logged_model(model_id)

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Take a tag off."""
        self.database.write(lambda connection: logged_models.delete_tag(connection, model_id, key))

    def log_logged_model_params(self, model_id: str, params: Mapping[str, str]) -> None:
        """Add parameters."""
        self.database.write(
            lambda connection: logged_models.log_params(connection, model_id, params)
        )

    # -- segments ----------------------------------------------------------------------------
    def apply(
        self,
        segment: str,
        records: Sequence[Record],
        *,
        by: Principal = ANONYMOUS,
        refused: Mapping[int, MainstayError] = {},
    ) -> Applied:
        """Apply spooled records in order, in one transaction, each once."""
        segments.check(segment, records)
        return self.database.write(
            lambda connection: segments.apply(
                connection, segment, records, root=self.artifact_root, by=by, refused=refused
            )
        )

    def applied(self, segment: str) -> int:
        """Return the last applied sequence of a segment."""
        with self.database.read() as connection:
            return segments.applied(connection, segment)
