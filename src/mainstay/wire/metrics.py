"""Messages about metrics: points, histories, summaries and series for charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Self

import msgspec

from mainstay.entities.metrics import KeyKind, Metric, MetricSummary, Series
from mainstay.entities.pages import Page
from mainstay.wire.base import (
    Answer,
    Int64,
    Message,
    Number,
    Own,
    Request,
    RunRequest,
    Text,
    from_number,
    to_number,
    to_numbers,
    written,
)


class MetricMessage(Message, frozen=True, kw_only=True, gc=False):
    """A point, with what it may be about. MLflow always writes the step."""

    key: str
    value: Number
    timestamp: int
    step: int = written(0)
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None
    run_id: str | None = None

    @classmethod
    def of(cls, metric: Metric) -> Self:
        """Return the record's message."""
        return cls(
            key=metric.key,
            value=to_number(metric.value),
            timestamp=metric.timestamp,
            step=metric.step,
            model_id=metric.model_id,
            dataset_name=metric.dataset_name,
            dataset_digest=metric.dataset_digest,
            run_id=metric.run_id,
        )

    def entity(self) -> Metric:
        """Return the record."""
        return Metric(
            self.key,
            from_number(self.value),
            self.timestamp,
            self.step,
            self.model_id or None,
            self.dataset_name or None,
            self.dataset_digest or None,
            self.run_id or None,
        )


class NewMetric(MetricMessage, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A point in a request."""

    key: Text
    timestamp: Int64
    step: Int64 = 0


def entities(metrics: Iterable[NewMetric]) -> list[Metric]:
    """Return the records of points; there may be a thousand, so in one expression."""
    return [
        Metric(
            one.key,
            one.value if type(one.value) is float else from_number(one.value),
            one.timestamp,
            one.step,
            one.model_id or None,
            one.dataset_name or None,
            one.dataset_digest or None,
            one.run_id or None,
        )
        for one in metrics
    ]


class GetHistory(RunRequest, frozen=True, kw_only=True):
    """Ask for the points of one series."""

    metric_key: Text
    page_token: str | None = None
    max_results: Int64 | None = None


class HistoryPage(Message, frozen=True, kw_only=True):
    """Some points."""

    metrics: list[MetricMessage] = []
    next_page_token: str | None = None

    @classmethod
    def of(cls, page: Page[Metric]) -> HistoryPage:
        """Return the page's message."""
        return cls(
            metrics=[MetricMessage.of(metric) for metric in page.items],
            next_page_token=page.token,
        )

    def page(self) -> Page[Metric]:
        """Return the page."""
        return Page([item.entity() for item in self.metrics], self.next_page_token or None)


class HistoryPoint(msgspec.Struct, frozen=True, gc=False):
    """A point as it stands in a ``HistoryPage``; quicker to make than a ``MetricMessage``."""

    key: str
    value: Number
    timestamp: int
    step: int


class BulkPoint(msgspec.Struct, frozen=True, gc=False):
    """A point as it stands in a ``BulkHistory``."""

    key: str
    value: Number
    timestamp: int
    step: int
    run_id: str


def write_history(
    key: str,
    values: Sequence[float],
    timestamps: Sequence[int],
    steps: Sequence[int],
    token: str | None,
) -> bytes:
    """Return the JSON of a ``HistoryPage`` of points that are about nothing but their run."""
    # All of it in C: a history is long.
    points = list(map(HistoryPoint, repeat(key), to_numbers(values), timestamps, steps))
    parts = [b'"metrics":' + msgspec.json.encode(points)] if points else []
    if token:
        parts.append(b'"next_page_token":' + msgspec.json.encode(token))
    return b"{" + b",".join(parts) + b"}"


def write_histories(points: Sequence[BulkPoint]) -> bytes:
    """Return the JSON of a ``BulkHistory``."""
    return b'{"metrics":' + msgspec.json.encode(points) + b"}"


class GetHistoryBulk(Request, frozen=True, kw_only=True):
    """Ask for one series of several runs. The argument ``run_id`` is repeated."""

    run_id: list[str] = []
    metric_key: Text
    max_results: Int64 = 25_000


class GetHistoryBulkInterval(Request, frozen=True, kw_only=True):
    """Ask for one series of several runs, thinned out over a stretch of steps."""

    run_ids: list[str] = []
    metric_key: Text
    start_step: Int64 | None = None
    end_step: Int64 | None = None
    max_results: Int64 = 2500


class BulkHistory(Message, frozen=True, kw_only=True):
    """Points of several runs."""

    metrics: list[MetricMessage] = []


class SummarizeMetrics(Own, frozen=True, kw_only=True):
    """Ask what is kept of the series of these runs; ``prefix`` narrows the keys."""

    run_ids: list[str]
    prefix: str = ""
    limit: Int64 = 1000


class RunSummaries(Answer, frozen=True, kw_only=True):
    """The series of one run, by key."""

    run_id: str
    metrics: list[MetricSummary]


class MetricSummaries(Answer, frozen=True, kw_only=True):
    """What is kept of the series, a run each."""

    summaries: list[RunSummaries]

    @classmethod
    def of(cls, found: dict[str, list[MetricSummary]]) -> MetricSummaries:
        """Return the mapping's message."""
        return cls(
            summaries=[RunSummaries(run_id=run, metrics=kept) for run, kept in found.items()]
        )

    def by_run(self) -> dict[str, list[MetricSummary]]:
        """Return the summaries by run id."""
        return {item.run_id: item.metrics for item in self.summaries}


class GetKeys(Own, frozen=True, kw_only=True):
    """Ask which keys were ever logged in these experiments; ``prefix`` narrows them."""

    experiment_ids: list[str]
    kind: KeyKind
    prefix: str = ""
    limit: Int64 = 1000


class Keys(Answer, frozen=True, kw_only=True):
    """Keys, in order."""

    keys: list[str]


class GetSeries(Own, frozen=True, kw_only=True):
    """Ask for the points of a chart: one key, several runs, about ``points`` buckets each."""

    run_ids: list[str]
    key: Text
    points: Int64 = 1000
    start_step: Int64 | None = None
    end_step: Int64 | None = None


class SeriesAnswer(Answer, frozen=True, kw_only=True):
    """One series a run."""

    series: list[Series]
