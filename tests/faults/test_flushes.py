"""What a server answers and what its disk has: never the first before the second."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from mainstay.entities.metrics import Metric
from mainstay.entities.spool import CreateRun, LogBatch, Record
from mainstay.wire.spool import Apply
from tests.faults.api import API, FILES, OWN, create_run, get, history, post
from tests.faults.flushes import Flushes
from tests.support.parts import require
from tests.support.server import Answer, Door, RunningServer


@pytest.fixture
def flushes(tmp_path: Path) -> Iterator[Flushes]:
    require("gcc")
    made = Flushes(tmp_path / "flushes", of="mainstay.db")
    yield made
    made.release()  # a server that is held could not be stopped


def log(server: Door, run: str, step: int) -> Answer:
    point = {"key": "m", "value": step, "timestamp": step, "step": step}
    return server.call("POST", f"{API}/runs/log-metric", run_id=run, **point)


def apply(server: Door, run: str) -> Answer:
    records = [
        Record(1, CreateRun(run_id=uuid4().hex, start_time=1)),
        Record(2, LogBatch(run_id=run, metrics=[Metric("spooled", 1, 1, 1)])),
    ]
    body = msgspec.msgpack.encode(Apply(segment=uuid4().hex, records=records))
    headers = {"Content-Type": "application/msgpack"}
    return server.request("POST", f"{OWN}/spool/apply", body, headers)


WRITES: dict[str, Callable[[Door, str], Answer]] = {
    "log-metric": lambda door, run: log(door, run, 1),
    "log-batch": lambda door, run: door.call(
        "POST", f"{API}/runs/log-batch", run_id=run, params=[{"key": "p", "value": "1"}]
    ),
    "set-tag": lambda door, run: door.call(
        "POST", f"{API}/runs/set-tag", run_id=run, key="k", value="v"
    ),
    "runs/create": lambda door, _: door.call(
        "POST", f"{API}/runs/create", experiment_id="0", start_time=1
    ),
    "experiments/create": lambda door, _: door.call(
        "POST", f"{API}/experiments/create", name=uuid4().hex
    ),
    "model-versions/create": lambda door, _: door.call(
        "POST", f"{API}/model-versions/create", name="churn", source="s3://bucket/model"
    ),
    "alias": lambda door, _: door.call(
        "POST", f"{API}/registered-models/alias", name="churn", alias="champion", version="1"
    ),
    "upload": lambda door, _: door.request("PUT", f"{FILES}/0/{uuid4().hex}.bin", b"bytes"),
    "spool": apply,
}


def test_no_write_is_answered_before_the_flush_of_its_commit(
    flushes: Flushes, tmp_path: Path
) -> None:
    with flushes.server(tmp_path / "server") as server, ThreadPoolExecutor(1) as pool:
        run = create_run(server)
        post(server, f"{API}/registered-models/create", name="churn")
        post(server, f"{API}/model-versions/create", name="churn", source="s3://bucket/model")
        for name, write in WRITES.items():
            asked = flushes.begun
            flushes.hold()
            answer = pool.submit(write, server, run)
            flushes.wait_for(asked + 1)
            # A whole other request is answered meanwhile: this one could have been as well.
            assert get(server, f"{API}/runs/get", run_id=run).status == 200
            assert not answer.done(), f"{name} was answered before its flush"
            flushes.release()
            assert answer.result(60).status == 200, name


def test_what_waits_during_a_flush_shares_the_next_one(flushes: Flushes, tmp_path: Path) -> None:
    with flushes.server(tmp_path / "server") as server, ThreadPoolExecutor(21) as pool:
        run = create_run(server)
        asked, done = flushes.begun, flushes.done
        flushes.hold()
        first = pool.submit(log, server, run, 0)
        flushes.wait_for(asked + 1)
        others = [pool.submit(log, server, run, step) for step in range(1, 21)]
        while queued(server) < 20:
            assert not any(other.done() for other in others)
        flushes.release()
        assert {one.result(60).status for one in (first, *others)} == {200}
        assert flushes.done - done == 2
        assert sorted(history(server, run, "m")) == [(n, float(n)) for n in range(21)]


def queued(server: Door) -> float:
    """How many writes wait, as the server's own measurements have it."""
    found = re.search(
        r"^mainstay_commit_queue(?:{[^}]*})? ([\d.]+)$", metrics(server), re.MULTILINE
    )
    assert found is not None
    return float(found[1])


def metrics(server: Door) -> str:
    return server.request("GET", "/metrics").body.decode()


def test_after_a_failed_flush_nothing_is_acknowledged_and_no_flush_is_tried_again(
    flushes: Flushes, tmp_path: Path
) -> None:
    server: RunningServer = flushes.server(tmp_path / "server")
    run = create_run(server)
    assert log(server, run, 1).status == 200
    flushes.fail()
    refused = log(server, run, 2)
    assert refused.status == 500
    assert "nothing was acknowledged" in str(refused.json["message"])
    flushes.mend()  # a flush that succeeds now says nothing about what the first one lost
    asked = flushes.begun
    for step in (3, 4):
        again = log(server, run, step)
        assert again.status == 500
        assert "restart after the disk is repaired" in str(again.json["message"])
    assert flushes.begun == asked
    assert server.request("GET", "/readyz").status == 503
    assert server.request("GET", "/livez").status == 200
    assert history(server, run, "m") == [(1, 1.0)]
    assert server.stop() == 1
    assert "restart after the disk is repaired" in server.log
    with RunningServer(tmp_path / "server") as restarted:
        # The one that was refused may be there, whole; nobody was told that it is not.
        assert history(restarted, run, "m") in ([(1, 1.0)], [(1, 1.0), (2, 2.0)])
        assert log(restarted, run, 5).status == 200
