"""Back-ups are whole, checked and can be put back; damage is found; an upgrade can be undone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, text

from mainstay.cli.db import db
from mainstay.client import Client
from mainstay.connect import backups, connect
from mainstay.entities.metrics import Metric
from mainstay.errors import AlreadyExists, BadInput
from mainstay.stores.sql import backup, schema
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tracking import SqlTracking
from tests.support.postgres import Cluster


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mainstay", "db", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return tmp_path / "mainstay-artifacts"


@pytest.fixture
def filled(database_uri: str, tmp_path: Path, files: Path) -> str:
    """A database with a run, points, NaN, a model, a version and two files."""
    (tmp_path / "MLmodel").write_text("flavors: {}\n")
    (tmp_path / "plot.png").write_bytes(os.urandom(100_000))
    with connect(database_uri, artifacts_destination=str(files)) as stores:
        client = Client(stores=stores)
        run = client.create_run("0").info.run_id
        points = [
            Metric("loss", float(step) if step else float("nan"), 1, step) for step in range(3000)
        ]
        for first in range(0, 3000, 1000):
            client.log_batch(run, metrics=points[first : first + 1000])
        client.log_param(run, "p", "ü")
        client.log_artifact(run, str(tmp_path / "MLmodel"), "model")
        client.log_artifact(run, str(tmp_path / "plot.png"))
        client.create_registered_model("net")
        client.create_model_version("net", f"runs:/{run}/model", run)
        client.set_registered_model_alias("net", "champion", "1")
    return database_uri


@pytest.fixture
def empty(database_uri: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of the same kind, elsewhere."""
    if database_uri.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/elsewhere/mainstay.db"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    uri = cluster.create_database()
    yield uri
    cluster.drop_database(uri)


def test_a_backup_restored_elsewhere_holds_the_same_rows_and_files(
    filled: str, empty: str, files: Path, tmp_path: Path
) -> None:
    folder, other = tmp_path / "backup", tmp_path / "elsewhere" / "mainstay-artifacts"
    where = ("--artifacts-destination", str(files))
    done = command("backup", str(folder), filled, "--artifacts", *where)
    assert (done.returncode, done.stderr) == (0, "")
    verified = command("restore", str(folder), "--verify", "--json")
    assert json.loads(verified.stdout)["sound"] is True
    restored = command("restore", str(folder), empty, "--artifacts-destination", str(other))
    assert (restored.returncode, restored.stderr) == (0, "")
    before, after = backup.look(filled), backup.look(empty)
    assert before == after
    assert before.tables["series"].rows == 1
    assert len(before.files) == 2
    for file in before.files:
        assert (other / file.location).read_bytes() == (files / file.location).read_bytes()
    with connect(empty, artifacts_destination=str(other)) as stores:
        assert stores.registry.get_version_by_alias("net", "champion").version == 1
    checked = command("check", empty, "--artifacts", "--artifacts-destination", str(other))
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "2 files are what was uploaded" in checked.stdout


def test_a_backup_during_writes_is_one_moment(filled: str, empty: str, tmp_path: Path) -> None:
    database = Database(filled)
    store = SqlTracking(database)
    run = store.create_run("0", run_id="c" * 32).info.run_id
    stop = threading.Event()

    def write() -> None:
        step = 0
        while not stop.is_set():
            points = [Metric(key, step, step, step) for key in "xy"]
            store.log_batch(run, metrics=points, tags={f"t{step}": "1"})
            step += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            backups.back_up(filled, tmp_path / f"b{number}")
    finally:
        stop.set()
        writer.join()
        database.close()
    assert backups.restore(tmp_path / "b2", empty) == []
    copy = Database(empty)
    counts = [one.count for one in SqlTracking(copy).summarize_metrics([run])[run]]
    tags = [key for key in SqlTracking(copy).get_run(run).data.tags if key.startswith("t")]
    copy.close()
    assert len(set(counts)) <= 1
    assert sum(counts[:1]) == len(tags)


def test_nothing_is_restored_over_something_and_nothing_damaged(
    filled: str, empty: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    about = backups.back_up(filled, folder)
    with pytest.raises(AlreadyExists):
        backups.restore(folder, filled)
    with pytest.raises(AlreadyExists):
        backups.back_up(filled, folder)
    copy = folder / about.database
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    assert backups.verify(folder) == [f"{about.database} is damaged (SHA-256)"]
    with pytest.raises(BadInput, match="damaged"):
        backups.restore(folder, empty)


def test_a_killed_backup_is_no_backup_and_the_database_is_unharmed(
    filled: str, tmp_path: Path
) -> None:
    before = backup.look(filled)
    for attempt in range(3):
        folder = tmp_path / f"killed-{attempt}"
        died = command("backup", str(folder), filled, MAINSTAY_KILL_AT="backup.copied")
        assert died.returncode == -signal.SIGKILL, died.stderr
        refused = command("restore", str(folder), "--verify")
        assert refused.returncode == 1
        assert "is no back-up" in refused.stderr
    assert backup.look(filled) == before


def test_scrubbing_finds_every_flipped_cut_and_lost_file(
    filled: str, files: Path, tmp_path: Path
) -> None:
    where = ("--artifacts", "--artifacts-destination", str(files))
    for file in backup.look(filled).files:
        path = files / file.location
        sound = path.read_bytes()
        for damaged in (sound[:-1], sound[:5] + bytes([sound[5] ^ 1]) + sound[6:], None):
            if damaged is None:
                path.unlink()
            else:
                path.write_bytes(damaged)
            found = command("check", filled, *where, "--json")
            assert found.returncode == 1
            problems = json.loads(found.stdout)["problems"]
            assert [file.location in problem for problem in problems] == [True]
        path.write_bytes(sound)
    assert command("check", filled, *where).returncode == 0


def test_stats_say_what_is_kept_where(filled: str, files: Path) -> None:
    answer = command("stats", filled, "--json")
    found = json.loads(answer.stdout)
    assert found["size"] > 0
    tables = {one["name"]: one for one in found["tables"]}
    assert tables["runs"]["rows"] == 1
    assert tables["runs"]["size"] is None or tables["runs"]["size"] > 0
    (experiment,) = found["experiments"]
    assert (experiment["runs"], experiment["points"], experiment["files"]) == (1, 3000, 2)
    assert experiment["file_bytes"] == sum(
        p.stat().st_size for p in files.rglob("*") if p.is_file()
    )
    assert "Default" in command("stats", filled).stdout


def test_without_pg_dump_the_message_says_what_to_install(
    postgres_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Database(postgres_uri).close()
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(backup, "_installed", lambda _: None)
    answer = CliRunner().invoke(db, ["backup", str(tmp_path / "b"), postgres_uri])
    assert "pg_dump is not installed here" in str(answer.exception)
    assert list((tmp_path / "b").iterdir()) == []


def test_an_upgrade_makes_a_checked_copy_first_and_can_be_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next schema is made up here; what is written after the upgrade is lost by going back."""
    path = tmp_path / "mainstay.db"
    uri = f"sqlite:///{path}"
    database = Database(uri)
    run = SqlTracking(database).create_run("0").info.run_id
    database.close()
    before = backup.look(uri)

    def migrate(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE runs ADD COLUMN mood TEXT"))
        connection.execute(schema.stamp.update().values(version_num="0002"))

    monkeypatch.setattr(schema, "HEAD", "0002")
    monkeypatch.setattr(schema, "KNOWN", ("0001", "0002"))
    monkeypatch.setattr(schema, "_migrate", migrate)
    monkeypatch.setattr(schema, "steps", lambda _: ["0002: moods of runs"])
    planned = CliRunner().invoke(db, ["upgrade", uri, "--plan"])
    assert "would go from schema 0001 to 0002" in planned.output
    assert "0002: moods of runs" in planned.output
    assert backup.look(uri) == before
    assert list(tmp_path.glob("*.before-upgrade-*")) == []
    done = CliRunner().invoke(db, ["upgrade", uri])
    assert done.exit_code == 0, done.output
    (folder,) = tmp_path.glob("mainstay.db.before-upgrade-*")
    assert f"mainstay db restore {folder} {uri}" in " ".join(done.output.split())
    assert backups.verify(folder) == []
    assert backup.look(uri).schema == "0002"
    again = CliRunner().invoke(db, ["upgrade", uri])
    assert "has schema 0002 already" in again.output
    assert len(list(tmp_path.glob("*.before-upgrade-*"))) == 1
    monkeypatch.undo()

    path.rename(tmp_path / "upgraded.db")
    restored = command("restore", str(folder), uri)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert backup.look(uri) == before
    old = Database(uri)
    assert SqlTracking(old).get_run(run).info.run_id == run
    old.close()


def test_an_upgrade_of_postgresql_makes_a_checked_back_up_first(
    postgres_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri, other = postgres_cluster.create_database(), postgres_cluster.create_database()
    try:
        database = Database(uri)
        run = SqlTracking(database).create_run("0").info.run_id
        database.close()
        before = backup.look(uri)

        def migrate(connection: Connection) -> None:
            connection.execute(text("ALTER TABLE runs ADD COLUMN mood TEXT"))
            connection.execute(schema.stamp.update().values(version_num="0002"))

        monkeypatch.setattr(schema, "HEAD", "0002")
        monkeypatch.setattr(schema, "KNOWN", ("0001", "0002"))
        monkeypatch.setattr(schema, "_migrate", migrate)
        monkeypatch.chdir(tmp_path)
        done = CliRunner().invoke(db, ["upgrade", uri])
        assert done.exit_code == 0, done.output
        (folder,) = tmp_path.glob("*.before-upgrade-*")
        assert backups.verify(folder) == []
        assert backup.look(uri).schema == "0002"
        monkeypatch.undo()
        restored = command("restore", str(folder), other)
        assert (restored.returncode, restored.stderr) == (0, "")
        assert backup.look(other) == before
        old = Database(other)
        assert SqlTracking(old).get_run(run).info.run_id == run
        old.close()
    finally:
        postgres_cluster.drop_database(uri)
        postgres_cluster.drop_database(other)
