"""Everything that MLflow's client reads from its databases is read here after the import."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mainstay.connect import connect
from tests.importing import stores
from tests.support.postgres import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def source_uri(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database for MLflow."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/mlflow.db"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    uri = cluster.create_database()
    yield uri
    cluster.drop_database(uri)


@pytest.mark.parametrize("peer", ["mlflow", "mlflow2"])
def test_a_database_comes_over_whole(
    peer: str, source_uri: str, database_uri: str, tmp_path: Path
) -> None:
    driver = "psycopg" if peer == "mlflow" else "psycopg2"
    theirs = source_uri.replace("postgresql:", f"postgresql+{driver}:")
    stores.make(peer, theirs, tmp_path)
    there = stores.read(peer, theirs, tmp_path)

    files = f"{tmp_path}/files"
    into = ("--into", database_uri, "--artifacts-destination", files)
    done = stores.mainstay("import", source_uri, *into, "--json", cwd=tmp_path)

    report = json.loads(done.stdout)
    assert report["equal"]
    assert report["different"] == 0
    rows = {row["kind"]: row["imported"] for row in report["rows"]}
    assert rows["runs"] == 8
    assert rows["points"] == 5 * 61 + 7 + 2 + (2 if peer == "mlflow" else 0)
    assert rows["versions"] == 2
    assert rows["files"] == 5
    here = stores.ours(database_uri, artifacts_destination=files)
    assert without_addresses(here) == without_addresses(there)
    # Two of the deleted versions were the highest: their numbers are not given again.
    assert sorted(here["registry"]["houses"]["versions"]) == ["1", "3"]
    uri = here["registry"]["houses"]["versions"]["3"]["uri"]
    assert uri.startswith("mlflow-artifacts:/1/")
    assert uri.endswith("/artifacts/notes")
    with connect(database_uri, database_uri, artifacts_destination=files) as mine:
        taken = {experiment["id"] for experiment in here["experiments"].values()}
        assert mine.tracking.create_experiment("next").experiment_id not in taken
        assert mine.registry.create_model_version("houses", "s3://bucket/model").version == 5


def test_files_behind_a_server_are_found_in_its_folder(tmp_path: Path) -> None:
    stores.make("mlflow", f"sqlite:///{tmp_path}/mlflow.db", tmp_path)
    database = sqlite3.connect(tmp_path / "mlflow.db")
    for table, column in (
        ("runs", "artifact_uri"),
        ("logged_models", "artifact_location"),
        ("model_versions", "source"),
        ("model_versions", "storage_location"),
    ):
        database.execute(
            f"UPDATE {table} SET {column} = replace({column}, ?, 'mlflow-artifacts:')",
            (f"{tmp_path}/mlruns",),
        )
    database.commit()
    (tmp_path / "mlruns").rename(tmp_path / "kept")
    said = stores.mainstay("import", "mlflow.db", cwd=tmp_path)
    assert "say where that server keeps its files with --artifact-root DIR" in said.stderr

    stores.mainstay("import", "mlflow.db", "--artifact-root", "kept", cwd=tmp_path)

    here = stores.ours(f"sqlite:///{tmp_path}/mainstay.db")
    runs = here["experiments"]["prices"]["runs"].values()
    assert all(run["files"] == {"notes/a file.txt": 9} for run in runs)
    with connect(f"sqlite:///{tmp_path}/mainstay.db") as mine:
        assert mine.registry.get_model_version("houses", 3).digest is not None


def without_addresses(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out where files are: they moved."""
    registry = {
        name: {
            **model,
            "versions": {
                number: {**version, "uri": ""} for number, version in model["versions"].items()
            },
        }
        for name, model in found["registry"].items()
    }
    return {**found, "registry": registry}
