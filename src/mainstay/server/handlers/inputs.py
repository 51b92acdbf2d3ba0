"""What runs read and made."""

from __future__ import annotations

from mainstay.entities.inputs import LoggedModelInput, LoggedModelOutput
from mainstay.entities.pages import Search
from mainstay.errors import BadInput
from mainstay.server.context import Context
from mainstay.wire.base import Empty
from mainstay.wire.inputs import (
    DatasetSummaries,
    DatasetSummary,
    LogInputs,
    LogOutputs,
    SearchDatasets,
)

MOST_EXPERIMENTS = 20
MOST_SUMMARIES = 1000
CONTEXT = "mlflow.data.context"


def log_inputs(context: Context, request: LogInputs) -> Empty:
    """Record the data sets and models that a run read."""
    context.tracking.log_inputs(
        request.run_id,
        datasets=[item.entity() for item in request.datasets],
        models=[LoggedModelInput(item.model_id) for item in request.models],
    )
    return Empty()


def log_outputs(context: Context, request: LogOutputs) -> Empty:
    """Record the models that a run made."""
    models = [LoggedModelOutput(item.model_id, item.step) for item in request.models]
    context.tracking.log_outputs(request.run_id, models)
    return Empty()


def search_datasets(context: Context, request: SearchDatasets) -> DatasetSummaries:
    """Return the data sets that the latest runs of some experiments read, each once."""
    if not 1 <= len(request.experiment_ids) <= MOST_EXPERIMENTS:
        raise BadInput(f"experiment_ids: give 1 to {MOST_EXPERIMENTS} experiments")
    found = context.tracking.search_runs(request.experiment_ids, Search(max_results=MOST_SUMMARIES))
    summaries = {
        (run.info.experiment_id, item.dataset.name, item.dataset.digest, item.tags.get(CONTEXT))
        for run in found.items
        for item in run.inputs.dataset_inputs
    }
    ordered = sorted(summaries, key=lambda row: (*row[:3], row[3] or ""))[:MOST_SUMMARIES]
    return DatasetSummaries(
        dataset_summaries=[
            DatasetSummary(experiment_id=row[0], name=row[1], digest=row[2], context=row[3])
            for row in ordered
        ]
    )
