"""Processes that write one database: killed anywhere, or several at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from sqlalchemy import text

from mainstay.entities.metrics import Metric
from mainstay.entities.pages import Search
from mainstay.entities.spool import CreateRun, LogBatch, Record
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tracking import SqlTracking
from tests.support.parts import PROJECT

PROGRAM = """
import sys
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tracking import SqlTracking
from mainstay.entities.metrics import Metric
store = SqlTracking(Database(sys.argv[1]))
run = store.create_run("0", run_id=sys.argv[2]).info.run_id
for step in range(int(sys.argv[3])):
    store.log_batch(run, metrics=[Metric("m", step, step, step), Metric("n", -step, step, step)])
    print(step, flush=True)
"""


def writer(uri: str, run_id: str, steps: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, uri, run_id, str(steps)], stdout=subprocess.PIPE
    )


@pytest.mark.parametrize("acknowledged", [1, 40, 1100])
def test_a_killed_process_has_lost_nothing_acknowledged(
    database_uri: str, acknowledged: int
) -> None:
    Database(database_uri).close()
    process = writer(database_uri, "a" * 32, 1_000_000)
    assert process.stdout is not None
    seen = [int(process.stdout.readline()) for _ in range(acknowledged)]
    process.send_signal(signal.SIGKILL)
    rest = process.communicate()[0].split()
    last = int(rest[-1]) if rest else seen[-1]
    database = Database(database_uri)
    store = SqlTracking(database)
    pages = {key: store.get_metric_history("a" * 32, key).items for key in "mn"}
    assert [point.value for point in pages["m"]] == list(range(len(pages["m"])))
    assert len(pages["m"]) in (last + 1, last + 2)  # one may be committed and not yet told
    assert len(pages["m"]) == len(pages["n"])
    summaries = store.summarize_metrics(["a" * 32])["a" * 32]
    assert [one.count for one in summaries] == [len(pages["m"])] * 2
    if database.dialect == "sqlite":
        with database.read() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    database.close()


def test_several_processes_write_one_database(database_uri: str) -> None:
    processes = [writer(database_uri, str(number) * 32, 100) for number in range(3)]
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0
    database = Database(database_uri)
    store = SqlTracking(database)
    runs = store.search_runs(["0"], Search(filter="metrics.m = 99")).items
    assert len(runs) == 3
    database.close()


APPLY = """
import sys
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tracking import SqlTracking
from tests.stores.sql.test_processes import RECORDS
store = SqlTracking(Database(sys.argv[1]))
for record in RECORDS:
    store.apply("segment", [record])
    print(record.sequence, flush=True)
"""
RECORDS = [
    Record(1, CreateRun(run_id="b" * 32, experiment_name="killed", start_time=1)),
    *(
        Record(number, LogBatch(run_id="b" * 32, metrics=[Metric("m", number, number, number)]))
        for number in range(2, 8)
    ),
]


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("point", ["database.before_commit", "database.after_commit"])
def test_a_segment_sent_again_after_a_kill_has_each_effect_once(
    database_uri: str, point: str, times: int
) -> None:
    Database(database_uri).close()
    process = subprocess.run(
        [sys.executable, "-c", APPLY, database_uri],
        env={**os.environ, "MAINSTAY_KILL_AT": f"{point}:{times}"},
        capture_output=True,
        cwd=PROJECT,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr
    told = len(process.stdout.split())
    assert told == times - 1
    database = Database(database_uri)
    store = SqlTracking(database)
    committed = times if point == "database.after_commit" else times - 1
    assert store.applied("segment") == committed
    answer = store.apply("segment", RECORDS)
    assert (answer.sequence, answer.rejected) == (len(RECORDS), [])
    experiment = store.get_experiment_by_name("killed").experiment_id
    (run,) = store.search_runs([experiment], Search()).items
    points = store.get_metric_history(run.info.run_id, "m").items
    assert [point.step for point in points] == list(range(2, 8))
    database.close()
