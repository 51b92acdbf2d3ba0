"""Writing: what is acknowledged is committed, what fails leaves nothing, nobody waits in vain."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Thread, get_ident

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from mainstay.entities.metrics import Metric
from mainstay.errors import BadInput, MainstayError, OutOfSpace, Unavailable
from mainstay.stores.sql import driver
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tracking import SqlTracking

INSERT = text("INSERT INTO segments (segment, sequence, updated_at) VALUES (:name, 0, 0)")
COUNT = text("SELECT count(*) FROM segments")


@pytest.fixture
def database(database_uri: str) -> Iterator[Database]:
    """An empty database, of each kind."""
    opened = Database(database_uri)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database."""
    opened = Database(f"sqlite:///{tmp_path}/mainstay.db")
    yield opened
    opened.close()


def add(database: Database, name: str) -> None:
    database.write(lambda connection: connection.execute(INSERT, {"name": name}).rowcount)


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(COUNT).scalar_one())


def test_a_write_returns_what_the_work_returns_and_is_seen_at_once(database: Database) -> None:
    def work(connection: Connection) -> str:
        connection.execute(INSERT, {"name": "a"})
        return "done"

    assert database.write(work) == "done"
    assert count(database) == 1


def test_a_work_that_fails_leaves_nothing(database: Database) -> None:
    def work(connection: Connection) -> None:
        connection.execute(INSERT, {"name": "a"})
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.write(work)
    with pytest.raises(IntegrityError):
        database.write(
            lambda connection: connection.execute(INSERT, [{"name": "b"}, {"name": "b"}]).rowcount
        )
    assert count(database) == 0


def test_a_reader_keeps_its_snapshot_and_cannot_write(database: Database) -> None:
    with database.read() as connection:
        assert connection.execute(COUNT).scalar_one() == 0
        add(database, "a")
        assert connection.execute(COUNT).scalar_one() == 0
    assert count(database) == 1
    with (
        pytest.raises((MainstayError, DBAPIError), match=r"read-only|cannot be written"),
        database.read() as connection,
    ):
        connection.execute(INSERT, {"name": "b"})
    assert count(database) == 1


def test_many_threads_lose_nothing(database: Database) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: add(database, str(number)), range(200)))
    assert count(database) == 200


def test_requests_that_wait_together_are_committed_together(sqlite: Database) -> None:
    inside, release = Event(), Event()

    def slow(connection: Connection) -> None:
        inside.set()
        assert release.wait(120)

    first = Thread(target=lambda: sqlite.write(slow))
    first.start()
    assert inside.wait(120)
    before = sqlite.commits
    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(add, sqlite, str(number)) for number in range(20)]
        deadline = time.monotonic() + 120
        while sqlite.queued < 20 and time.monotonic() < deadline:
            time.sleep(0.001)
        release.set()
        for future in waiting:
            future.result(timeout=20)
    first.join()
    assert count(sqlite) == 20
    assert sqlite.commits - before == 2  # the slow one, then all that waited


def test_one_bad_request_does_not_harm_its_neighbours(sqlite: Database) -> None:
    inside, release = Event(), Event()

    def slow(connection: Connection) -> None:
        inside.set()
        assert release.wait(120)

    def bad(connection: Connection) -> None:
        connection.execute(INSERT, {"name": "bad"})
        raise KeyError("bad")

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(sqlite.write, slow)
        assert inside.wait(120)
        good, broken, other = (
            pool.submit(add, sqlite, "a"),
            pool.submit(sqlite.write, bad),
            pool.submit(add, sqlite, "b"),
        )
        release.set()
        first.result(20)
        good.result(20)
        other.result(20)
        with pytest.raises(KeyError):
            broken.result(20)
    assert count(sqlite) == 2


def test_a_write_inside_a_write_is_an_error_not_a_deadlock(sqlite: Database) -> None:
    with pytest.raises(RuntimeError, match="pass the connection"):
        sqlite.write(lambda _: add(sqlite, "a"))


def test_a_closed_database_says_so(sqlite: Database) -> None:
    sqlite.close()
    with pytest.raises(Unavailable, match="closed"):
        add(sqlite, "a")


def test_a_full_disk_is_reported_and_survived(sqlite: Database) -> None:
    add(sqlite, "before")

    def limit(pages: int) -> None:
        sqlite.write(
            lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar()
        )

    with sqlite.read() as connection:
        used = connection.execute(text("PRAGMA page_count")).scalar_one()
    limit(used + 2)
    with pytest.raises(OutOfSpace, match="nothing was written"):
        add(sqlite, "x" * 100_000)
    assert count(sqlite) == 1
    limit(1_000_000)
    add(sqlite, "after")
    assert count(sqlite) == 2


def test_a_forked_child_writes_through_connections_of_its_own(sqlite: Database) -> None:
    add(sqlite, "parent")
    child = os.fork()
    if child == 0:
        try:
            add(sqlite, "child")
            os._exit(0 if count(sqlite) == 2 else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    add(sqlite, "parent again")
    assert count(sqlite) == 3


def test_a_lock_held_too_long_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "BUSY_MS", 50)
    database = Database(f"sqlite:///{tmp_path}/a.db")
    other = driver.sqlite.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        add(database, "a")
    other.execute("ROLLBACK")
    add(database, "a")
    other.close()
    database.close()


def test_an_old_sqlite_gets_the_safe_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(driver, "WAL_SAFE", (99, 0, 0))
    database = Database(f"sqlite:///{tmp_path}/a.db")
    assert "older than 3.51.3; using journal mode DELETE" in caplog.text

    def modes(connection: Connection) -> tuple[str, int]:
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        return journal, connection.exec_driver_sql("PRAGMA synchronous").scalar_one()

    assert database.write(modes) == ("delete", 3)
    store = SqlTracking(database)
    run = store.create_run("0").info.run_id
    with ThreadPoolExecutor(4) as pool:
        for step in range(40):
            pool.submit(store.log_batch, run, metrics=[Metric("m", step, step, step)])
            pool.submit(store.get_run, run)
    assert len(store.get_metric_history(run, "m").items) == 40
    database.close()


def test_the_default_journal_is_write_ahead_and_synced(sqlite: Database) -> None:
    def modes(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert sqlite.write(modes) == ["wal", 2, 1, 1000]
    with sqlite.read() as connection:
        assert modes(connection) == ["wal", 2, 1, 0]


def test_who_asks_for_it_gets_commits_that_do_not_wait_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MAINSTAY_SQLITE_SYNCHRONOUS", "normal")
    database = Database(f"sqlite:///{tmp_path}/a.db")
    found = database.write(
        lambda connection: connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    )
    database.close()
    assert found == 1
    assert "a power cut may take commits" in caplog.text
    monkeypatch.setenv("MAINSTAY_SQLITE_SYNCHRONOUS", "off")
    with pytest.raises(BadInput, match="FULL or NORMAL"):
        Database(f"sqlite:///{tmp_path}/a.db")


@pytest.mark.parametrize(("mode", "at_once"), [("FULL", False), ("NORMAL", True)])
def test_an_event_loop_commits_itself_only_where_that_waits_for_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, *, at_once: bool
) -> None:
    monkeypatch.setenv("MAINSTAY_SQLITE_SYNCHRONOUS", mode)
    database = Database(f"sqlite:///{tmp_path}/a.db")

    async def in_this_thread() -> bool:
        return await database.begin_write(lambda _: get_ident()) == get_ident()

    assert asyncio.run(in_this_thread()) is at_once
    assert database.commits == 1
    database.close()


def test_a_database_in_memory_is_gone_when_closed() -> None:
    database = Database("sqlite://")
    add(database, "a")
    assert database.path is not None
    folder = database.path.parent
    assert folder.exists()
    database.close()
    assert not folder.exists()


def test_transactions_that_collide_on_postgresql_are_tried_again(
    postgres_uri: str,
) -> None:
    database = Database(postgres_uri)
    add(database, "a")
    add(database, "b")
    both_hold_one = Barrier(2)
    tries: list[str] = []

    def cross(first: str, second: str) -> None:
        def work(connection: Connection) -> None:
            tries.append(first)
            change = text("UPDATE segments SET sequence = sequence + 1 WHERE segment = :name")
            connection.execute(change, {"name": first})
            if len(tries) <= 2:
                both_hold_one.wait(120)
            connection.execute(change, {"name": second})

        database.write(work)

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(cross, "a", "b"), pool.submit(cross, "b", "a")]:
            future.result(60)
    with database.read() as connection:
        found = connection.execute(text("SELECT sequence FROM segments ORDER BY segment")).all()
    assert [row[0] for row in found] == [2, 2]
    assert len(tries) == 3  # PostgreSQL broke the deadlock by refusing one of them
    database.close()


def test_concurrent_writers_of_one_run_on_postgresql_keep_every_point(postgres_uri: str) -> None:
    database = Database(postgres_uri)
    store = SqlTracking(database)
    run = store.create_run("0").info.run_id
    points = [Metric(f"m{step % 5}", step, step, step) for step in range(400)]
    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(store.log_batch, run, metrics=points) for _ in range(4)] + [
            pool.submit(store.log_batch, run, metrics=[point]) for point in points[:100]
        ]:
            future.result(60)
    summaries = store.summarize_metrics([run])[run]
    assert [summary.count for summary in summaries] == [80] * 5
    database.close()


def test_a_database_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere; needs setpriv: apt-get install util-linux")
    Database(f"sqlite:///{tmp_path}/a.db").close()
    (tmp_path / "a.db").chmod(0o444)
    tmp_path.chmod(0o555)
    program = (
        "import sys\n"
        "from mainstay.errors import MainstayError\n"
        "from mainstay.stores.sql.database import Database\n"
        "try:\n    Database(sys.argv[1])\n"
        "except MainstayError as error:\n    print(error.message)\n"
    )
    lowered = ["setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-all"]
    command = [*(lowered if os.geteuid() == 0 else []), sys.executable, "-c", program]
    done = subprocess.run([*command, f"sqlite:///{tmp_path}/a.db"], capture_output=True, text=True)
    tmp_path.chmod(0o755)
    assert "check its permissions" in done.stdout, done.stderr
