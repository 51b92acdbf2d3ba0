"""Whatever is wrong is said in a paragraph, with an exit code, and without a traceback."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mainstay.connect import connect
from tests.importing import stores


def refused(*arguments: str, cwd: Path) -> str:
    """Return what a command says that is called wrongly."""
    return stores.mainstay(*arguments, cwd=cwd, code=2).stderr


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no file or folder" in refused("import", "nothing.db", cwd=tmp_path)
    assert "there is no database file" in refused("import", "sqlite:///nothing.db", cwd=tmp_path)
    assert not (tmp_path / "nothing.db").exists()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are notes, and no database at all\n" * 100)
    assert "is not a SQLite database" in refused("import", "notes.db", cwd=tmp_path)


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "mlruns").mkdir()
    assert "holds no runs" in refused("import", "mlruns", cwd=tmp_path)


def test_a_database_of_another_program(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "shop.db").execute("CREATE TABLE orders (id INTEGER)")
    assert "is not a database of MLflow" in refused("import", "shop.db", cwd=tmp_path)


def test_a_database_of_ours(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/mine.db").close()
    assert "database of mainstay already" in refused("import", "mine.db", cwd=tmp_path)


def test_a_schema_that_nobody_knows_yet(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "mlflow.db")
    for table in ("experiments", "runs", "metrics", "params", "tags"):
        database.execute(f"CREATE TABLE {table} (identity TEXT, payload BLOB)")
    database.execute("CREATE TABLE alembic_version (version_num TEXT)")
    database.execute("INSERT INTO alembic_version VALUES ('ffff00001111')")
    database.commit()
    said = refused("import", "mlflow.db", cwd=tmp_path)
    assert "cannot read: the table 'experiments' lacks artifact_location" in said
    assert "ffff00001111" in said


def test_servers_are_named_as_servers(tmp_path: Path) -> None:
    said = refused("import", "http://localhost:5000", cwd=tmp_path)
    assert "--backend-store-uri" in said
    (tmp_path / "mlruns" / "0").mkdir(parents=True)
    (tmp_path / "mlruns" / "0" / "meta.yaml").write_text("name: Default\n")
    said = refused("import", "mlruns", "--into", "http://localhost:5000", cwd=tmp_path)
    assert "give the database behind it" in said
    assert "give the database behind it" in refused(
        "export", "out", "--from", "http://localhost:5000", cwd=tmp_path
    )


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    uri = "postgresql://nobody:secret@127.0.0.1:1/mlflow"
    said = stores.mainstay("import", uri, cwd=tmp_path, code=1).stderr
    assert "cannot be read" in said
    assert "secret" not in said


def test_an_experiment_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "mlruns" / "0").mkdir(parents=True)
    (tmp_path / "mlruns" / "0" / "meta.yaml").write_text("name: Default\n")
    said = refused("import", "mlruns", "--experiment", "other", cwd=tmp_path)
    assert "has no experiment 'other'; it has: Default" in said


def test_a_postgres_target_without_a_place_for_files(postgres_uri: str, tmp_path: Path) -> None:
    (tmp_path / "mlruns" / "0").mkdir(parents=True)
    (tmp_path / "mlruns" / "0" / "meta.yaml").write_text("name: Default\n")
    said = refused("import", "mlruns", "--into", postgres_uri, cwd=tmp_path)
    assert "MAINSTAY_ARTIFACTS_DESTINATION" in said


def test_missing_files_are_counted_and_stop_nothing(tmp_path: Path) -> None:
    stores.make("mlflow", f"sqlite:///{tmp_path}/mlflow.db", tmp_path)
    (tmp_path / "mlruns").rename(tmp_path / "gone")
    said = stores.mainstay("import", "mlflow.db", cwd=tmp_path).stderr
    assert "there are no files at mlflow-artifacts:/1/" in said
    assert (
        "files of 3 runs, models or versions are missing" in said
    )  # a logged model, and two versions
    moved = f"{tmp_path}/mlruns={tmp_path}/gone"
    said = stores.mainstay("import", "mlflow.db", "--artifact-root", moved, cwd=tmp_path).stderr
    assert "files of 1 runs, models or versions are missing" in said
    here = stores.ours(f"sqlite:///{tmp_path}/mainstay.db")
    assert all(run["files"] for run in here["experiments"]["prices"]["runs"].values())


def test_a_reason_that_many_share_is_said_once(tmp_path: Path) -> None:
    stores.make("mlflow", f"sqlite:///{tmp_path}/mlflow.db", tmp_path, runs=30)
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database:
        moved = "UPDATE runs SET artifact_uri = replace(artifact_uri, ?, 'mlflow-artifacts:')"
        database.execute(moved, (f"{tmp_path}/mlruns",))
        database.commit()
    said = stores.mainstay("import", "mlflow.db", cwd=tmp_path).stderr
    shared = [line for line in said.splitlines() if "is behind an MLflow server" in line]
    # The runs of two experiments, and the one run of a third.
    assert len(shared) == 3
    assert " and 27 more are missing: mlflow-artifacts:/1/…/artifacts is behind" in shared[0]


def test_a_root_that_is_not_there_or_holds_nothing_is_said(tmp_path: Path) -> None:
    stores.make("mlflow", f"sqlite:///{tmp_path}/mlflow.db", tmp_path)
    (tmp_path / "mlruns").rename(tmp_path / "gone")
    for root in ("nowhere", f"{tmp_path}/mlruns={tmp_path}/nowhere"):
        said = refused("import", "mlflow.db", "--artifact-root", root, cwd=tmp_path)
        assert f"--artifact-root {root}: there is no folder" in said
    (tmp_path / "empty").mkdir()
    done = stores.mainstay("import", "mlflow.db", "--artifact-root", "empty", cwd=tmp_path)
    assert "no file was found under --artifact-root empty" in done.stderr


def test_an_export_makes_no_database_of_a_misspelt_address(tmp_path: Path) -> None:
    done = stores.mainstay("export", "out", "--from", "sqlite:///none.db", cwd=tmp_path, code=1)
    assert "there is no database at" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["mlflow", "parquet"])
def test_an_export_overwrites_nothing(kind: str, tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/mainstay.db").close()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    said = refused("export", "out", "--format", kind, cwd=tmp_path)
    assert "not empty" in said
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["thesis.txt"]
    assert "is not a folder" in refused("export", "s3://bucket/x", cwd=tmp_path)
