"""Time against size: ``python -m benchmarks.tracking.scale``.

100,000 runs of 50 values each, and one run of 10 million points, written through the store's own
functions; then what is asked of them is timed at several sizes, through the store and without HTTP.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from mainstay.entities.metrics import Metric
from mainstay.entities.pages import Search
from mainstay.entities.spool import LogBatch
from mainstay.stores.sql import experiments, metrics, runs, segments
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.kept import KeptRuns
from mainstay.stores.sql.tracking import SqlTracking
from mainstay.wire.runs import write_page, write_rest

STARTED = 1_790_000_000_000
METRICS, PARAMS, TAGS = 25, 15, 9  # with the tag of its name, 50 values a run
TOGETHER = 500
SPIKE = 1e6
SEARCHES = {
    "newest 100": Search(max_results=100),
    "filtered by a metric and a parameter, newest 100": Search(
        filter="metrics.metric_0 > 0.5 and params.param_0 = '3'", max_results=100
    ),
    "filtered, sorted by a metric, top 100": Search(
        filter="metrics.metric_0 > 0.5 and params.param_0 != '3'",
        order_by=("metrics.metric_1 DESC",),
        max_results=100,
    ),
    "filter that few runs pass, sorted by a metric": Search(
        filter="metrics.metric_0 > 0.9995", order_by=("metrics.metric_1 DESC",), max_results=100
    ),
    "sorted by a metric, top 100": Search(order_by=("metrics.metric_1 ASC",), max_results=100),
    "sorted by a parameter, top 100": Search(order_by=("params.param_1",), max_results=100),
    "tag equals, sorted by a parameter": Search(
        filter="tags.tag_0 = 'word 77'", order_by=("params.param_1",), max_results=100
    ),
}
PREFIX = "metric_1"


def main() -> None:
    """Build what is missing, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tracking.scale")
    parser.add_argument("--folder", default=".bench/scale", help="kept for a second run")
    parser.add_argument("--runs", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--points", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    options = parser.parse_args()
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    for size in options.runs:
        with_runs(folder / f"runs_{size}.db", size)
    for size in options.points:
        with_points(folder / f"points_{size}.db", size)


# -- many runs -----------------------------------------------------------------------------------
def with_runs(path: Path, size: int) -> None:
    """Measure searches over ``size`` runs."""
    new = not path.exists()
    database = Database(f"sqlite:///{path}")
    if new:
        begun = time.perf_counter()
        _fill(database, size)
        print(f"{size:,} runs written in {time.perf_counter() - begun:.0f} s")
    kept = KeptRuns(database, write_rest)
    for title, search in SEARCHES.items():
        cold = _once(partial(_search, kept, search))
        times = _times(partial(_search, kept, search))
        _line(f"{size:,} runs", title, times, first=cold)
    tracking = SqlTracking(database)
    with database.read() as connection:
        number = connection.exec_driver_sql("SELECT run_id FROM runs WHERE id = 7").scalar_one()
    times = _times(lambda: tracking.summarize_metrics([str(number)], prefix=PREFIX))
    _line(f"{size:,} runs", "keys of a run by prefix", times)
    database.close()


def _search(kept: KeptRuns, search: Search) -> bytes:
    return write_page(kept.search(["1"], search))


def _fill(database: Database, size: int) -> None:
    def work(connection: Connection, numbers: range) -> None:
        experiment = experiments.find(connection, 1)
        for number in numbers:
            made = runs.create(connection, experiment, start_time=STARTED + number)
            segments.log_batch(connection, _values(made.run_id, number))

    SqlTracking(database).create_experiment("many runs")
    for start in range(0, size, TOGETHER):
        numbers = range(start, min(size, start + TOGETHER))
        database.write(partial(work, numbers=numbers))


def _values(run_id: str, number: int) -> LogBatch:
    chance = random.Random(number)
    return LogBatch(
        run_id=run_id,
        metrics=[Metric(f"metric_{n}", chance.random(), STARTED + number) for n in range(METRICS)],
        params={f"param_{n}": str(chance.randrange(10)) for n in range(PARAMS)},
        tags={f"tag_{n}": f"word {chance.randrange(100)}" for n in range(TAGS)},
    )


# -- many points ---------------------------------------------------------------------------------
def with_points(path: Path, size: int) -> None:
    """Measure one series of ``size`` points: bytes at rest, charts at any zoom, deletion."""
    new = not path.exists()
    database = Database(f"sqlite:///{path}")
    tracking = SqlTracking(database)
    if new:
        begun = time.perf_counter()
        _fill_series(database, tracking, size)
        print(f"{size:,} points written in {time.perf_counter() - begun:.0f} s")
    with database.read() as connection:
        run_id = str(connection.exec_driver_sql("SELECT run_id FROM runs").scalar_one())
        pages, free, each = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
    used = (pages - free) * each
    print(f"| {size:,} points | bytes a point, the whole database | {used / size:.2f} |")
    where = spikes(size)
    for zoom in (1, 10, 1000, 100_000):
        span = size // zoom
        if span < 100:
            continue
        middle = where[1]
        start = max(0, min(middle - span // 2, size - span))

        def draw(first: int = start, last: int = start + span - 1) -> float:
            found = tracking.get_series(
                [run_id], "loss", points=1000, start_step=first, end_step=last
            )[0]
            seen = sum(high == SPIKE for high in found.high)
            expected = sum(first <= spike <= last for spike in where)
            assert seen == expected, f"{seen} of {expected} spikes between {first} and {last}"
            assert len(found.step) <= 2000
            return 0.0

        _line(f"{size:,} points", f"chart of {span:,} steps", _times(draw, 12))
    database.close()
    with tempfile.TemporaryDirectory(dir=path.parent) as place:
        copy = Path(place) / path.name
        shutil.copyfile(path, copy)
        _delete(copy, size)


def _delete(path: Path, size: int) -> None:
    """Time the deletion for good of the one run, as ``mainstay gc`` does it."""
    database = Database(f"sqlite:///{path}")

    def work(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM runs")

    _line(f"{size:,} points", "delete the run for good", [_once(lambda: database.write(work))])
    database.close()


def _fill_series(database: Database, tracking: SqlTracking, size: int) -> None:
    run = tracking.create_run("0")
    for start in range(0, size, 100_000):
        points = list(_points(start, min(size, start + 100_000), size))

        def work(connection: Connection, some: list[Metric] = points) -> None:
            metrics.write(connection, runs.hold_active(connection, run.info.run_id).id, some)

        database.write(work)
    tracking.update_run(run.info.run_id, status="FINISHED")


def _points(start: int, end: int, size: int) -> Iterator[Metric]:
    """A loss as training makes one: a curve with noise, and a few single spikes."""
    high = set(spikes(size))
    chance = random.Random(start)
    for step in range(start, end):
        value = SPIKE if step in high else 5 / math.sqrt(1 + step / 1000) + chance.gauss(0, 0.02)
        yield Metric("loss", value, STARTED + step * 50 + chance.randrange(3), step)


def spikes(size: int) -> tuple[int, int, int]:
    """Return the steps at which the series has a spike of one point."""
    return size // 7, size // 2 + 13, size - size // 9


# -- both ----------------------------------------------------------------------------------------
def _times(work: Callable[[], object], count: int = 20) -> list[float]:
    return sorted(_once(work) for _ in range(count))


def _once(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _line(size: str, title: str, times: list[float], *, first: float | None = None) -> None:
    middle, late = times[len(times) // 2], times[math.ceil(len(times) * 0.95) - 1]
    begin = "" if first is None else f"{first * 1000:.1f}"
    print(f"| {size} | {title} | {middle * 1000:.1f} | {late * 1000:.1f} | {begin} |", flush=True)


if __name__ == "__main__":
    main()
