"""Retention deletes what its rule says, and nothing that a version, alias or lineage needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from mainstay.artifact_store.local import LocalFolder
from mainstay.connect import expiry, sweep
from mainstay.entities.inputs import LoggedModelInput
from mainstay.entities.retention import KEEP_TAG, Retention
from mainstay.errors import BadInput, Conflict, NotFound
from mainstay.stores.sql import expiring, upkeep
from mainstay.stores.sql.database import Database
from tests.faults.test_gc import BY, House, ids

T = TypeVar("T")


def rule_of(**days: float) -> Retention:
    return msgspec.convert({"experiment_id": "0", **days}, Retention)


class Rooms(House):
    """A house whose runs ended long ago."""

    def rule(self, **days: float) -> None:
        self.stores.retention.set_retention(rule_of(**days), by=BY)

    def old_run(self) -> str:
        run = self.run()
        self.stores.tracking.update_run(run, status="FINISHED", end_time=1000)
        return run

    def at_place(self, work: Callable[[sweep.Place], T]) -> T:
        with closing(Database(self.uri)) as database:
            return work(sweep.Place(database, lambda: LocalFolder(self.files)))

    def expire(self) -> expiry.Expired:
        planned = self.at_place(expiry.plan)
        done = self.at_place(lambda place: expiry.expire(place, by=BY))
        assert (planned.items, planned.files) == (done.items, done.files)
        return done

    def stage(self, run: str) -> str:
        return self.stores.tracking.get_run(run).info.lifecycle_stage

    def has_file(self, run: str) -> bool:
        return f"0/{run}/artifacts/model/MLmodel" in self.paths()


@pytest.fixture
def house(database_uri: str, tmp_path: Path) -> Iterator[Rooms]:
    made = Rooms(database_uri, tmp_path / "mainstay-artifacts")
    yield made
    made.stores.close()
    assert upkeep.check(database_uri).problems == []


def going(done: expiry.Expired) -> tuple[set[str], set[str]]:
    return (
        ids([one for one in done.items if one.kept_by is None]),
        ids([one for one in done.files if one.kept_by is None]),
    )


def test_without_a_rule_nothing_expires(house: Rooms) -> None:
    run = house.old_run()
    assert going(house.expire()) == (set(), set())
    assert house.stage(run) == "active"


def test_runs_that_ended_long_ago_are_deleted_and_can_be_restored(house: Rooms) -> None:
    old, fresh, running, kept = house.old_run(), house.run(), house.run(), house.old_run()
    house.stores.tracking.update_run(fresh, status="FINISHED")
    house.client.set_tag(kept, KEEP_TAG, "the paper needs it")
    house.rule(unregistered=30)
    assert going(house.expire()) == ({old}, set())
    stages = [house.stage(run) for run in (old, fresh, running, kept)]
    assert stages == ["deleted", "active", "active", "active"]
    house.stores.tracking.restore_run(old)
    assert house.has_file(old)
    said = [one for one in house.stores.release.list_audit() if one.action == "retention.deleted"]
    assert [(one.subject, one.principal) for one in said] == [(old, str(BY))]


def test_what_was_deleted_goes_when_the_rule_of_its_experiment_says(house: Rooms) -> None:
    other = house.client.create_experiment("kept longer")
    ruled, unruled = house.run(), house.run(other)
    for run in (ruled, unruled):
        house.stores.tracking.delete_run(run)
    house.rule(deleted=0)
    assert ids(house.sweep(older_than=7 * 86400).deleted) == set()  # a fresh upload keeps it
    with closing(Database(house.uri)) as database:
        database.write(lambda c: c.exec_driver_sql("UPDATE artifact_files SET at = 1"))
    assert ids(house.sweep(older_than=7 * 86400).deleted) == {ruled}
    assert house.stage(unruled) == "deleted"
    house.rule(deleted=1000)
    late = house.run()
    house.stores.tracking.delete_run(late)
    house.sweep(older_than=-1)
    assert house.stage(late) == "deleted"


def test_files_go_and_the_run_stays_but_nothing_is_registered_from_it(house: Rooms) -> None:
    run = house.old_run()
    house.rule(files=90)
    assert going(house.expire()) == (set(), {run})
    assert house.stage(run) == "active"
    assert not house.has_file(run)
    assert house.client.get_metric_history(run, "m")
    house.client.create_registered_model("net")
    with pytest.raises((Conflict, NotFound), match=r"are gone|there are no files"):
        house.client.create_model_version("net", f"runs:/{run}/model", run)
    assert going(house.expire()) == (set(), set())
    said = [one.action for one in house.stores.release.list_audit() if one.subject == run]
    assert said == ["retention.files_deleted"]


@pytest.mark.parametrize("rule", [{"files": 1.0}, {"unregistered": 1.0}])
def test_what_a_version_needs_stays_whatever_the_rule_says(
    house: Rooms, rule: dict[str, float]
) -> None:
    by_run, by_path, by_model, reader = (house.old_run() for _ in range(4))
    model = house.model(by_model)
    house.client.log_inputs(reader, models=[LoggedModelInput(model)])
    location = house.stores.tracking.get_run(by_path).info.artifact_uri
    house.client.create_registered_model("net")
    house.client.create_model_version("net", f"runs:/{by_run}/model", by_run)
    house.client.create_model_version("net", f"{location}/model")
    house.client.create_model_version("net", f"models:/{model}")
    free = house.old_run()
    house.rule(**rule)
    done = house.expire()
    gone = going(done)[0] | going(done)[1]
    # Who read it may go: a model does not need its readers.
    assert free in gone
    assert not gone & {by_run, by_path, by_model, model}
    assert all(house.has_file(run) for run in (by_run, by_path, by_model))
    assert {"version net v1", "version net v2"} <= {
        str(one.kept_by) for one in [*done.items, *done.files]
    }


def test_a_model_that_another_run_reads_keeps_its_run(house: Rooms) -> None:
    maker, reader = house.old_run(), house.run()
    model = house.model(maker)
    house.client.log_inputs(reader, models=[LoggedModelInput(model)])
    house.rule(unregistered=1)
    done = house.expire()
    assert going(done) == (set(), set())
    assert {one.identity: one.kept_by for one in done.items} == {
        model: f"run {reader}",
        maker: f"logged model {model}",
    }
    house.stores.tracking.update_run(reader, status="FINISHED", end_time=1000)
    assert going(house.expire())[0] == {maker, reader, model}


def test_files_that_a_killed_sweep_left_go_with_the_next(house: Rooms) -> None:
    run = house.old_run()
    house.rule(files=1)

    def marked_only(place: sweep.Place) -> None:
        place.database.write(lambda connection: expiring.mark_files(connection, connection))

    house.at_place(marked_only)
    assert house.has_file(run)
    house.client.create_registered_model("net")
    with pytest.raises(Conflict):
        house.client.create_model_version("net", f"runs:/{run}/model", run)
    assert going(house.expire()) == (set(), {run})
    assert not house.has_file(run)


def test_a_rule_is_kept_shown_changed_and_removed(house: Rooms) -> None:
    store = house.stores.retention
    assert store.get_retention("0") is None
    house.rule(deleted=30, files=90)
    found = store.get_retention("0")
    assert found is not None
    assert (found.deleted, found.unregistered, found.files) == (30, None, 90)
    house.rule(unregistered=1)
    changed = store.get_retention("0")
    assert changed is not None
    assert (changed.deleted, changed.unregistered) == (None, 1)
    for wrong in ({}, {"deleted": -1.0}, {"files": float("nan")}):
        with pytest.raises(BadInput):
            store.set_retention(rule_of(**wrong))
    store.delete_retention("0")
    store.delete_retention("0")
    assert store.get_retention("0") is None
    with pytest.raises(NotFound):
        store.get_retention("4711")


def test_a_holding_counts_runs_points_and_bytes(house: Rooms) -> None:
    run, gone = house.run(), house.run(with_file=False)
    house.client.log_metric(run, "loss", 1.0, step=3)
    house.stores.tracking.delete_run(gone)
    held = house.stores.retention.get_holding("0")
    assert (held.runs, held.deleted_runs, held.models, held.points) == (2, 1, 0, 3)
    assert held.metric_bytes > 0
    assert (held.files, held.file_bytes) == (1, len("flavors: {}\n"))
    with pytest.raises(NotFound):
        house.stores.retention.get_holding("4711")
