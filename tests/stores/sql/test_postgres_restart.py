"""PostgreSQL stops under load and comes back: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from mainstay.entities.metrics import Metric
from mainstay.errors import Unavailable
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tracking import SqlTracking
from tests.support.parts import require
from tests.support.postgres import Cluster


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of its own, since the test stops it."""
    require("postgresql")
    cluster = Cluster()
    yield cluster
    cluster.stop()


def test_a_restart_under_load_loses_nothing_acknowledged(cluster: Cluster) -> None:
    database = Database(cluster.create_database())
    store = SqlTracking(database)
    runs = [store.create_run("0").info.run_id for _ in range(3)]
    acknowledged: dict[str, list[int]] = {run: [] for run in runs}
    stop = Event()

    def write(run: str) -> None:
        step = 0
        while not stop.is_set():
            try:
                store.log_batch(run, metrics=[Metric("m", step, step, step)])
            except Unavailable:  # sent again, as a client does
                continue
            acknowledged[run].append(step)
            step += 1

    with ThreadPoolExecutor(len(runs)) as pool:
        writers = [pool.submit(write, run) for run in runs]
        try:
            for _ in range(2):
                wait_until_each_wrote(acknowledged, 30)
                cluster.restart()
            wait_until_each_wrote(acknowledged, 30)
        finally:
            stop.set()
        for writer in writers:
            writer.result(30)
    for run in runs:
        found = [point.step for point in store.get_metric_history(run, "m").items]
        assert found == acknowledged[run]
        assert store.summarize_metrics([run])[run][0].count == len(found)
    database.close()


def wait_until_each_wrote(acknowledged: dict[str, list[int]], more: int) -> None:
    """Wait until every writer has written so many points more."""
    wanted = {run: len(steps) + more for run, steps in acknowledged.items()}
    deadline = time.monotonic() + 120
    while any(len(acknowledged[run]) < count for run, count in wanted.items()):
        assert time.monotonic() < deadline, "the writers do not get on"
        time.sleep(0.01)
