"""Metrics: histories, summaries and series for charts."""

from __future__ import annotations

from itertools import repeat

import msgspec

from mainstay.entities.metrics import Metric, Series
from mainstay.errors import BadInput
from mainstay.server.context import Context
from mainstay.wire.base import to_numbers
from mainstay.wire.metrics import (
    BulkHistory,
    BulkPoint,
    GetHistory,
    GetHistoryBulk,
    GetHistoryBulkInterval,
    GetKeys,
    GetSeries,
    Keys,
    MetricMessage,
    MetricSummaries,
    SeriesAnswer,
    SummarizeMetrics,
    write_histories,
    write_history,
)

MOST_RUNS = 100
MOST_POINTS = 25_000
MOST_INTERVAL_POINTS = 2500


def history(context: Context, request: GetHistory) -> bytes:
    """Return the points of one series."""
    asked = request.max_results
    found, token = context.services.histories.page(
        request.run_id,
        request.metric_key,
        # MLflow gives as many as are asked for; here more than a page come as several.
        max_results=MOST_POINTS if asked is None else min(asked, MOST_POINTS),
        token=request.page_token or None,
    )
    return write_history(request.metric_key, found.values, found.timestamps, found.steps, token)


def history_bulk(context: Context, request: GetHistoryBulk) -> bytes:
    """Return one series of several runs, a run after the other."""
    _bound("run_id", len(request.run_id), 1, MOST_RUNS)
    room = min(request.max_results, MOST_POINTS)
    points: list[BulkPoint] = []
    for run_id in request.run_id:
        if room <= len(points):
            break
        found, _ = context.services.histories.page(
            run_id, request.metric_key, max_results=room - len(points), token=None
        )
        values = to_numbers(found.values)
        columns = (values, found.timestamps, found.steps)
        points += map(BulkPoint, repeat(request.metric_key), *columns, repeat(run_id))
    return write_histories(points)


def history_bulk_interval(context: Context, request: GetHistoryBulkInterval) -> BulkHistory:
    """Return one series of several runs, thinned out to ``max_results`` points a run."""
    _bound("run_ids", len(request.run_ids), 1, MOST_RUNS)
    _bound("max_results", request.max_results, 1, MOST_INTERVAL_POINTS)
    if (request.start_step is None) != (request.end_step is None):
        raise BadInput("If either start step or end step are specified, both must be specified.")
    if request.start_step is not None and request.end_step is not None:
        _ordered(request.start_step, request.end_step)
    found = context.tracking.get_series(
        request.run_ids,
        request.metric_key,
        points=request.max_results,
        start_step=request.start_step,
        end_step=request.end_step,
    )
    return BulkHistory(metrics=[point for series in found for point in _thinned(series)])


def summarize(context: Context, request: SummarizeMetrics) -> MetricSummaries:
    """Return what is kept of the series of these runs."""
    found = context.tracking.summarize_metrics(
        request.run_ids, prefix=request.prefix, limit=request.limit
    )
    return MetricSummaries.of(found)


def keys(context: Context, request: GetKeys) -> Keys:
    """Return which keys were ever logged in experiments."""
    found = context.tracking.logged_keys(
        request.experiment_ids, request.kind, prefix=request.prefix, limit=request.limit
    )
    return Keys(keys=found)


def series(context: Context, request: GetSeries) -> SeriesAnswer:
    """Return the buckets of a chart."""
    found = context.tracking.get_series(
        request.run_ids,
        request.key,
        points=request.points,
        start_step=request.start_step,
        end_step=request.end_step,
    )
    return SeriesAnswer(series=found)


def _bound(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise BadInput(f"Invalid value {value} for {name}: it must be from {low} to {high}")


def _ordered(start_step: int, end_step: int) -> None:
    if start_step > end_step:
        raise BadInput(
            "end_step must be greater than start_step. "
            f"Found start_step={start_step} and end_step={end_step}."
        )


def _thinned(series: Series) -> list[MetricMessage]:
    points = zip(series.last, series.timestamp, series.step, strict=True)
    return [
        _message(Metric(series.key, value, timestamp, step), series.run_id)
        for value, timestamp, step in points
    ]


def _message(point: Metric, run_id: str) -> MetricMessage:
    return MetricMessage.of(msgspec.structs.replace(point, run_id=run_id))
