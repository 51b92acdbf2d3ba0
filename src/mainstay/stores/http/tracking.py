"""The tracking store over HTTP; plain MLflow calls work against any MLflow server."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from mainstay.entities.accounts import ANONYMOUS, Principal, Recorder
from mainstay.entities.experiments import Experiment
from mainstay.entities.inputs import DatasetInput, LoggedModelInput, LoggedModelOutput
from mainstay.entities.metrics import KeyKind, Metric, MetricSummary, Series
from mainstay.entities.pages import Page, Search
from mainstay.entities.runs import Pulse, Run, RunInfo, RunStatus
from mainstay.entities.spool import Applied, Record
from mainstay.errors import (
    BadInput,
    EndpointNotFound,
    MethodNotAllowed,
    NotFound,
    NotImplementedHere,
    StrangeAnswer,
)
from mainstay.stores.http.client import HttpClient
from mainstay.stores.http.logged_models import HttpLoggedModels
from mainstay.wire import experiments, inputs, provenance, runs, server, spool
from mainstay.wire import metrics as messages
from mainstay.wire.base import Empty, new_pairs
from mainstay.wire.endpoints import experiments as experiment_rows
from mainstay.wire.endpoints import metrics as metric_rows
from mainstay.wire.endpoints import provenance as provenance_rows
from mainstay.wire.endpoints import runs as run_rows
from mainstay.wire.endpoints import server as server_rows
from mainstay.wire.endpoints import spool as spool_rows


class HttpTracking(HttpLoggedModels):
    """A server's experiments, runs and logged models."""

    def __init__(self, client: HttpClient) -> None:
        super().__init__(client)
        self._ours: bool | None = None

    def is_mainstay(self) -> bool:
        """Say whether the server is mainstay; it is asked once.

        Raises: ServerUnreachable, StrangeAnswer, Unauthenticated, PermissionDenied.
        """
        if self._ours is None:
            self._ours = self._asked()
        return self._ours

    def _asked(self) -> bool:
        try:
            found = self.client.call(server_rows.GET, server.GetServer(), server.ServerAnswer)
        except (NotFound, NotImplementedHere, BadInput, MethodNotAllowed, StrangeAnswer):
            # No such endpoint; anything else (a token that is wrong, say) says nothing.
            return self._is_nobody()
        return found.name == "mainstay"

    def _is_nobody(self) -> bool:
        """Return False where an MLflow server answers. Raises: as the call, where none does.

        What stands before a server that is away answers for it, with pages of its own; whoever
        took that for a foreign server would mint other ids from then on.
        """
        try:
            self.get_experiment("0")
        except (EndpointNotFound, MethodNotAllowed) as error:
            raise StrangeAnswer(
                f"{self.client.uri} answers, but knows no experiments; is it the address of a "
                "mainstay or MLflow server?"
            ) from error
        except (NotFound, BadInput):
            pass  # in MLflow's words
        return False

    # -- experiments -------------------------------------------------------------------------
    def create_experiment(
        self, name: str, *, artifact_location: str | None = None, tags: Mapping[str, str] = {}
    ) -> Experiment:
        """Send experiments/create, then ask for what was made."""
        request = experiments.CreateExperiment(
            name=name, artifact_location=artifact_location, tags=new_pairs(tags)
        )
        made = self.client.call(experiment_rows.CREATE, request, experiments.ExperimentCreated)
        return self.get_experiment(made.experiment_id)

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Send experiments/get."""
        request = experiments.GetExperiment(experiment_id=experiment_id)
        answer = self.client.call(experiment_rows.GET, request, experiments.ExperimentAnswer)
        return answer.experiment.entity()

    def get_experiment_by_name(self, name: str) -> Experiment:
        """Send experiments/get-by-name."""
        request = experiments.GetExperimentByName(experiment_name=name)
        row = experiment_rows.GET_BY_NAME
        return self.client.call(row, request, experiments.ExperimentAnswer).experiment.entity()

    def search_experiments(self, search: Search) -> Page[Experiment]:
        """Send experiments/search."""
        request = experiments.SearchExperiments.of(search)
        return self.client.call(experiment_rows.SEARCH, request, experiments.ExperimentsPage).page()

    def rename_experiment(self, experiment_id: str, name: str) -> None:
        """Send experiments/update."""
        request = experiments.RenameExperiment(experiment_id=experiment_id, new_name=name)
        self.client.call(experiment_rows.RENAME, request, Empty)

    def delete_experiment(self, experiment_id: str) -> None:
        """Send experiments/delete."""
        request = experiments.ExperimentRef(experiment_id=experiment_id)
        self.client.call(experiment_rows.DELETE, request, Empty)

    def restore_experiment(self, experiment_id: str) -> None:
        """Send experiments/restore."""
        request = experiments.ExperimentRef(experiment_id=experiment_id)
        self.client.call(experiment_rows.RESTORE, request, Empty)

    def set_experiment_tag(self, experiment_id: str, key: str, value: str) -> None:
        """Send experiments/set-experiment-tag."""
        request = experiments.SetExperimentTag(experiment_id=experiment_id, key=key, value=value)
        self.client.call(experiment_rows.SET_TAG, request, Empty)

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Send experiments/delete-experiment-tag."""
        request = experiments.DeleteExperimentTag(experiment_id=experiment_id, key=key)
        self.client.call(experiment_rows.DELETE_TAG, request, Empty)

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
        """Send runs/create; a foreign server makes up an id of its own."""
        request = runs.CreateRun(
            experiment_id=experiment_id,
            run_id=run_id,
            run_name=run_name,
            user_id=user_id,
            # A stock server would take 0 for a time that is left out.
            start_time=int(time.time() * 1000) if start_time is None else start_time,
            tags=new_pairs(tags),
        )
        again = run_id is not None and self.is_mainstay()
        return self.client.call(run_rows.CREATE, request, runs.RunAnswer, again=again).run.entity()

    def get_run(self, run_id: str) -> Run:
        """Send runs/get."""
        request = runs.GetRun(run_id=run_id, run_uuid=run_id)
        return self.client.call(run_rows.GET, request, runs.RunAnswer).run.entity()

    def get_run_recorder(self, run_id: str) -> Recorder:
        """Ask registry/recorder; a mainstay server only."""
        request = provenance.GetRecorder(run_id=run_id)
        return self.client.call(
            provenance_rows.RECORDER, request, provenance.RecorderAnswer
        ).recorder

    def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> RunInfo:
        """Send runs/update."""
        request = runs.UpdateRun(run_id=run_id, status=status, end_time=end_time, run_name=run_name)
        return self.client.call(run_rows.UPDATE, request, runs.RunInfoAnswer).run_info.entity()

    def delete_run(self, run_id: str) -> None:
        """Send runs/delete."""
        self.client.call(run_rows.DELETE, runs.RunRef(run_id=run_id), Empty)

    def restore_run(self, run_id: str) -> None:
        """Send runs/restore."""
        self.client.call(run_rows.RESTORE, runs.RunRef(run_id=run_id), Empty)

    def search_runs(self, experiment_ids: Sequence[str], search: Search) -> Page[Run]:
        """Send runs/search."""
        request = runs.SearchRuns.of(list(experiment_ids), search)
        return self.client.call(run_rows.SEARCH, request, runs.RunsPage).page()

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, str] = {},
        tags: Mapping[str, str] = {},
    ) -> None:
        """Send runs/log-batch."""
        request = runs.LogBatch(
            run_id=run_id,
            metrics=[messages.NewMetric.of(metric) for metric in metrics],
            params=new_pairs(params),
            tags=new_pairs(tags),
        )
        self.client.call(run_rows.LOG_BATCH, request, Empty)

    def delete_tag(self, run_id: str, key: str) -> None:
        """Send runs/delete-tag."""
        self.client.call(run_rows.DELETE_TAG, runs.DeleteRunTag(run_id=run_id, key=key), Empty)

    def log_inputs(
        self,
        run_id: str,
        *,
        datasets: Sequence[DatasetInput] = (),
        models: Sequence[LoggedModelInput] = (),
    ) -> None:
        """Send runs/log-inputs."""
        request = inputs.LogInputs(
            run_id=run_id,
            datasets=[inputs.NewDatasetInput.of(item) for item in datasets],
            models=[inputs.ModelInputMessage(model_id=item.model_id) for item in models],
        )
        self.client.call(run_rows.LOG_INPUTS, request, Empty)

    def log_outputs(self, run_id: str, models: Sequence[LoggedModelOutput]) -> None:
        """Send runs/outputs."""
        made = [inputs.ModelOutputMessage(model_id=m.model_id, step=m.step) for m in models]
        request = inputs.LogOutputs(run_id=run_id, models=made)
        self.client.call(run_rows.LOG_OUTPUTS, request, Empty)

    # -- metrics -----------------------------------------------------------------------------
    def get_metric_history(
        self, run_id: str, key: str, *, max_results: int = 25_000, token: str | None = None
    ) -> Page[Metric]:
        """Send metrics/get-history."""
        request = messages.GetHistory(
            run_id=run_id,
            run_uuid=run_id,
            metric_key=key,
            max_results=max_results,
            page_token=token,
        )
        return self.client.call(metric_rows.GET_HISTORY, request, messages.HistoryPage).page()

    def pulses(self, run_ids: Sequence[str]) -> dict[str, Pulse]:
        """Send runs/pulses; a mainstay server only."""
        request = runs.GetPulses(run_ids=list(run_ids))
        answer = self.client.call(run_rows.GET_PULSES, request, runs.Pulses)
        return {pulse.run_id: pulse for pulse in answer.pulses}

    def summarize_metrics(
        self, run_ids: Sequence[str], *, prefix: str = "", limit: int = 1000
    ) -> dict[str, list[MetricSummary]]:
        """Send runs/metric-summaries; a mainstay server only."""
        request = messages.SummarizeMetrics(run_ids=list(run_ids), prefix=prefix, limit=limit)
        return self.client.call(metric_rows.SUMMARIZE, request, messages.MetricSummaries).by_run()

    def logged_keys(
        self, experiment_ids: Sequence[str], kind: KeyKind, *, prefix: str = "", limit: int = 1000
    ) -> list[str]:
        """Send experiments/search-keys; a mainstay server only."""
        request = messages.GetKeys(
            experiment_ids=list(experiment_ids), kind=kind, prefix=prefix, limit=limit
        )
        return self.client.call(metric_rows.GET_KEYS, request, messages.Keys).keys

    def get_series(
        self,
        run_ids: Sequence[str],
        key: str,
        *,
        points: int = 1000,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> list[Series]:
        """Send runs/series; a mainstay server only."""
        request = messages.GetSeries(
            run_ids=list(run_ids), key=key, points=points, start_step=start_step, end_step=end_step
        )
        return self.client.call(metric_rows.GET_SERIES, request, messages.SeriesAnswer).series

    # -- segments ----------------------------------------------------------------------------
    def apply(
        self, segment: str, records: Sequence[Record], *, by: Principal = ANONYMOUS
    ) -> Applied:
        """Send spool/apply; a mainstay server only, which knows by itself who asks."""
        request = spool.Apply(segment=segment, records=list(records))
        return self.client.call(spool_rows.APPLY, request, spool.AppliedAnswer).applied

    def applied(self, segment: str) -> int:
        """Send spool/applied; a mainstay server only."""
        request = spool.GetApplied(segment=segment)
        return self.client.call(spool_rows.APPLIED, request, spool.AppliedAnswer).applied.sequence
