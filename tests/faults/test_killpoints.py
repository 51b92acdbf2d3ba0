"""SIGKILL at every named point of the server: what was acknowledged is there, whole and once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from mainstay import killpoints
from mainstay.stores.sql import cursors, upkeep
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tables.outbox import outbox_cursors
from tests.faults.api import API, BROKEN, OWN, Batches, Deed, Moves, Uploads, create_run, get, post
from tests.faults.conftest import Start
from tests.support.parts import PROJECT
from tests.support.receiver import Receiver
from tests.support.server import RunningServer

CASES: list[tuple[str, type[Deed], bool]] = [
    # the point, what is done, whether the deed that died there is there afterwards
    ("database.before_commit", Batches, False),
    ("database.after_commit", Batches, True),
    ("alias.moved", Moves, False),
    ("artifact.written", Uploads, False),
    ("artifact.renamed", Uploads, True),
    ("artifact.recorded", Uploads, True),
]
ELSEWHERE = {
    "schema.changed": "tests/faults/test_killpoints.py",
    "outbox.delivered": "tests/faults/test_killpoints.py",
    "webhooks.sent": "tests/server/test_webhooks.py",
    "backup.copied": "tests/faults/test_backup.py",
    "gc.marked": "tests/faults/test_gc.py",
    "gc.emptied": "tests/faults/test_gc.py",
}


def test_every_point_has_a_test() -> None:
    points = {point for point in killpoints.POINTS if not point.startswith("spool.")}
    assert points == {point for point, *_ in CASES} | ELSEWHERE.keys()
    for point, page in ELSEWHERE.items():
        assert f'"{point}' in (PROJECT / page).read_text(), f"{page} does not die at {point}"


@pytest.mark.parametrize(
    ("point", "kind", "kept"), CASES, ids=[f"{point}-{kind.__name__}" for point, kind, _ in CASES]
)
def test_what_was_acknowledged_before_a_kill_is_there_whole_and_once(
    start: Start, database_uri: str, point: str, kind: type[Deed], kept: bool
) -> None:
    deed = kind()
    server = start()
    deed.prepare(server)
    server.stop()
    expected = 0
    for times in (1, 2, 4):  # three deaths, each a little later
        server = start(kill_at=f"{point}:{times}")
        assert deed.done(server) == expected
        expected = do_until_it_dies(deed, server, expected)
        assert server.process.wait(120) == -signal.SIGKILL
        expected += 1 if kept else 0
    server = start()
    assert deed.done(server) == expected
    deed.do(server, expected)  # and it goes on
    assert deed.done(server) == expected + 1
    server.stop()
    assert upkeep.check(database_uri).problems == []


def do_until_it_dies(deed: Deed, server: RunningServer, number: int) -> int:
    """Return the number of the deed that was not acknowledged."""
    for following in range(number, number + 10):
        try:
            deed.do(server, following)
        except BROKEN:
            return following
    raise AssertionError("the server did not get to the point")


@pytest.mark.parametrize("attempt", range(3))
def test_a_kill_while_the_tables_are_made_leaves_a_database_that_starts(
    start: Start, database_uri: str, attempt: int
) -> None:
    with pytest.raises(RuntimeError, match="-9"):
        start(kill_at="schema.changed")
    server = start()
    assert create_run(server)
    server.stop()
    assert upkeep.check(database_uri).healthy


@pytest.mark.parametrize("attempt", range(3))
def test_a_killed_upgrade_changed_nothing(database_uri: str, attempt: int) -> None:
    command = [sys.executable, "-m", "mainstay", "db", "upgrade", database_uri]
    environment = {**os.environ, "MAINSTAY_KILL_AT": "schema.changed"}
    died = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    found = upkeep.check(database_uri)
    assert found.schema is None
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert upkeep.check(database_uri).healthy


def test_an_event_taken_before_a_kill_is_taken_again_and_has_one_effect(
    start: Start, database_uri: str, tmp_path: Path
) -> None:
    """The kill is between a delivery and the move of the subscriber's place.

    A webhook hears of each version under one delivery id, signed: what is sent again is known by
    it. The version's files are hashed beside that, before the death or after it, and once.
    """
    with Receiver() as receiver:
        _create_versions_while_the_server_dies(start, database_uri, tmp_path, receiver)
        received = receiver.wait_for(3)
    assert all(one.kind == "model_version.created" for one in received)
    assert all(one.signed_with("s3cret") for one in received)
    said = {one.delivery_id: (one.data["version"], one.data["event_id"]) for one in received}
    assert sorted(version for version, _ in said.values()) == ["1", "2", "3"]
    for one in received:  # a repeat says what the first one said
        assert said[one.delivery_id] == (one.data["version"], one.data["event_id"])


def _create_versions_while_the_server_dies(
    start: Start, database_uri: str, tmp_path: Path, receiver: Receiver
) -> None:
    root = tmp_path / "root"
    options = (
        *("--no-serve-artifacts", "--default-artifact-root", str(root)),
        "--webhook-allow-private",
    )
    server = start(*options)
    hook = {"entity": "MODEL_VERSION", "action": "CREATED"}
    about = {"name": "ci", "url": receiver.url, "events": [hook], "secret": "s3cret"}
    post(server, f"{API}/webhooks", **about)
    made = post(server, f"{API}/experiments/create", name="local")
    run = create_run(server, str(made["experiment_id"]))
    folder = root / str(made["experiment_id"]) / run / "artifacts" / "model"
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_text("flavors: {}\n")
    post(server, f"{API}/registered-models/create", name="net")
    for number in (1, 2, 3):
        wait_until(lambda: undelivered(database_uri) == 0)
        server.stop()
        server = start(*options, kill_at="outbox.delivered")
        with suppress(*BROKEN):  # the death may come before the answer
            create = f"{API}/model-versions/create"
            post(server, create, name="net", source=folder.as_uri(), run_id=run)
        assert server.process.wait(120) == -signal.SIGKILL
        assert undelivered(database_uri) > 0
        server = start(*options)
        wait_until(lambda: len(digest_of(server, number)) == 64)  # noqa: B023
    wait_until(lambda: undelivered(database_uri) == 0)
    receiver.wait_for(3, 90)  # a delivery that was on its way at a death waits for its lease
    entries = get(server, f"{OWN}/audit", after=0, limit=1000).json["entries"]
    assert isinstance(entries, list)
    hashed = [entry["subject"] for entry in entries if entry["action"] == "model_version.hashed"]
    assert hashed == ["net/1", "net/2", "net/3"]


def digest_of(server: RunningServer, number: int) -> str:
    """Return the digest of a version; "" while it is pending."""
    found = get(server, f"{API}/model-versions/get", name="net", version=number).json
    version = found["model_version"]
    assert isinstance(version, dict)
    return str(version.get("digest", ""))


def undelivered(uri: str) -> int:
    """Return how many events the server's subscriber has still to take."""
    database = Database(uri)
    with database.read() as connection:
        position = connection.execute(select(outbox_cursors.c.position)).scalar()
        newest = cursors.last_event(connection)
    database.close()
    return newest - (position or 0)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_the_interpreters_own_sqlite_reads_what_a_killed_server_left(tmp_path: Path) -> None:
    """Another program, another build of SQLite: the file is a plain database."""
    server = RunningServer(tmp_path)
    run = create_run(server)
    server.process.kill()
    server.process.wait(120)
    server.stop()
    with sqlite3.connect(tmp_path / "mainstay.db") as connection:
        assert connection.execute("SELECT run_id FROM runs").fetchall() == [(run,)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
