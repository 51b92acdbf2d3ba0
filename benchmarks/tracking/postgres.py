"""The same rows on PostgreSQL, beside MLflow: ``python -m benchmarks.tracking --postgres``.

Both use one private cluster, a database each, with the cluster's durable defaults (``fsync`` and
``synchronous_commit`` on). Afterwards two of our servers share one database, and the processor time
of a request is stated for one server and for two.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.postgres import Cluster

from benchmarks.tracking import peers
from benchmarks.tracking.client import drive, request
from benchmarks.tracking.report import Line, table
from benchmarks.tracking.rows import BY_METRIC, FILTER, PAGE, ROWS, Row, memory
from benchmarks.tracking.subject import POINTS, STARTED, Subject, post

TIMES = 3
"""How much faster than MLflow on PostgreSQL each row has to be."""

MEMORY = Row("memory after all of this", "MB", 150, "", lambda *_: 0.0)
CLIENTS = 16
TICKS = os.sysconf("SC_CLK_TCK")


def main(
    *, rounds: int, seconds: float, rows: Sequence[str], only: Sequence[str], folder: str | None
) -> None:
    """Measure and print. ``rows`` and ``only`` narrow titles and servers; empty: all."""
    kinds = [kind for kind in (peers.MAINSTAY, peers.MLFLOW) if not only or kind.name in only]
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
        cluster = Cluster()
        stack.callback(cluster.stop)
        subjects = []
        for kind in kinds:
            uri = cluster.create_database()
            if kind is peers.MLFLOW:  # the driver that its environment has
                uri = uri.replace("postgresql:", "postgresql+psycopg2:", 1)
            server = peers.Server(kind, place / kind.name, uri)
            stack.callback(server.stop)
            subjects.append(Subject(server))
        _say("preparing 1,000 runs on each")
        with ThreadPoolExecutor(len(subjects)) as pool:
            list(pool.map(Subject.prepare, subjects))
        lines = []
        for row in ROWS:
            if rows and not any(word in row.title for word in rows):
                continue
            barred = replace(row, times=TIMES, base="MLflow", floor=None)
            samples: dict[str, list[float]] = {subject.name: [] for subject in subjects}
            for _ in range(rounds):
                for subject in subjects:
                    samples[subject.name].append(row.measure(subject, seconds))
            lines.append(Line(barred, samples))
            shown = ", ".join(f"{name} {max(found):,.1f}" for name, found in samples.items())
            _say(f"{row.title}: {shown}")
        lines.append(Line(MEMORY, {subject.name: [memory(subject)] for subject in subjects}))
        print(table(lines), end="\n\n")
        if subjects[0].server.kind is peers.MAINSTAY:
            first = subjects[0]
            uri = first.server.database
            second = peers.Server(peers.MAINSTAY, place / "second", uri)
            stack.callback(second.stop)
            _processors(first, second, cluster, seconds)


@dataclass(frozen=True)
class Load:
    """What is asked of one server or of two, by 16 clients in all."""

    title: str
    requests: Callable[[Subject, int], list[bytes]]
    clients: int = CLIENTS


def _points(subject: Subject, count: int) -> list[bytes]:
    return [
        post(
            "runs/log-metric",
            run_id=subject.runs[step % len(subject.runs)],
            key="loss",
            value=step / 7,
            timestamp=STARTED + step,
            step=step,
        )
        for step in (next(subject.steps) for _ in range(count))
    ]


def _batches(subject: Subject, count: int) -> list[bytes]:
    steps = [next(subject.steps) for _ in range(count // 10)]
    return [
        subject.batch(subject.runs[step % len(subject.runs)], "cpu", step * 1000) for step in steps
    ]


def _searches(subject: Subject, count: int) -> list[bytes]:
    asked = {"experiment_ids": [subject.experiment], "max_results": PAGE}
    one = post("runs/search", filter=FILTER, order_by=BY_METRIC, **asked)
    return [one] * count


def _histories(subject: Subject, count: int) -> list[bytes]:
    target = f"metrics/get-history?run_id={subject.long_run}&metric_key=long&max_results={POINTS}"
    return [request("GET", f"/api/2.0/mlflow/{target}")] * count


LOADS = (
    Load("log-metric", _points),
    Load("log-batch of 1,000 metrics", _batches, clients=4),
    Load("filtered search sorted by a metric, 100 of 1,000", _searches, clients=4),
    Load(f"metric history of {POINTS:,} points", _histories, clients=4),
)


def _processors(first: Subject, second: peers.Server, cluster: Cluster, seconds: float) -> None:
    """Print what a request costs one server and two: requests a second, processor time of each."""
    print("| a request | servers | requests/s | server, ms of CPU | PostgreSQL, ms of CPU |")
    print("|---|---|---|---|---|")
    for load in LOADS:
        for servers in ([first.server], [first.server, second]):
            parts = [load.requests(first, int(4000 * seconds)) for _ in servers]
            for server, part in zip(servers, parts, strict=True):  # both have seen it once
                drive(server.address, part[:2], clients=1, seconds=seconds)
            own = sum(_spent(server.pid) for server in servers)
            database = _spent(cluster.pid)
            begun = time.perf_counter()
            rates = _together(servers, [part[2:] for part in parts], load.clients, 3 * seconds)
            done = rates * (time.perf_counter() - begun)
            own = sum(_spent(server.pid) for server in servers) - own
            database = _spent(cluster.pid) - database
            print(
                f"| {load.title} | {len(servers)} | {rates:,.0f} | {own * 1000 / done:.2f} "
                f"| {database * 1000 / done:.2f} |",
                flush=True,
            )


def _together(
    servers: Sequence[peers.Server], parts: Sequence[list[bytes]], clients: int, seconds: float
) -> float:
    share = clients // len(servers)
    with ThreadPoolExecutor(len(servers)) as pool:
        jobs = [
            pool.submit(drive, server.address, part, clients=share, seconds=seconds)
            for server, part in zip(servers, parts, strict=True)
        ]
        return sum(job.result() for job in jobs)


def _spent(pid: int) -> float:
    """Return the seconds of processor time of a process and of all that it started."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it ended, and its time was added to its parent's
    # Own time, and that of children that have ended.
    return sum(map(int, fields[11:15])) / TICKS + sum(_spent(int(child)) for child in children)


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
