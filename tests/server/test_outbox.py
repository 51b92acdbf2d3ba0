"""Events reach subscribers in order, at least once, from one server at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from mainstay.entities.events import Event
from mainstay.errors import Unavailable
from mainstay.server import outbox
from mainstay.server.outbox import Outbox
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.registry import SqlRegistry
from mainstay.stores.sql.release import SqlRelease


class Recorder:
    """Keeps what it was given; fails where it is told to."""

    def __init__(self, name: str = "recorder", *, fail_once_at: int | None = None) -> None:
        self.name = name
        self.events: list[Event] = []
        self.threads: set[str] = set()
        self._fail_once_at = fail_once_at

    def deliver(self, event: Event) -> None:
        if len(self.events) == self._fail_once_at:
            self._fail_once_at = None
            raise Unavailable("not now")
        self.events.append(event)


@pytest.fixture
def database(database_uri: str) -> Iterator[Database]:
    opened = Database(database_uri)
    yield opened
    opened.close()


def wait_until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def make_models(database: Database, count: int, prefix: str = "m") -> None:
    registry = SqlRegistry(database)
    for number in range(count):
        registry.create_registered_model(f"{prefix}{number}")


def test_events_come_in_order_and_a_restart_goes_on_where_it_was(database: Database) -> None:
    make_models(database, 3)
    recorder = Recorder()
    first = Outbox(database, SqlRelease(database), [recorder])
    first.start()
    wait_until(lambda: len(recorder.events) == 3)
    first.stop()
    make_models(database, 2, "later")
    second = Outbox(database, SqlRelease(database), [recorder])
    second.start()
    wait_until(lambda: len(recorder.events) == 5)
    second.stop()
    ids = [event.event_id for event in recorder.events]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5
    assert [event.subject for event in recorder.events][-2:] == ["later0", "later1"]


def test_a_failed_delivery_is_tried_again_before_the_next_event(database: Database) -> None:
    make_models(database, 4)
    recorder = Recorder(fail_once_at=2)
    box = Outbox(database, SqlRelease(database), [recorder])
    box.start()
    wait_until(lambda: len(recorder.events) == 4)
    box.stop()
    assert [event.subject for event in recorder.events] == ["m0", "m1", "m2", "m3"]


def test_one_of_two_servers_delivers_and_the_other_takes_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_models(database, 20)
    mine, yours = Recorder("same"), Recorder("same")
    holder = Outbox(database, SqlRelease(database), [mine])
    other = Outbox(database, SqlRelease(database), [yours])
    holder.start()
    wait_until(lambda: len(mine.events) == 20)
    other.start()
    make_models(database, 5, "more")
    wait_until(lambda: len(mine.events) == 25)
    assert yours.events == []
    holder.stop()  # gives the lease back
    make_models(database, 5, "after")
    wait_until(lambda: len(yours.events) == 5)
    other.stop()
    assert [event.subject for event in yours.events] == [f"after{n}" for n in range(5)]


def test_a_lease_of_a_server_that_died_runs_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LEASE_SECONDS", 0.2)
    make_models(database, 1)
    dead = Outbox(database, SqlRelease(database), [Recorder("same")])
    assert dead._claim(Recorder("same")) == 0
    heir = Recorder("same")
    box = Outbox(database, SqlRelease(database), [heir])
    box.start()
    wait_until(lambda: len(heir.events) == 1)
    box.stop()


def test_subscribers_do_not_hold_each_other_up(database: Database) -> None:
    make_models(database, 3)
    release = threading.Event()

    class Stubborn(Recorder):
        def deliver(self, event: Event) -> None:
            if not release.is_set():
                raise Unavailable("never yet")
            super().deliver(event)

    stubborn, quick = Stubborn("stubborn"), Recorder("quick")
    box = Outbox(database, SqlRelease(database), [stubborn, quick])
    box.start()
    wait_until(lambda: len(quick.events) == 3)
    assert stubborn.events == []
    release.set()
    wait_until(lambda: len(stubborn.events) == 3)
    box.stop()
