"""``mainstay gc`` deletes what nobody needs, whenever it is killed, and never anything else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mainstay.artifact_store.local import LocalFolder
from mainstay.artifact_store.transfer import walk
from mainstay.client import Client
from mainstay.connect import Stores, connect, sweep
from mainstay.entities.accounts import Principal
from mainstay.entities.inputs import LoggedModelInput
from mainstay.entities.metrics import Metric
from mainstay.entities.pages import Search
from mainstay.errors import BadInput, Conflict, InvalidState, MainstayError, NotFound
from mainstay.stores.sql import upkeep
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.gc import Item
from mainstay.stores.sql.registry import SqlRegistry
from tests.faults.api import API, FILES, create_run, post
from tests.support.server import RunningServer

BY = Principal(name="keeper", authenticated=True)


class House:
    """Stores on a database and a folder of files, with the few things these tests do."""

    def __init__(self, uri: str, files: Path) -> None:
        self.uri = uri
        self.files = files
        self.stores: Stores = connect(uri, artifacts_destination=str(files))
        self.client = Client(stores=self.stores)

    def run(self, experiment: str = "0", *, with_file: bool = True) -> str:
        run = self.client.create_run(experiment).info.run_id
        self.client.log_batch(run, metrics=[Metric("m", 1.0, 1, 1)])
        if with_file:
            uri = self.stores.tracking.get_run(run).info.artifact_uri
            self.stores.artifacts_at(uri).write("model/MLmodel", [b"flavors: {}\n"])
        return run

    def model(self, run: str | None = None) -> str:
        made = self.stores.tracking.create_logged_model("0", name="net", source_run_id=run)
        self.stores.artifacts_at(made.artifact_location).write("MLmodel", [b"flavors: {}\n"])
        return made.model_id

    def sweep(self, *, older_than: float = -1, **ids: tuple[str, ...]) -> sweep.Swept:
        """Sweep what was deleted up to a second from now."""
        database = Database(self.uri)
        try:
            wanted = sweep.wanted(older_than=older_than, **ids)
            place = sweep.Place(database, lambda: LocalFolder(self.files))
            return sweep.sweep(place, wanted, by=BY)
        finally:
            database.close()

    def paths(self) -> set[str]:
        return {info.path for info in walk(LocalFolder(self.files))}


@pytest.fixture
def house(database_uri: str, tmp_path: Path) -> Iterator[House]:
    made = House(database_uri, tmp_path / "mainstay-artifacts")
    yield made
    made.stores.close()
    assert upkeep.check(database_uri).problems == []


def ids(items: list[Item]) -> set[str]:
    return {item.identity for item in items}


def make_old(house: House) -> None:
    """Age what was deleted and uploaded, since a fresh upload keeps what it goes to."""
    database = Database(house.uri)
    for statement in (
        "UPDATE runs SET deleted_at = 1 WHERE lifecycle_stage = 'deleted'",
        "UPDATE logged_models SET updated_at = 1 WHERE lifecycle_stage = 'deleted'",
        "UPDATE experiments SET last_update_time = 1 WHERE lifecycle_stage = 'deleted'",
        "UPDATE artifact_files SET at = 1",
        "UPDATE model_versions SET deleted_at = 1 WHERE deleted_at IS NOT NULL",
        "UPDATE registered_models SET deleted_at = 1 WHERE deleted_at IS NOT NULL",
    ):
        database.write(lambda connection, text=statement: connection.exec_driver_sql(text))  # type: ignore[misc]
    database.close()


def test_deleted_runs_and_models_go_with_their_files_and_others_stay(house: House) -> None:
    gone, stays = house.run(), house.run()
    model = house.model(gone)
    house.stores.tracking.delete_run(gone)
    house.stores.tracking.delete_logged_model(model)
    make_old(house)
    done = house.sweep()
    assert (ids(done.deleted), done.kept, done.failed) == ({gone, model}, [], {})
    assert house.paths() == {f"0/{stays}/artifacts/model/MLmodel"}
    with pytest.raises(NotFound):
        house.stores.tracking.get_run(gone)
    assert house.stores.tracking.get_run(stays).info.run_id == stays
    actions = [
        (entry.action, entry.subject, entry.principal)
        for entry in house.stores.release.list_audit(limit=100)
        if entry.action == "gc.deleted"
    ]
    assert sorted(actions) == sorted(("gc.deleted", one, str(BY)) for one in (gone, model))
    assert house.sweep().deleted == []


def test_what_is_needed_is_kept_and_the_reason_said(house: House) -> None:
    registered, source, parent = house.run(), house.run(), house.run()
    house.client.create_registered_model("net")
    house.client.create_model_version("net", f"runs:/{registered}/model", registered)
    model, read = house.model(source), house.model()
    house.client.create_model_version("net", f"models:/{model}")
    house.stores.tracking.log_inputs(parent, models=[LoggedModelInput(model_id=read)])
    for run in (registered, source):
        house.stores.tracking.delete_run(run)
    for one in (model, read):
        house.stores.tracking.delete_logged_model(one)
    make_old(house)
    before = house.paths()
    done = house.sweep()
    assert done.deleted == []
    assert {item.identity: item.kept_by for item in done.kept} == {
        registered: "version net v1",
        source: "version net v2",  # the version came from its model, and so from the run
        model: "version net v2",
        read: f"run {parent}",
    }
    assert house.paths() == before
    with pytest.raises(BadInput, match="is not deleted"):
        house.sweep(run_ids=(parent,))
    # Once the version is deleted, nobody needs them.
    house.client.delete_model_version("net", "2")
    assert ids(house.sweep().deleted) == {source, model}


def test_grace_and_fresh_uploads_keep_what_was_deleted_just_now(house: House) -> None:
    run, uploading = house.run(with_file=False), house.run(with_file=False)
    house.stores.tracking.delete_run(run)
    assert house.sweep(older_than=sweep.GRACE_SECONDS).deleted == []
    house.stores.tracking.delete_run(uploading)
    make_old(house)
    uri = house.stores.tracking.get_run(uploading).info.artifact_uri
    house.stores.artifacts_at(uri).write("late.bin", [b"x"])
    done = house.sweep(older_than=60)
    assert ids(done.deleted) == {run}
    assert [item.kept_by for item in done.kept] == [
        f"the upload of 0/{uploading}/artifacts/late.bin"
    ]


def test_an_experiment_goes_with_all_it_holds_or_stays(house: House) -> None:
    empty, held = (house.client.create_experiment(name) for name in ("empty", "held"))
    gone, kept = house.run(empty), house.run(held)
    house.client.create_registered_model("net")
    house.client.create_model_version("net", f"runs:/{kept}/model", kept)
    for experiment in (empty, held):
        house.stores.tracking.delete_experiment(experiment)
    make_old(house)
    done = house.sweep(experiment_ids=(empty, held))
    assert ids(done.deleted) == {gone, empty}
    assert {item.identity: item.kept_by for item in done.kept} == {
        kept: "version net v1",
        held: f"its run {kept}",
    }
    names = [one.name for one in house.stores.tracking.search_experiments(Search(view="ALL")).items]
    assert sorted(names) == ["Default", "held"]


def test_what_is_marked_is_neither_restored_nor_registered(house: House) -> None:
    run = house.run()
    house.stores.tracking.delete_run(run)
    make_old(house)
    database = Database(house.uri)

    def away() -> LocalFolder:
        raise MainstayError("the store is away")

    done = sweep.sweep(sweep.Place(database, away), sweep.wanted(older_than=-1), by=BY)
    assert done.failed == {run: "the store is away"}
    with pytest.raises(InvalidState, match="deleted for good"):
        house.stores.tracking.restore_run(run)
    house.stores.tracking.delete_run(run)  # deleting again does not take the mark off
    house.client.create_registered_model("net")
    with pytest.raises(Conflict, match="deleted for good"):
        SqlRegistry(database).create_model_version("net", f"mlflow-artifacts:/0/{run}/artifacts")
    database.close()
    assert ids(house.sweep().deleted) == {run}
    assert house.paths() == set()


@pytest.mark.parametrize("point", ["gc.marked", "gc.emptied"])
def test_a_killed_sweep_is_finished_by_the_next(house: House, point: str) -> None:
    gone, stays = [house.run() for _ in range(3)], house.run()
    for run in gone:
        house.stores.tracking.delete_run(run)
    make_old(house)
    command = [sys.executable, "-m", "mainstay", "gc", "--backend-store-uri", house.uri, "--yes"]
    command += ["--artifacts-destination", str(house.files), "--json"]
    for times in (1, 1, 1):
        environment = {**os.environ, "MAINSTAY_KILL_AT": f"{point}:{times}"}
        died = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert died.returncode == -signal.SIGKILL, died.stderr
        assert upkeep.check(house.uri).problems == []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {item["identity"] for item in json.loads(done.stdout)["deleted"]} == set(gone)
    assert house.paths() == {f"0/{stays}/artifacts/model/MLmodel"}
    assert house.stores.tracking.get_run(stays).data.metrics


def test_without_yes_nothing_changes(house: House) -> None:
    run = house.run()
    house.stores.tracking.delete_run(run)
    make_old(house)
    command = [sys.executable, "-m", "mainstay", "gc", "--backend-store-uri", house.uri]
    for options in (["--json"], []):
        shown = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert run in shown.stdout
    assert len(house.paths()) == 1
    house.stores.tracking.restore_run(run)
    wrong = subprocess.run([*command, "--older-than", "soon"], capture_output=True, text=True)
    assert wrong.returncode == 2
    assert "'soon' is no age" in wrong.stderr


def test_what_killed_uploads_left_goes_and_uploads_under_way_stay(house: House) -> None:
    folder = house.files / "0" / "r"
    folder.mkdir(parents=True)
    old, fresh = folder / ".~aaaa.part", folder / ".~bbbb.part"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    assert house.sweep(older_than=60).partials == 1
    assert (old.exists(), fresh.exists()) == (False, True)


def test_a_registry_in_another_database_is_asked_for_and_heeded(tmp_path: Path) -> None:
    runs_uri, models_uri = (f"sqlite:///{tmp_path}/{name}.db" for name in ("runs", "models"))
    files = tmp_path / "files"
    with RunningServer(
        tmp_path,
        *("--backend-store-uri", runs_uri, "--registry-store-uri", models_uri),
        *("--artifacts-destination", str(files)),
    ) as server:
        needed, gone = create_run(server), create_run(server)
        for run in (needed, gone):
            path = f"{FILES}/0/{run}/artifacts/model/MLmodel"
            assert server.request("PUT", path, b"flavors: {}").status == 200
        post(server, f"{API}/registered-models/create", name="net")
        source = f"mlflow-artifacts:/0/{needed}/artifacts/model"
        post(server, f"{API}/model-versions/create", name="net", source=source, run_id=needed)
        for run in (needed, gone):
            post(server, f"{API}/runs/delete", run_id=run)
    database, registry = Database(runs_uri), Database(models_uri)
    wanted = sweep.wanted(older_than=-5)
    half = sweep.Place(database, lambda: LocalFolder(files))
    with pytest.raises(BadInput, match="--registry-store-uri"):
        sweep.sweep(half, wanted, by=BY)
    whole = sweep.Place(database, lambda: LocalFolder(files), registry=registry)
    done = sweep.sweep(whole, wanted, by=BY)
    assert (ids(done.deleted), ids(done.kept)) == ({gone}, {needed})
    kept = {info.path for info in walk(LocalFolder(files))}
    assert kept == {f"0/{needed}/artifacts/model/MLmodel"}
    database.close()
    registry.close()


def test_nothing_is_registered_of_what_was_erased_after_its_files_were_found(house: House) -> None:
    """The latest moment of the race below: the sweep ends between the last look and the insert."""
    house.client.create_registered_model("net")
    run, model = house.run(), house.model()
    places = {
        run: f"{house.stores.tracking.get_run(run).info.artifact_uri}/model",
        model: house.stores.tracking.get_logged_model(model).artifact_location,
    }
    house.stores.tracking.delete_run(run)
    house.stores.tracking.delete_logged_model(model)
    make_old(house)
    house.sweep()
    database = Database(house.uri)
    registry = SqlRegistry(database)
    for gone, place in places.items():
        with pytest.raises(Conflict, match=f"{gone} is deleted for good"):
            registry.create_model_version("net", place)
    registry.create_model_version("net", "s3://elsewhere/0/model")
    database.close()


def test_a_registration_that_races_a_sweep_wins_or_is_refused(house: House) -> None:
    """Either the version keeps its files, or it is refused; never a version without files."""
    house.client.create_registered_model("net")
    runs = [house.run() for _ in range(12)]
    for run in runs:
        house.stores.tracking.delete_run(run)
    make_old(house)
    registered: list[str] = []
    refused: list[str] = []
    begun = threading.Event()

    def register() -> None:
        begun.set()
        for run in runs:
            try:
                house.client.create_model_version("net", f"runs:/{run}/model", run)
            except (Conflict, NotFound):
                refused.append(run)
            else:
                registered.append(run)

    thread = threading.Thread(target=register)
    thread.start()
    begun.wait(10)
    house.sweep()
    thread.join()
    assert len(registered) + len(refused) == len(runs)
    for run in registered:
        assert f"0/{run}/artifacts/model/MLmodel" in house.paths()
        assert house.stores.tracking.get_run(run).info.run_id == run
    house.sweep()
    assert house.paths() == {f"0/{run}/artifacts/model/MLmodel" for run in registered}


EVENTS = (
    *("run", "model", "register-run", "register-model", "read"),
    *("delete-run", "delete-model", "delete-version", "sweep"),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(EVENTS),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    min_size=4,
    max_size=25,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_no_reachable_object_is_ever_deleted(steps: list[tuple[str, int, int]]) -> None:
    """Any row of events; after it, whatever lives, or is referred to, is there with its files."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(f"sqlite:///{folder}/mainstay.db", Path(folder) / "mainstay-artifacts")
        try:
            _play(house, steps)
        finally:
            house.stores.close()


def _play(house: House, steps: list[tuple[str, int, int]]) -> None:
    tracking = house.stores.tracking
    house.client.create_registered_model("net")
    runs: list[str] = []
    models: dict[str, str | None] = {}
    versions: dict[str, str] = {}  # number to the run or model it needs
    edges: list[tuple[str, str]] = []  # run to model
    live: set[str] = set()
    swept: set[str] = set()
    for what, first, second in steps:
        run = runs[first % len(runs)] if runs else ""
        model = sorted(models)[second % len(models)] if models else ""
        if what == "run":
            runs.append(house.run())
            live.add(runs[-1])
        elif what == "model":
            source = run if run in live else None
            made = house.model(source)
            models[made] = source
            live.add(made)
        elif what == "register-run" and run and run not in swept:
            number = house.client.create_model_version("net", f"runs:/{run}/model", run).version
            versions[str(number)] = run
        elif what == "register-model" and model in live:
            number = house.client.create_model_version("net", f"models:/{model}").version
            versions[str(number)] = model
        elif what == "read" and run in live and model in live:
            tracking.log_inputs(run, models=[LoggedModelInput(model_id=model)])
            edges.append((run, model))
        elif what == "delete-run" and run in live:
            tracking.delete_run(run)
            live.discard(run)
        elif what == "delete-model" and model in live:
            tracking.delete_logged_model(model)
            live.discard(model)
        elif what == "delete-version" and versions:
            unwanted = sorted(versions)[second % len(versions)]
            house.client.delete_model_version("net", unwanted)
            del versions[unwanted]
        elif what == "sweep":
            make_old(house)
            swept |= ids(house.sweep(older_than=60).deleted)
    make_old(house)
    swept |= ids(house.sweep(older_than=60).deleted)

    needed = live | set(versions.values())
    needed |= {model for run, model in edges if run in needed}
    while extra := {models[m] for m in needed if models.get(m)} - needed:
        needed |= {one for one in extra if one}
        needed |= {model for run, model in edges if run in needed}
    assert not needed & swept
    paths = house.paths()
    for one in {*runs, *models}:
        place = f"0/{one}/artifacts/model/MLmodel"
        if one in models:
            place = f"0/models/{one}/artifacts/MLmodel"
        assert (place in paths) == (one not in swept)
    assert swept == {*runs, *models} - needed, "and nothing that nobody needs stays"
