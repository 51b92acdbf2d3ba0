"""Endpoints of experiments."""

from mainstay.wire import experiments as messages
from mainstay.wire import inputs
from mainstay.wire.base import Empty
from mainstay.wire.endpoint import Action, Endpoint, Kind, Permission, mlflow

READ = (Action.READ, Kind.EXPERIMENT)
WRITE = (Action.WRITE, Kind.EXPERIMENT)

CREATE = mlflow(
    "experiments.create",
    "POST",
    "experiments/create",
    messages.CreateExperiment,
    messages.ExperimentCreated,
    WRITE,
    once=True,
)
GET = mlflow(
    "experiments.get",
    "GET",
    "experiments/get",
    messages.GetExperiment,
    messages.ExperimentAnswer,
    READ,
)
GET_BY_NAME = mlflow(
    "experiments.get_by_name",
    "GET",
    "experiments/get-by-name",
    messages.GetExperimentByName,
    messages.ExperimentAnswer,
    READ,
)
SEARCH = mlflow(
    "experiments.search",
    "POST GET",
    "experiments/search",
    messages.SearchExperiments,
    messages.ExperimentsPage,
    READ,
)
DELETE = mlflow(
    "experiments.delete",
    "POST",
    "experiments/delete",
    messages.ExperimentRef,
    Empty,
    WRITE,
    once=True,
)
RESTORE = mlflow(
    "experiments.restore", "POST", "experiments/restore", messages.ExperimentRef, Empty, WRITE
)
RENAME = mlflow(
    "experiments.rename", "POST", "experiments/update", messages.RenameExperiment, Empty, WRITE
)
SET_TAG = mlflow(
    "experiments.set_tag",
    "POST",
    "experiments/set-experiment-tag",
    messages.SetExperimentTag,
    Empty,
    WRITE,
)
DELETE_TAG = mlflow(
    "experiments.delete_tag",
    "POST",
    "experiments/delete-experiment-tag",
    messages.DeleteExperimentTag,
    Empty,
    WRITE,
    once=True,
)
# MLflow serves this one to its UI only.
SEARCH_DATASETS = Endpoint(
    name="experiments.search_datasets",
    methods=("POST",),
    path="/ajax-api/2.0/mlflow/experiments/search-datasets",
    request=inputs.SearchDatasets,
    response=inputs.DatasetSummaries,
    permission=Permission(*READ),
)
