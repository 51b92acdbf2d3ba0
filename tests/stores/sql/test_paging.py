"""Pages of a search sorted by a metric, whichever way they are read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from random import Random

from msgspec.structs import replace

from mainstay.entities.metrics import Metric
from mainstay.entities.pages import Search
from mainstay.stores.sql import paging
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tracking import SqlTracking

RUNS = 2400


Values = dict[str, float | None]


def test_pages_sorted_by_a_metric_hold_every_run_once_and_in_order(database_uri: str) -> None:
    database = Database(database_uri)
    tracking = SqlTracking(database)
    values = _fill(tracking)
    for direction, size, text in product(("ASC", "DESC"), (20, 97), ("", "params.even = 'True'")):
        search = Search(filter=text, order_by=(f"metrics.m {direction}",), max_results=size)
        found = list(_walk(tracking, search))
        whole = list(_walk(tracking, replace(search, max_results=paging.WIDEST + RUNS)))
        assert found == whole, "an index read in stretches, and everything sorted"
        assert len(found) == len(set(found)) == (RUNS // 2 if text else RUNS)
        ranks = [_rank(values[run], direction) for run in found]
        assert ranks == sorted(ranks)
    database.close()


def _fill(tracking: SqlTracking) -> Values:
    """Runs with few different numbers, so that ties abound; some are NaN, some have none."""
    chance = Random(7)
    values: Values = {}
    for number in range(RUNS):
        run = tracking.create_run("0", start_time=number).info.run_id
        value = chance.choice([None, math.nan, math.inf, *(n / 4 for n in range(30))])
        points = [] if value is None else [Metric("m", value, 1)]
        tracking.log_batch(run, metrics=points, params={"even": str(number % 2 == 0)})
        values[run] = value
    return values


def _walk(tracking: SqlTracking, search: Search) -> Iterator[str]:
    while True:
        page = tracking.search_runs(["0"], search)
        yield from (run.info.run_id for run in page.items)
        if page.token is None:
            return
        search = replace(search, token=page.token)


def _rank(value: float | None, direction: str) -> tuple[int, float]:
    if value is None:
        return 2, 0.0
    if math.isnan(value):
        return 1, 0.0
    return 0, value if direction == "ASC" else -value
