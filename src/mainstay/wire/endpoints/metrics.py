"""Endpoints of metrics."""

from mainstay.wire import metrics as messages
from mainstay.wire.endpoint import Action, Endpoint, Kind, Permission, mlflow, own

READ = (Action.READ, Kind.RUN)

GET_HISTORY = mlflow(
    "metrics.get_history",
    "GET",
    "metrics/get-history",
    messages.GetHistory,
    messages.HistoryPage,
    READ,
)
GET_HISTORY_BULK_INTERVAL = mlflow(
    "metrics.get_history_bulk_interval",
    "GET",
    "metrics/get-history-bulk-interval",
    messages.GetHistoryBulkInterval,
    messages.BulkHistory,
    READ,
)
# MLflow serves this one to its UI only.
GET_HISTORY_BULK = Endpoint(
    name="metrics.get_history_bulk",
    methods=("GET",),
    path="/ajax-api/2.0/mlflow/metrics/get-history-bulk",
    request=messages.GetHistoryBulk,
    response=messages.BulkHistory,
    permission=Permission(*READ),
)
SUMMARIZE = own(
    "metrics.summarize",
    "POST",
    "runs/metric-summaries",
    messages.SummarizeMetrics,
    messages.MetricSummaries,
    READ,
)
GET_KEYS = own(
    "metrics.keys",
    "POST",
    "experiments/search-keys",
    messages.GetKeys,
    messages.Keys,
    (Action.READ, Kind.EXPERIMENT),
)
GET_SERIES = own(
    "metrics.get_series", "POST", "runs/series", messages.GetSeries, messages.SeriesAnswer, READ
)
