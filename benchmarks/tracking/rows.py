"""The rows of the table: what is asked, how it is counted, and the bar."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from benchmarks.tracking.client import Connection, drive, request
from benchmarks.tracking.raw import Raw
from benchmarks.tracking.subject import API, BYTES, POINTS, RUNS, STARTED, Subject, post

FILE_SIZE = 64 << 20
MIB = 1 << 20
FILTER = "metrics.metric_0 > 0.5 and params.param_0 != '3'"
BY_METRIC = ["metrics.metric_1 DESC"]
PAGE = 100

Base = Literal["FastTrackML", "MLflow", ""]


@dataclass(frozen=True)
class Row:
    """One line. ``measure(subject, seconds)`` returns units a second (or the unit itself).

    The bar is ``times`` x what ``base`` reached; without a base it is ``times`` itself, and less
    is better.
    """

    title: str
    unit: str
    times: float
    base: Base
    measure: Callable[[Subject, float], float]
    floor: Callable[[Raw, float], float] | None = None
    registry: bool = False
    writes: bool = False
    """Whether each answer waits for a commit."""

    @property
    def bar(self) -> str:
        """The bar in words."""
        return f">= {self.times:g} x {self.base}" if self.base else f"<= {self.times:g} {self.unit}"


def _log_metric(clients: int) -> Callable[[Subject, float], float]:
    def measure(subject: Subject, seconds: float) -> float:
        requests = [
            post(
                "runs/log-metric",
                run_id=subject.runs[step % 16],
                key="loss",
                value=step / 7,
                timestamp=STARTED + step,
                step=step,
            )
            for step in (next(subject.steps) for _ in range(int(6000 * seconds)))
        ]
        return drive(subject.address, requests, clients=clients, seconds=seconds)

    return measure


def _log_batch(subject: Subject, seconds: float) -> float:
    steps = [next(subject.steps) for _ in range(int(400 * seconds))]
    requests = [
        subject.batch(subject.runs[n % 16], "batch", step * 1000) for n, step in enumerate(steps)
    ]
    return 1000 * drive(subject.address, requests, clients=1, seconds=seconds)


def _create_run(subject: Subject, seconds: float) -> float:
    tags = [
        {"key": "mlflow.user", "value": "bench"},
        {"key": "mlflow.source.name", "value": "a.py"},
    ]
    requests = [
        post("runs/create", experiment_id="0", start_time=STARTED + n, user_id="bench", tags=tags)
        for n in range(int(5000 * seconds))
    ]
    return drive(subject.address, requests, clients=1, seconds=seconds)


def _history(subject: Subject, seconds: float) -> float:
    asked = {"run_id": subject.long_run, "metric_key": "long", "max_results": POINTS}
    one = request("GET", f"{API}metrics/get-history?{urlencode(asked)}")
    return POINTS * drive(subject.address, [one] * 1000, clients=1, seconds=seconds)


def _search(**fields: object) -> Callable[[Subject, float], float]:
    def measure(subject: Subject, seconds: float) -> float:
        asked = {"experiment_ids": [subject.experiment], "max_results": PAGE, **fields}
        one = post("runs/search", **asked)
        return drive(subject.address, [one] * 5000, clients=1, seconds=seconds)

    return measure


def _all_pages(subject: Subject, seconds: float) -> float:
    """Walk pages of 100 to the end, as often as time allows; runs a second."""
    connection = Connection(subject.address)
    walked = 0
    begun = time.perf_counter()
    while walked == 0 or time.perf_counter() - begun < seconds:
        token = ""
        for _ in range(RUNS // PAGE + 1):  # FastTrackML gives a last page that is empty
            asked = {"experiment_ids": [subject.experiment], "max_results": PAGE}
            answer = connection.call(
                post("runs/search", order_by=BY_METRIC, page_token=token, **asked)
            )
            token = _token(answer)
            if not token:
                break
        walked += RUNS
        assert not token, f"{subject.name} had another page after {RUNS} runs"
    spent = time.perf_counter() - begun
    connection.close()
    return walked / spent


def _token(answer: bytes) -> str:
    """Cut the token out of a page without parsing the rest."""
    name = b'"next_page_token"'
    at = answer.rfind(name)
    if at < 0:
        return ""
    rest = answer[at + len(name) :].lstrip(b" :")
    return str(json.loads(rest[: rest.index(b'"', 1) + 1]))


def _alias(subject: Subject, seconds: float) -> float:
    one = request("GET", f"{API}registered-models/alias?name=model&alias=champion")
    return drive(subject.address, [one] * int(8000 * seconds), clients=1, seconds=seconds)


def _upload(subject: Subject, seconds: float) -> float:
    number = next(subject.steps)
    target = f"/api/2.0/mlflow-artifacts/artifacts/bench/file_{number}.bin"
    one = request("PUT", target, os.urandom(FILE_SIZE), kind=BYTES)
    return FILE_SIZE / MIB * drive(subject.address, [one], clients=1, seconds=seconds)


def _download(subject: Subject, _: float) -> float:
    target = "/api/2.0/mlflow-artifacts/artifacts/bench/down.bin"
    connection = Connection(subject.address)
    connection.call(request("PUT", target, os.urandom(FILE_SIZE), kind=BYTES))
    begun = time.perf_counter()
    size = connection.swallow(request("GET", target))
    spent = time.perf_counter() - begun
    connection.close()
    assert size == FILE_SIZE
    return size / MIB / spent


def memory(subject: Subject) -> float:
    """Return what the server holds after everything, in MB."""
    return subject.server.memory() / 1e6


ROWS = (
    Row("log-metric, one client", "requests/s", 2, "FastTrackML", _log_metric(1), writes=True),
    Row("log-metric, 16 clients", "requests/s", 2.5, "FastTrackML", _log_metric(16), writes=True),
    Row("log-batch of 1,000 metrics", "metrics/s", 5, "FastTrackML", _log_batch, writes=True),
    Row("metric history", "points/s", 8, "FastTrackML", _history, Raw.history),
    Row("create run", "runs/s", 1.5, "FastTrackML", _create_run, writes=True),
    Row(
        "filtered top-100 search, 1,000 runs x 45 values",
        "searches/s",
        4,
        "FastTrackML",
        _search(filter=FILTER),
        Raw.filtered,
    ),
    Row(
        "top-100 by a metric",
        "searches/s",
        6,
        "FastTrackML",
        _search(order_by=BY_METRIC),
        Raw.by_metric,
    ),
    Row("all pages of that search", "runs/s", 5, "FastTrackML", _all_pages, Raw.all_pages),
    Row("alias read", "requests/s", 15, "MLflow", _alias, registry=True),
    Row("artifact upload, 64 MiB", "MiB/s", 2, "MLflow", _upload, Raw.upload, registry=True),
    Row("artifact download, 64 MiB", "MiB/s", 2, "MLflow", _download, Raw.download, registry=True),
)
