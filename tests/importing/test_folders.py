"""What lies in an mlruns folder comes over, with what MLflow's own reader loses or doubles."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mainstay.connect import connect
from mainstay.entities.pages import Search
from mainstay.importing.folder import FolderSource
from mainstay.importing.layout_files import points
from tests.importing import stores
from tests.importing.test_databases import without_addresses


@pytest.fixture(scope="module")
def mlruns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that MLflow filled."""
    folder = tmp_path_factory.mktemp("source")
    stores.make("mlflow", f"file://{folder}/mlruns", folder)
    return folder / "mlruns"


def test_a_folder_comes_over_whole(mlruns: Path, database_uri: str, tmp_path: Path) -> None:
    there = stores.read("mlflow", f"file://{mlruns}", mlruns.parent)
    files = f"{tmp_path}/files"
    into = ("--into", database_uri, "--artifacts-destination", files)
    done = stores.mainstay("import", str(mlruns), *into, "--json", cwd=tmp_path)

    report = json.loads(done.stdout)
    assert report["equal"]
    here = stores.ours(database_uri, artifacts_destination=files)
    [model] = here["experiments"]["prices"]["models"].values()
    assert [metric[3] for metric in model["metrics"]] == ["0.75", "nan"]
    # MLflow's reader of folders shows the last point of a model's metric only.
    model["metrics"] = model["metrics"][-1:]
    assert without_addresses(here) == without_addresses(there)
    assert len(here["experiments"]["prices"]["id"]) == 18


def test_a_moved_folder_is_read_where_it_is(mlruns: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "runs"
    shutil.copytree(mlruns, moved)
    hidden = mlruns.rename(mlruns.parent / "hidden")
    try:
        stores.mainstay("import", str(moved), cwd=tmp_path)
    finally:
        hidden.rename(mlruns)
    here = stores.ours(f"sqlite:///{tmp_path}/mainstay.db")
    runs = here["experiments"]["prices"]["runs"].values()
    assert all(run["files"] == {"notes/a file.txt": 9} for run in runs)


def test_files_may_stay_where_they_are(mlruns: Path, tmp_path: Path) -> None:
    stores.mainstay("import", str(mlruns), "--artifacts", "reference", cwd=tmp_path)
    assert not (tmp_path / "mainstay-artifacts").exists()
    with connect(f"sqlite:///{tmp_path}/mainstay.db") as here:
        experiment = here.tracking.get_experiment_by_name("prices")
        assert experiment is not None
        run = here.tracking.search_runs([experiment.experiment_id], Search()).items[0]
        assert run.info.artifact_uri.startswith(str(mlruns))
        text = b"".join(here.artifacts_at(run.info.artifact_uri).read("notes/a file.txt"))
        assert text.startswith(b"text of ")
        version = here.registry.get_model_version("houses", 3)
        assert version.source.startswith(str(mlruns))
        assert version.digest is not None


def test_one_experiment_comes_with_its_versions_only(mlruns: Path, tmp_path: Path) -> None:
    stores.mainstay("import", str(mlruns), "--experiment", "ünïcode & co", cwd=tmp_path)
    here = stores.ours(f"sqlite:///{tmp_path}/mainstay.db")
    assert sorted(here["experiments"]) == ["Default", "ünïcode & co"]
    assert here["registry"] == {}


def test_lines_of_points_are_read_in_every_form_and_once(tmp_path: Path) -> None:
    file = tmp_path / "loss"
    file.write_text(
        "10 0.5\n10 0.5 2\n9 nan 2 data d1\n10 0.5 2\n11 -inf -4 two words d1\n10 0.5 2 d 1\n"
    )
    found = points(file)
    assert [(at, step) for at, step, _ in found] == [(9, 2), (10, 0), (10, 2), (11, -4)]
    assert repr([value for _, _, value in found]) == "[nan, 0.5, 0.5, -inf]"


def test_equal_names_of_deleted_experiments_are_told_apart(tmp_path: Path) -> None:
    for number, place in (("1", ""), ("2", ".trash/"), ("3", ".trash/")):
        folder = tmp_path / f"{place}{number}"
        folder.mkdir(parents=True)
        (folder / "meta.yaml").write_text(f"name: same\nexperiment_id: '{number}'\n")
    found = FolderSource(tmp_path).experiments()
    assert [(one.name, one.lifecycle_stage) for one in found] == [
        ("same", "active"),
        ("same (deleted 2)", "deleted"),
        ("same (deleted 3)", "deleted"),
    ]


def test_what_cannot_be_read_is_named_and_passed_over(mlruns: Path, tmp_path: Path) -> None:
    copy = tmp_path / "mlruns"
    shutil.copytree(mlruns, copy)
    broken = copy / "999"
    broken.mkdir()
    (broken / "meta.yaml").write_text("{ not yaml")
    done = stores.mainstay("import", str(copy), cwd=tmp_path)
    assert "1 folders without a readable meta.yaml (999" in done.stderr
