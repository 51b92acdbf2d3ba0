"""Pages of a search, whichever way they are read: walked along an index or sorted whole."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from mainstay.entities.metrics import Metric
from mainstay.entities.pages import Search
from mainstay.stores.sql import groups, paging, searches
from mainstay.stores.sql.database import Database, Joined
from mainstay.stores.sql.tracking import SqlTracking

RUNS = 600
EVERYTHING = 5000
ORDERS = (
    (),
    ("metrics.m",),
    ("metrics.m DESC",),
    ("params.shared",),
    ("params.shared DESC",),
    ("params.long DESC",),
    ("params.rare",),
    ("tags.word", "metrics.m"),
    ("metrics.m DESC", "params.shared"),
    ("attributes.start_time",),
    ("start_time DESC",),
    ("attributes.run_name DESC",),
    ("attributes.end_time",),
)
FILTERS = (
    "",
    "params.even = 'True'",
    "metrics.m > 5.0",
    "metrics.m > 1.0 AND params.shared = 'b'",
    "params.even != 'True' AND tags.word LIKE 'w%'",
    "params.rare = '3' OR metrics.m = 0.25",
)


@pytest.fixture
def tracking(database_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlTracking]:
    """A store in which few runs count as many, so that every way of reading is taken."""
    monkeypatch.setattr(paging, "CROWD", 100)
    monkeypatch.setattr(paging, "FEW", 60)
    monkeypatch.setattr(paging, "WIDEST", 400)
    monkeypatch.setattr(groups, "CROWDED", 40)
    monkeypatch.setattr(groups, "GATHERED", 150)
    paging._kept.clear()
    database = Database(database_uri)
    yield SqlTracking(database)
    database.close()


def test_pages_hold_every_run_once_in_the_order_of_a_search_that_sorts_all(
    tracking: SqlTracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(tracking)
    for order, text in product(ORDERS, FILTERS):
        search = Search(filter=text, order_by=order, max_results=23)
        found = list(_walk(tracking, search))
        with monkeypatch.context() as patch:
            patch.setattr(paging, "CROWD", EVERYTHING)
            whole = list(_walk(tracking, replace(search, max_results=EVERYTHING)))
        assert found == whole, (order, text)
        assert len(found) == len(set(found))
        assert len(found) == RUNS or text


def test_few_runs_by_a_value_are_read_from_a_short_stretch_of_its_index(
    tracking: SqlTracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(tracking)
    monkeypatch.setattr(groups, "GATHERED", 2 * EVERYTHING)
    for order in ("metrics.m", "metrics.m DESC", "params.shared DESC", "params.long"):
        search = Search(order_by=(order,), max_results=23)
        monkeypatch.setattr(paging, "CROWD", 0)
        whole = list(_walk(tracking, replace(search, max_results=EVERYTHING)))
        monkeypatch.setattr(paging, "CROWD", EVERYTHING)
        paging._kept.clear()
        with tracking.database.read() as connection:
            searches.find_runs(connection, ["0"], search)
        (walk,) = paging._kept.values()
        assert ("all", False, True) not in walk._query._texts, order
        assert list(_walk(tracking, search)) == whole, order


def test_few_runs_are_each_looked_at_where_most_values_of_the_key_are_of_other_runs(
    tracking: SqlTracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(tracking)
    monkeypatch.setattr(groups, "GATHERED", 2 * EVERYTHING)
    monkeypatch.setattr(paging, "CROWD", EVERYTHING)
    other = tracking.create_experiment("other").experiment_id
    made = [tracking.create_run(other).info.run_id for _ in range(120)]
    for number, run in enumerate(made):
        tracking.log_batch(run, metrics=[Metric("m", float(number), 1, 1)])
    search = Search(order_by=("metrics.m",), max_results=23)
    paging._kept.clear()
    assert list(_walk(tracking, search, [other])) == made
    (walk,) = paging._kept.values()
    assert ("all", False, True) in walk._query._texts


def test_runs_of_several_experiments_are_merged_in_order(tracking: SqlTracking) -> None:
    chance = Random(3)
    numbers = [tracking.create_experiment(f"part {number}").experiment_id for number in range(3)]
    assert isinstance(tracking.database, Database)

    def fill(connection: Connection) -> list[tuple[int, str]]:
        inside = SqlTracking(Joined(connection))
        return [
            (run.info.start_time, run.info.run_id)
            for _ in range(200)
            for run in [inside.create_run(chance.choice(numbers), start_time=chance.randrange(90))]
        ]

    made = tracking.database.write(fill)
    newest = [run_id for _, run_id in sorted(made, key=lambda run: (-run[0], run[1]))]
    oldest = [run_id for _, run_id in sorted(made)]
    for order, expected in (((), newest), (("start_time ASC",), oldest)):
        search = Search(order_by=order, max_results=23)
        assert list(_walk(tracking, search, numbers)) == expected
    some = [run for run in newest if tracking.get_run(run).info.experiment_id != numbers[0]]
    assert list(_walk(tracking, Search(max_results=17), [*numbers[1:], "0"])) == some


def test_runs_are_in_the_order_of_a_metric_then_nan_then_none(tracking: SqlTracking) -> None:
    values = _fill(tracking)
    for direction in ("ASC", "DESC"):
        found = list(_walk(tracking, Search(order_by=(f"metrics.m {direction}",), max_results=97)))
        ranks = [_rank(values[run], direction) for run in found]
        assert ranks == sorted(ranks)
        assert {rank[0] for rank in ranks} == {0, 1, 2}


def _fill(tracking: SqlTracking) -> dict[str, float | None]:
    """Runs with few different numbers, so that ties abound; some are NaN, some have none."""
    assert isinstance(tracking.database, Database)
    return tracking.database.write(lambda connection: _runs(SqlTracking(Joined(connection))))


def _runs(tracking: SqlTracking) -> dict[str, float | None]:
    chance = Random(7)
    values: dict[str, float | None] = {}
    for number in range(RUNS):
        run = tracking.create_run("0", start_time=number // 2, run_name=f"r{number % 50}")
        run_id = run.info.run_id
        value = chance.choice([None, math.nan, math.inf, *(n / 4 for n in range(30))])
        points = [] if value is None else [Metric("m", value, 1)]
        params = {
            "even": str(number % 2 == 0),
            "shared": chance.choice("abc"),
            "long": "x" * 99 + chance.choice("yz") + chance.choice("ab"),
        }
        if number % 60 == 0:
            params["rare"] = str(number % 7)
        tags = {"word": chance.choice(["v", "w", "x"])} if number % 3 else {}
        tracking.log_batch(run_id, metrics=points, params=params, tags=tags)
        if number % 5 == 0:
            tracking.update_run(run_id, end_time=chance.randrange(9))
        values[run_id] = value
    return values


def _walk(
    tracking: SqlTracking, search: Search, experiments: Sequence[str] = ("0",)
) -> Iterator[str]:
    while True:
        page = tracking.search_runs(experiments, search)
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
