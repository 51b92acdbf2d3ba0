"""Endpoints of runs."""

from mainstay.wire import inputs
from mainstay.wire import runs as messages
from mainstay.wire.base import Empty
from mainstay.wire.endpoint import Action, Kind, mlflow, own

READ = (Action.READ, Kind.RUN)
WRITE = (Action.WRITE, Kind.RUN)

CREATE = mlflow(
    "runs.create", "POST", "runs/create", messages.CreateRun, messages.RunAnswer, WRITE, once=True
)
GET = mlflow("runs.get", "GET", "runs/get", messages.GetRun, messages.RunAnswer, READ)
UPDATE = mlflow(
    "runs.update", "POST", "runs/update", messages.UpdateRun, messages.RunInfoAnswer, WRITE
)
DELETE = mlflow("runs.delete", "POST", "runs/delete", messages.RunRef, Empty, WRITE)
RESTORE = mlflow("runs.restore", "POST", "runs/restore", messages.RunRef, Empty, WRITE)
SEARCH = mlflow("runs.search", "POST", "runs/search", messages.SearchRuns, messages.RunsPage, READ)
LOG_METRIC = mlflow("runs.log_metric", "POST", "runs/log-metric", messages.LogMetric, Empty, WRITE)
LOG_PARAMETER = mlflow(
    "runs.log_parameter", "POST", "runs/log-parameter", messages.LogParameter, Empty, WRITE
)
SET_TAG = mlflow("runs.set_tag", "POST", "runs/set-tag", messages.SetRunTag, Empty, WRITE)
DELETE_TAG = mlflow(
    "runs.delete_tag", "POST", "runs/delete-tag", messages.DeleteRunTag, Empty, WRITE, once=True
)
LOG_BATCH = mlflow("runs.log_batch", "POST", "runs/log-batch", messages.LogBatch, Empty, WRITE)
LOG_INPUTS = mlflow("runs.log_inputs", "POST", "runs/log-inputs", inputs.LogInputs, Empty, WRITE)
LOG_OUTPUTS = mlflow("runs.log_outputs", "POST", "runs/outputs", inputs.LogOutputs, Empty, WRITE)
LOG_MODEL = mlflow(
    "runs.log_model", "POST", "runs/log-model", messages.LogModel, Empty, WRITE, once=True
)
GET_PULSES = own("runs.pulses", "POST", "runs/pulses", messages.GetPulses, messages.Pulses, READ)
