"""The notebook tour runs in a real kernel, and a kernel that is restarted loses nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import mainstay
from mainstay import settings
from tests.support.parts import PROJECT

TOUR = PROJECT / "examples" / "tour.ipynb"

BEFORE = """
import os
import mainstay
run = mainstay.start_run(run_name="long", capture_output=True)
mainstay.log_param("p", 1)
for step in range(500):
    mainstay.log_metric("loss", step / 2, step=step)
print("first kernel", flush=True)
open("run.txt", "w").write(run.info.run_id)
"""

AFTER = """
import mainstay
with mainstay.start_run(run_id=open("run.txt").read(), capture_output=True):
    for step in range(500, 600):
        mainstay.log_metric("loss", step / 2, step=step)
    print("second kernel")
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that kernels run in; what they log goes to a database there."""
    for setting in settings.all_settings():
        for variable in setting.variables:
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("MAINSTAY_SPOOL_DIR", str(tmp_path / "spool"))
    monkeypatch.setenv("MAINSTAY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "tour.ipynb"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return tmp_path


def notebook(*cells: str) -> Any:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return made


def run(book: Any, place: Path) -> None:
    NotebookClient(book, timeout=240, resources={"metadata": {"path": str(place)}}).execute()


def test_the_tour_runs_from_the_top(place: Path) -> None:
    book = nbformat.read(TOUR, as_version=4)
    run(book, place)
    client = mainstay.Client(f"sqlite:///{place}/mainstay.db")
    experiment = client.get_experiment_by_name("tour")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    assert sorted(one.info.run_name for one in runs) == [
        *("depth 1", "depth 2", "depth 4", "depths", "forest", "long")
    ]
    assert {one.info.status for one in runs} == {"FINISHED"}
    forest = next(one for one in runs if one.info.run_name == "forest")
    assert forest.data.tags["mlflow.source.type"] == "NOTEBOOK"
    assert forest.data.tags["mlflow.source.name"] == str(place / "tour.ipynb")
    assert client.get_model_version_by_alias("tour", "champion").run_id == forest.info.run_id


def test_the_tour_is_committed_without_outputs() -> None:
    book = nbformat.read(TOUR, as_version=4)
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    assert cells
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


def test_a_kernel_killed_in_mid_run_loses_no_point_and_the_next_goes_on(place: Path) -> None:
    first = NotebookClient(
        notebook(BEFORE), timeout=240, resources={"metadata": {"path": str(place)}}
    )
    with first.setup_kernel():
        first.execute_cell(first.nb.cells[0], 0)
        first.km.provisioner.process.kill()  # no last words: what a hard restart is
    run_id = (place / "run.txt").read_text()
    run(notebook(AFTER), place)
    client = mainstay.Client(f"sqlite:///{place}/mainstay.db")
    deadline = time.monotonic() + 120
    while len(steps := [p.step for p in client.get_metric_history(run_id, "loss")]) < 600:
        assert time.monotonic() < deadline, f"{len(steps)} of 600 points"
        mainstay.sync()
    assert steps == list(range(600))
    found = client.get_run(run_id)
    assert (found.info.status, found.data.params) == ("FINISHED", {"p": "1"})
    pieces = client.list_artifacts(run_id, "output")
    folder = client.download_artifacts(run_id, "output", place / "output")
    text = "".join(sorted(path.read_text() for path in Path(folder).rglob("*.log")))
    assert "second kernel\n" in text
    assert pieces
