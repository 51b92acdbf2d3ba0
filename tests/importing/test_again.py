"""Killed, repeated or resumed, an import ends the same; a later one adds what is new."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from mainstay.connect import connect
from mainstay.entities.digests import text_digest
from mainstay.entities.pages import Search
from tests.importing import stores


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's database, with its folder of artifacts."""
    folder = tmp_path_factory.mktemp("source")
    stores.make("mlflow", f"sqlite:///{folder}/mlflow.db", folder, runs=130)
    return folder / "mlflow.db"


@pytest.fixture(scope="module")
def whole(source: Path) -> dict[str, object]:
    """What an import that nobody disturbs brings."""
    stores.mainstay("import", str(source), cwd=source.parent)
    return stores.ours(f"sqlite:///{source.parent}/mainstay.db")


@pytest.mark.parametrize(
    "until",
    [
        "SELECT count(*) > 2 FROM runs",
        "SELECT count(*) > 60 FROM runs",
        "SELECT count(*) > 130 FROM series",
        "SELECT count(*) > 5 FROM artifact_files",
        "SELECT count(*) > 60 FROM artifact_files",
        "SELECT count(*) > 0 FROM model_versions",
    ],
)
def test_a_killed_import_goes_on_where_it_was(
    until: str, source: Path, whole: dict[str, object], tmp_path: Path
) -> None:
    target = tmp_path / "mainstay.db"
    process = subprocess.Popen(
        stores.command("import", str(source)),
        cwd=tmp_path,
        env=stores.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(target, until, process)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=120)

    done = stores.mainstay("import", str(source), "--json", cwd=tmp_path)

    assert json.loads(done.stdout)["equal"]
    assert stores.ours(f"sqlite:///{target}") == whole
    assert doubles(target) == []


@pytest.mark.parametrize("number", [1, 2, 5, 9])
def test_killed_at_a_commit_nothing_is_doubled(
    number: int, source: Path, whole: dict[str, object], tmp_path: Path
) -> None:
    environment = {
        **stores.environment(),
        "MAINSTAY_KILL_AT": f"database.after_commit:{number}",
    }
    died = subprocess.run(
        stores.command("import", str(source)), cwd=tmp_path, env=environment, capture_output=True
    )
    assert died.returncode == -signal.SIGKILL
    stores.mainstay("import", str(source), cwd=tmp_path)
    assert stores.ours(f"sqlite:///{tmp_path}/mainstay.db") == whole
    assert doubles(tmp_path / "mainstay.db") == []


def test_killed_on_postgresql_it_goes_on_too(
    source: Path, whole: dict[str, object], postgres_uri: str, tmp_path: Path
) -> None:
    into = ("--into", postgres_uri, "--artifacts-destination", f"{tmp_path}/files")
    for number in (3, 40, 6):
        died = subprocess.run(
            stores.command("import", str(source), *into),
            cwd=tmp_path,
            env={**stores.environment(), "MAINSTAY_KILL_AT": f"database.after_commit:{number}"},
            capture_output=True,
        )
        assert died.returncode == -signal.SIGKILL
    stores.mainstay("import", str(source), *into, cwd=tmp_path)
    assert stores.ours(postgres_uri, artifacts_destination=f"{tmp_path}/files") == whole


def test_a_second_import_changes_nothing(
    source: Path, whole: dict[str, object], tmp_path: Path
) -> None:
    for _ in range(2):
        done = stores.mainstay("import", str(source), cwd=tmp_path)
        assert "DIFFERENT" not in done.stdout
    assert stores.ours(f"sqlite:///{tmp_path}/mainstay.db") == whole
    database = sqlite3.connect(tmp_path / "mainstay.db")
    imported = "SELECT count(*) FROM audit_log WHERE action = 'registered_model.imported'"
    assert database.execute(imported).fetchone() == (1,)
    assert doubles(tmp_path / "mainstay.db") == []


def test_a_later_import_adds_what_is_new_and_ends_what_ran(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "mlflow.db"
    shutil.copy(source, copy)
    stores.mainstay("import", str(copy), cwd=tmp_path)
    database = sqlite3.connect(copy)
    run = database.execute("SELECT run_uuid FROM runs WHERE name = 'still running'").fetchone()[0]
    database.execute(
        "UPDATE runs SET status = 'FINISHED', end_time = 1800000000000 WHERE run_uuid = ?", (run,)
    )
    database.execute("INSERT INTO metrics VALUES ('loss', 0.25, 2, ?, 2, 0)", (run,))
    database.execute("INSERT INTO tags VALUES ('late', 'tag', ?)", (run,))
    database.execute("UPDATE registered_model_aliases SET version = 1 WHERE alias = 'champion'")
    database.commit()

    stores.mainstay("import", str(copy), cwd=tmp_path)

    with connect(f"sqlite:///{tmp_path}/mainstay.db") as here:
        found = here.tracking.get_run(run)
        assert (found.info.status, found.info.end_time) == ("FINISHED", 1_800_000_000_000)
        assert found.data.tags["late"] == "tag"
        points = here.tracking.get_metric_history(run, "loss").items
        assert [point.value for point in points] == [1.0, 0.25]
        assert here.registry.get_version_by_alias("houses", "champion").version == 1


def test_an_alias_that_was_moved_here_is_left_and_named(source: Path, tmp_path: Path) -> None:
    stores.mainstay("import", str(source), cwd=tmp_path)
    with connect(f"sqlite:///{tmp_path}/mainstay.db") as here:
        here.registry.set_alias("houses", "champion", 1)
    done = stores.mainstay("import", str(source), cwd=tmp_path, code=1)
    assert "alias houses@champion (v3 there, v1 here) was left" in done.stderr
    with connect(f"sqlite:///{tmp_path}/mainstay.db") as here:
        assert here.registry.get_version_by_alias("houses", "champion").version == 1


def test_an_alias_before_a_gate_is_left_to_people(source: Path, tmp_path: Path) -> None:
    with connect(f"sqlite:///{tmp_path}/mainstay.db") as here:
        text = "checks:\n- {kind: threshold, metric: roc_auc, minimum: 0.8}\n"
        here.release.set_policy("houses", "champion", text, digest=text_digest(text))
    done = stores.mainstay("import", str(source), cwd=tmp_path, code=1)
    assert "it stands before a gate; use mainstay promote" in done.stderr
    with connect(f"sqlite:///{tmp_path}/mainstay.db") as here:
        assert here.registry.get_registered_model("houses").aliases == {"challenger": 1}


def test_an_experiment_whose_id_is_taken_gets_another(source: Path, tmp_path: Path) -> None:
    with connect(f"sqlite:///{tmp_path}/mainstay.db") as here:
        here.tracking.create_experiment("mine")
    stores.mainstay("import", str(source), cwd=tmp_path)
    with connect(f"sqlite:///{tmp_path}/mainstay.db") as here:
        found = here.tracking.get_experiment_by_name("prices")
        assert found is not None
        assert found.experiment_id != "1"
        assert found.tags["mainstay.imported.experiment_id"] == "1"
        assert here.tracking.get_experiment("1").name == "mine"
        run = here.tracking.search_runs([found.experiment_id], Search()).items[0]
        assert list(here.artifacts_at(run.info.artifact_uri).list("notes"))


def test_what_was_changed_here_is_kept_and_named(source: Path, tmp_path: Path) -> None:
    stores.mainstay("import", str(source), cwd=tmp_path)
    database = sqlite3.connect(tmp_path / "mainstay.db")
    database.execute("UPDATE params SET value = 'changed' WHERE key = 'deep/er' AND run = 1")
    database.execute("DELETE FROM chunks WHERE id = 1")
    database.commit()
    done = stores.mainstay("import", str(source), cwd=tmp_path, code=1)
    assert "param 'deep/er' of run" in done.stderr
    assert "60 points of 'loss' of run" in done.stderr
    assert done.stdout.count("DIFFERENT") == 2


def wait_until(database: Path, condition: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended before it could be killed"
        try:
            reading = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
            if reading.execute(condition).fetchone()[0]:
                return
        except sqlite3.OperationalError:  # not there yet
            continue
    raise AssertionError(f"never: {condition}")


def doubles(database: Path) -> list[str]:
    """Return what is in a table twice that should be there once."""
    keys = {
        "logged_model_metrics": "model, run, key, timestamp, step, value",
        "alias_changes": "model_id, alias, version",
        "inputs": "run, dataset",
        "points": "series, timestamp, step, value",
    }
    connection = sqlite3.connect(database)
    return [
        table
        for table, columns in keys.items()
        if connection.execute(
            f"SELECT 1 FROM {table} GROUP BY {columns} HAVING count(*) > 1"
        ).fetchone()
    ]
