"""Time against size: ``python -m benchmarks.tracking.scale``.

100,000 runs of 50 values each, and one run of 10 million points, written through the store's own
functions; then what is asked of them is timed at several sizes, through the store and without HTTP.
Prints tables, and writes the chart of ``docs/benchmarks.md`` if ``--svg`` names a file.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from benchmarks.tracking.chart import Panel, svg
from benchmarks.tracking.peers import end_servers_with_us
from benchmarks.tracking.places import Clustered, Files, Places
from mainstay.entities.metrics import Metric
from mainstay.entities.pages import Search
from mainstay.entities.spool import LogBatch
from mainstay.stores.sql import experiments, metrics, runs, segments
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.history import Histories
from mainstay.stores.sql.kept import KeptRuns
from mainstay.stores.sql.tracking import SqlTracking
from mainstay.wire.metrics import write_history
from mainstay.wire.runs import write_page, write_rest

STARTED = 1_790_000_000_000
METRICS, PARAMS, TAGS = 25, 15, 9  # with the tag of its name, 50 values a run
TOGETHER = 500
SPIKE = 1e6
BAR, KEYS_BAR, DELETE_BAR, BYTES_BAR = 100.0, 50.0, 2000.0, 16
FIRST = {
    "newest 100": Search(max_results=100),
    "sorted by start time, as clients ask for it": Search(
        order_by=("attributes.start_time DESC",), max_results=100
    ),
    "filtered by a metric and a parameter, newest 100": Search(
        filter="metrics.metric_0 > 0.5 and params.param_0 = '3'", max_results=100
    ),
    "filtered, sorted by a metric": Search(
        filter="metrics.metric_0 > 0.5 and params.param_0 != '3'",
        order_by=("metrics.metric_1 DESC",),
        max_results=100,
    ),
    "filter that few runs pass, sorted by a metric": Search(
        filter="metrics.metric_0 > 0.9995", order_by=("metrics.metric_1 DESC",), max_results=100
    ),
    "sorted by a metric": Search(order_by=("metrics.metric_1 ASC",), max_results=100),
    "sorted by a parameter of ten values": Search(order_by=("params.param_1",), max_results=100),
    "filtered by a tag, sorted by a parameter": Search(
        filter="tags.tag_0 = 'word 77'", order_by=("params.param_1",), max_results=100
    ),
    "two equalities, sorted by a parameter": Search(
        filter="params.param_0 = '3' and tags.tag_1 = 'word 5'",
        order_by=("params.param_2 DESC",),
        max_results=100,
    ),
    "pattern that no index helps, sorted by a metric": Search(
        filter="params.param_0 LIKE '3%'", order_by=("metrics.metric_1 DESC",), max_results=100
    ),
}
PREFIX = "metric_1"

Times = dict[str, dict[int, list[float]]]
"""Seconds, sorted, by size, by title."""


def main() -> None:
    """Build what is missing, measure, print."""
    options = _options()
    end_servers_with_us()
    files = Files(Path(options.folder))
    places: Places = Clustered(files) if options.postgres else files
    try:
        _measure(places, options)
    finally:
        places.close()


def _measure(places: Places, options: argparse.Namespace) -> None:
    searches: Times = {}
    for size in options.runs:
        with places.filled(f"runs_{size}", partial(_fill, size=size)) as database:
            with_runs(database, size, searches)
    charts: Times = {}
    deleted: Times = {}
    width: dict[int, float] = {}
    for size in options.points:
        name = f"points_{size}"
        with places.filled(name, partial(_fill_series, size=size)) as database:
            width[size] = places.size(database) / size
            with_points(database, size, charts)
        with places.spare(name) as spare:
            deleted.setdefault("delete the run for good", {})[size] = [_delete(spare)]
    _print_times("asked", "runs", searches, BAR)
    _print_times("of one series", "points", charts, BAR)
    _print_times("of one series", "points", deleted, DELETE_BAR)
    print(f"| bytes a point, the whole database | {_cells(width, '.2f')} | <= {BYTES_BAR} |")
    if options.svg:
        panels = [
            Panel("Searching runs, 50 values each", "runs stored", _late(searches), BAR),
            Panel("Reading one series", "points stored", _late(charts), BAR),
        ]
        note = f"p95 through the store, {places.label}, 2 cores; both axes are logarithmic"
        Path(options.svg).write_text(svg(panels, note=note))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tracking.scale")
    parser.add_argument("--folder", default=".bench/scale", help="kept for a second run")
    parser.add_argument("--runs", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--points", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--postgres", action="store_true", help="in a private PostgreSQL cluster")
    parser.add_argument("--svg", help="also draw it, into this file")
    return parser.parse_args()


# -- many runs -----------------------------------------------------------------------------------
def with_runs(database: Database, size: int, found: Times) -> None:
    """Measure searches over ``size`` runs."""
    kept = KeptRuns(database, write_rest)
    tracking = SqlTracking(database)
    for title, search in FIRST.items():
        found.setdefault(f"{title}, top 100" if search.order_by else title, {})[size] = _times(
            partial(_search, kept, search)
        )
    deep = _deep(kept, FIRST["sorted by a metric"], size // 2)
    found.setdefault("sorted by a metric, 100 from the middle", {})[size] = _times(
        partial(_search, kept, deep)
    )
    found.setdefault("keys of the experiment by prefix (bar 50 ms)", {})[size] = _times(
        lambda: tracking.logged_keys(["1"], "metric", prefix=PREFIX)
    )
    with database.read() as connection:
        number = connection.exec_driver_sql("SELECT run_id FROM runs WHERE id = 7").scalar_one()
    found.setdefault("a run's metrics by prefix", {})[size] = _times(
        lambda: tracking.summarize_metrics([str(number)], prefix=PREFIX)
    )
    found.setdefault("a run with all its values", {})[size] = _times(
        lambda: tracking.get_run(str(number))
    )


def _search(kept: KeptRuns, search: Search) -> bytes:
    return write_page(kept.search(["1"], search))


def _deep(kept: KeptRuns, search: Search, behind: int) -> Search:
    """Return the search for the page behind that many runs."""
    token = None
    while behind > 0:
        size = min(behind, 20_000)
        page = kept.search(["1"], _at(search, token, size))
        token, behind = page.token, behind - size
    return _at(search, token, 100)


def _at(search: Search, token: str | None, size: int) -> Search:
    return Search(
        filter=search.filter, order_by=search.order_by, max_results=size, token=token or None
    )


def _fill(database: Database, size: int) -> None:
    def work(connection: Connection, numbers: range) -> None:
        experiment = experiments.find(connection, 1)
        for number in numbers:
            made = runs.create(connection, experiment, start_time=STARTED + number)
            segments.log_batch(connection, _values(made.info.run_id, number))

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
def with_points(database: Database, size: int, charts: Times) -> None:
    """Measure one series of ``size`` points."""
    tracking = SqlTracking(database)
    with database.read() as connection:
        run_id = str(connection.exec_driver_sql("SELECT run_id FROM runs").scalar_one())
    for title, zoom in (("all of it", 1), ("a tenth", 10), ("a thousandth", 1000)):
        draw = partial(_draw, tracking, run_id, size, zoom)
        charts.setdefault(f"chart of {title}", {})[size] = _times(draw)
    histories = Histories(database)
    for title, share in (("first", 0.0), ("middle", 0.5)):
        token = _token(histories, run_id, int(size * share))
        read = partial(_history, histories, run_id, token)
        charts.setdefault(f"{title} 10,000 points of the history", {})[size] = _times(read)


def _draw(tracking: SqlTracking, run_id: str, size: int, zoom: int) -> None:
    """Ask for a chart around the middle spike, and see that every spike in it is there."""
    where, span = spikes(size), size // zoom
    first = max(0, min(where[1] - span // 2, size - span))
    last = first + span - 1
    found = tracking.get_series([run_id], "loss", points=1000, start_step=first, end_step=last)[0]
    seen = sum(high == SPIKE for high in found.high)
    expected = sum(first <= spike <= last for spike in where)
    assert seen == expected, f"{seen} of {expected} spikes between {first} and {last}"
    assert len(found.step) <= 2000


def _token(histories: Histories, run_id: str, behind: int) -> str | None:
    token = None
    while behind > 0:
        _, token = histories.page(run_id, "loss", max_results=min(behind, 25_000), token=token)
        behind -= 25_000
    return token


def _history(histories: Histories, run_id: str, token: str | None) -> bytes:
    found, following = histories.page(run_id, "loss", max_results=10_000, token=token)
    return write_history("loss", found.values, found.timestamps, found.steps, following)


def _delete(database: Database) -> float:
    """Time the deletion for good of the one run, as ``mainstay gc`` does it."""

    def work(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM runs")

    return _once(lambda: database.write(work))


def _fill_series(database: Database, size: int) -> None:
    tracking = SqlTracking(database)
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
    work()  # what is compiled once, or read from the disk for the first time
    return sorted(_once(work) for _ in range(count))


def _once(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _late(found: Times) -> dict[str, dict[int, float]]:
    """Return the 95th percentiles, in ms."""
    return {
        title: {size: _percentile(times, 0.95) for size, times in by_size.items()}
        for title, by_size in found.items()
    }


def _percentile(times: list[float], share: float) -> float:
    return 1000 * times[math.ceil(len(times) * share) - 1]


def _print_times(asked: str, stored: str, found: Times, bar: float) -> None:
    sizes = sorted({size for by_size in found.values() for size in by_size})
    heads = " | ".join(f"{size:,} {stored}" for size in sizes)
    print(f"\n| {asked}, p50 / p95 in ms | {heads} | bar |")
    print("|---" * (len(sizes) + 2) + "|")
    for title, by_size in found.items():
        cells = " | ".join(
            f"{_percentile(by_size[size], 0.5):.1f} / {_percentile(by_size[size], 0.95):.1f}"
            for size in sizes
        )
        print(f"| {title} | {cells} | <= {bar:g} ms |")


def _cells(found: dict[int, float], form: str) -> str:
    return " | ".join(format(value, form) for _, value in sorted(found.items()))


if __name__ == "__main__":
    main()
