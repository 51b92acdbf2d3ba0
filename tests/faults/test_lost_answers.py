"""Answers get lost, requests come twice, late or in half: every write has exactly one effect."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from mainstay.entities.metrics import Metric
from mainstay.entities.spool import CreateRun, CreateVersion, LogBatch, Operation, Record, UpdateRun
from mainstay.wire.spool import AppliedAnswer, Apply
from tests.faults.api import API, BROKEN, FILES, OWN, Moves, create_run, get, history, post
from tests.faults.conftest import Start
from tests.faults.proxy import Fault, FaultProxy
from tests.support.server import Answer, Door, RunningServer

FAULTS: tuple[Fault, ...] = ("refuse", "cut", "lost", "twice", "late")


def every_third(seed: int) -> Callable[[int], Fault]:
    """Return a plan that lets two of three requests be, and does something to the rest."""
    chance = random.Random(seed)
    return lambda _: chance.choice(FAULTS) if chance.random() < 0.34 else "none"


@contextmanager
def faulty(
    server: RunningServer, plan: Callable[[int], Fault]
) -> Iterator[tuple[Door, FaultProxy]]:
    with FaultProxy(server.url, plan) as proxy:
        yield Door(proxy.url, seconds=5), proxy


def insist(send: Callable[[], Answer]) -> Answer:
    """Send until there is an answer, as a client does that may repeat."""
    for _ in range(50):
        try:
            return send()
        except BROKEN:
            continue
    raise AssertionError("no answer came in 50 tries")


def put(door: Door, segment: str, records: list[Record]) -> int:
    body = msgspec.msgpack.encode(Apply(segment=segment, records=records))
    headers = {"Content-Type": "application/msgpack"}
    answer = insist(lambda: door.request("POST", f"{OWN}/spool/apply", body, headers))
    assert answer.status == 200, answer
    applied = msgspec.msgpack.decode(answer.body, type=AppliedAnswer).applied
    assert applied.rejected == []
    return applied.sequence


@pytest.mark.parametrize("seed", range(3))
def test_spooled_records_have_one_effect_whatever_the_network_does(start: Start, seed: int) -> None:
    server = start()
    run = f"{seed:032x}"
    operations: list[Operation] = [
        CreateRun(run_id=run, experiment_name="faulty", start_time=1),
        *(
            LogBatch(run_id=run, metrics=[Metric("loss", step, step, step)])
            for step in range(1, 60)
        ),
        CreateVersion(name="net", source="s3://bucket/model", run_id=run),
        UpdateRun(run_id=run, status="FINISHED", end_time=9),
    ]
    records = [Record(number, operation) for number, operation in enumerate(operations, 1)]
    with faulty(server, every_third(seed)) as (door, proxy):
        for first in range(0, len(records), 3):
            piece = records[first : first + 3]
            # A request that comes late is answered with how far the segment is by then.
            assert put(door, "one", piece) >= piece[-1].sequence
    assert sum(proxy.faults[fault] for fault in FAULTS) > 3
    assert history(server, run, "loss") == [(step, float(step)) for step in range(1, 60)]
    found = get(server, f"{API}/runs/get", run_id=run).json["run"]
    assert isinstance(found, dict)
    assert found["info"]["status"] == "FINISHED"
    versions = get(server, f"{API}/model-versions/search", filter="name = 'net'").json
    assert len(versions["model_versions"]) == 1  # type: ignore[arg-type]


def send(door: Door, segment: str, records: list[Record]) -> Answer:
    body = msgspec.msgpack.encode(Apply(segment=segment, records=records))
    headers = {"Content-Type": "application/msgpack"}
    return door.request("POST", f"{OWN}/spool/apply", body, headers)


def test_a_record_that_comes_again_with_another_content_is_refused(start: Start) -> None:
    """Two processes with one segment: what the second says would be passed over and lost."""
    server = start()
    run = create_run(server)

    def point(sequence: int, value: float) -> Record:
        return Record(sequence, LogBatch(run_id=run, metrics=[Metric("m", value, 1, sequence)]))

    first = [point(1, 1.0), point(2, 2.0)]
    answer = send(server, "one", first)
    assert answer.status == 200
    again = send(server, "one", first)
    assert (again.status, again.body) == (200, answer.body)
    assert send(server, "one", [*first[1:], point(3, 3.0)]).status == 200
    for other in ([point(2, 9.0)], [point(3, 9.0), point(4, 9.0)], [first[0], point(2, 9.0)]):
        refused = send(server, "one", other)
        assert refused.status == 409, refused
        assert "was applied with another content" in str(refused.json["message"])
    assert history(server, run, "m") == [(1, 1.0), (2, 2.0), (3, 3.0)]
    assert send(server, "two", [point(1, 9.0)]).status == 200  # a segment of its own
    # Long logs, as of a machine that is put back far: every record is known, and so is a number
    # that nobody used.
    numbers = [*range(4, 700), *range(900, 1100), *range(5000, 5003)]
    for start_at in range(0, len(numbers), 300):
        some = [point(n, 5.0) for n in numbers[start_at : start_at + 300]]
        assert send(server, "one", some).status == 200
    for number in (1, 4, 511, 512, 699, 1023, 1024, 1099, 5000, 5002):
        refused = send(server, "one", [point(number, 9.0)])
        assert refused.status == 409, number
        assert f"record {number} of" in str(refused.json["message"])
    before = history(server, run, "m")
    old = [*range(4, 20), *range(690, 700), *range(1020, 1030), 5002]
    assert send(server, "one", [point(n, 5.0) for n in old]).status == 200
    assert send(server, "one", [point(n, 5.0) for n in (800, 5002)]).status == 200
    assert history(server, run, "m") == before
    assert send(server, "one", [point(5002, 5.0), point(5003, 5.0)]).status == 200
    assert history(server, run, "m") == [*before, (5003, 5.0)]


@pytest.mark.parametrize("seed", range(3))
def test_repeats_of_the_stock_calls_are_absorbed_by_what_they_say(start: Start, seed: int) -> None:
    server = start()
    run = create_run(server)
    with faulty(server, every_third(100 + seed)) as (door, proxy):

        def send(path: str, **fields: object) -> None:
            answer = insist(lambda: door.call("POST", f"{API}/{path}", run_id=run, **fields))
            assert answer.status == 200, answer

        for step in range(40):
            point = {"key": "loss", "value": step / 2, "timestamp": step, "step": step}
            send("runs/log-metric", **point)
            send("runs/log-parameter", key=f"p{step}", value="1")
            send("runs/set-tag", key=f"t{step}", value="1")
            send("runs/log-batch", metrics=[{**point, "key": "batched"}])
        send("runs/update", status="FINISHED", end_time=5)
    assert sum(proxy.faults[fault] for fault in FAULTS) > 10
    for key in ("loss", "batched"):
        assert history(server, run, key) == [(step, step / 2) for step in range(40)]
    data = get(server, f"{API}/runs/get", run_id=run).json["run"]["data"]  # type: ignore[index]
    assert len(data["params"]) == 40
    assert len([tag for tag in data["tags"] if tag["key"].startswith("t")]) == 40


def test_a_file_whose_answer_was_lost_is_sent_again_without_harm(start: Start) -> None:
    server = start()
    faults: list[Fault] = ["lost", "cut", "twice", "none"]
    body = os.urandom(3 << 20)
    with faulty(server, lambda number: faults[number]) as (door, _):
        answer = insist(lambda: door.request("PUT", f"{FILES}/0/a.bin", body))
        assert answer.status == 200
    assert server.request("GET", f"{FILES}/0/a.bin").body == body
    listed = get(server, FILES, path="0").json["files"]
    assert [file["path"] for file in listed] == ["a.bin"]  # type: ignore[attr-defined]


def test_a_move_whose_answer_was_lost_is_refused_when_sent_again_and_happened_once(
    start: Start,
) -> None:
    server = start()
    moves = Moves()
    moves.prepare(server)
    faults: list[Fault] = ["lost", "none"]
    with faulty(server, lambda number: faults[number]) as (door, _):
        move = {"name": "churn", "alias": "champion", "version": 1, "expected_version": None}
        answer = insist(lambda: door.call("POST", f"{OWN}/registry/alias-moves", move=move))
    assert answer.status == 409
    assert "'champion' is 1, not nobody" in str(answer.json["message"])
    assert moves.done(server) == 1


def test_a_client_that_gave_up_finds_its_write_done_once(start: Start) -> None:
    server = start()
    run = create_run(server)
    point = {"run_id": run, "key": "loss", "value": 1.0, "timestamp": 1, "step": 1}
    faults: list[Fault] = ["stall", "none"]
    with FaultProxy(server.url, lambda number: faults[number]) as proxy:
        door = Door(proxy.url, seconds=1)
        answer = insist(lambda: door.call("POST", f"{API}/runs/log-metric", **point))
    assert answer.status == 200
    assert history(server, run, "loss") == [(1, 1.0)]


SCRIPT = """
import mainstay

mainstay.set_experiment("faulty")
with mainstay.start_run() as run:
    print(run.info.run_id, flush=True)
    for step in range(400):
        mainstay.log_metric("loss", step, step=step)
        mainstay.log_param(f"p{step % 50}", step % 50)
        if step % 20 == 19:
            assert mainstay.flush(120)
    for name in ("one", "two", "three"):
        mainstay.log_text(name, f"notes/{name}.txt")
assert mainstay.flush(120)
"""


def test_a_script_behind_a_bad_network_arrives_whole_and_once(start: Start, tmp_path: Path) -> None:
    server = start()
    (tmp_path / "train.py").write_text(SCRIPT)
    with FaultProxy(server.url, every_third(7)) as proxy:
        environment = {
            **os.environ,
            "MAINSTAY_TRACKING_URI": proxy.url,
            "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
            "MAINSTAY_HTTP_REQUEST_MAX_RETRIES": "0",
            "MAINSTAY_END_WAIT": "100",
        }
        done = subprocess.run(
            [sys.executable, "train.py"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert sum(proxy.faults[fault] for fault in FAULTS) > 3
    run = done.stdout.strip()
    assert history(server, run, "loss") == [(step, float(step)) for step in range(400)]
    found = get(server, f"{API}/runs/get", run_id=run).json["run"]
    assert isinstance(found, dict)
    assert len(found["data"]["params"]) == 50
    assert found["info"]["status"] == "FINISHED"
    notes = f"{found['info']['experiment_id']}/{run}/artifacts/notes"
    listed = get(server, FILES, path=notes).json["files"]
    assert sorted(file["path"] for file in listed) == ["one.txt", "three.txt", "two.txt"]  # type: ignore[attr-defined]
    assert server.request("GET", f"{FILES}/{notes}/three.txt").body == b"three"
    experiments = post(server, f"{API}/experiments/search", max_results=10)["experiments"]
    assert sorted(one["name"] for one in experiments) == ["Default", "faulty"]  # type: ignore[attr-defined]
