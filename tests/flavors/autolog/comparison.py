"""The same fits under MLflow's autolog and ours, on one server: names, steps and values agree.

Subclass it and name the fits; where we differ on purpose, say so in ``ours`` and ``theirs``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.flavors.autolog.recorded import MARK
from tests.support.parts import PROJECT
from tests.support.server import RunningServer

SECONDS = 240

OF_THE_RUN = ("code/", "environment/")
"""Artifacts that every run of ours has: the state of the code and its packages."""

AUTOMATIC = ("mainstay.", "mlflow.source", "git_sha", "owner", "candidate", "data_version")
"""Tags that every run of ours has."""


class Comparison:
    """What MLflow records is here too, but for differences on purpose."""

    fits: ClassVar[tuple[str, ...]]

    runs: ClassVar[int] = 1
    """Runs that one fit makes: more where the candidates of a search are runs too."""

    ours: ClassVar[Mapping[str, set[str]]] = {}
    """What only we record: names by ``params``, ``metrics``, ``tags``, ``artifacts``…"""

    theirs: ClassVar[Mapping[str, set[str]]] = {}
    """What only MLflow records."""

    loose: ClassVar[set[str]] = set()
    """Metrics and parameters whose values differ: times, folders, what a subclass explains."""

    tolerance: ClassVar[float] = 1e-6
    """How far values of metrics may lie apart, relative."""

    @pytest.fixture(scope="class")
    @classmethod
    def recorded(cls, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
        folder = tmp_path_factory.mktemp("comparison")
        with RunningServer(folder / "server") as server:
            both = {face: start(face, server.url, cls.fits, folder) for face in FACES}
            return {face: finish(*started) for face, started in both.items()}

    def pairs(self, recorded: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Return what the two recorded of each fit, ours first."""
        return [(recorded["mainstay"][fit], recorded["mlflow"][fit]) for fit in self.fits]

    def test_one_fit_is_one_finished_run_and_one_for_each_candidate(
        self, recorded: dict[str, Any]
    ) -> None:
        for ours, theirs in self.pairs(recorded):
            assert (ours["runs"], ours["status"]) == (theirs["runs"], theirs["status"])
            assert (ours["runs"], ours["status"]) == (self.runs, "FINISHED")

    def test_the_candidates_of_a_search_say_the_same(self, recorded: dict[str, Any]) -> None:
        for ours, theirs in self.pairs(recorded):
            assert len(ours["children"]) == self.runs - 1
            assert self.candidates(ours["children"]) == self.candidates(theirs["children"])

    def test_the_parameters_are_the_same(self, recorded: dict[str, Any]) -> None:
        for ours, theirs in self.pairs(recorded):
            self.same_names("params", set(ours["params"]), set(theirs["params"]))
            shared = (set(ours["params"]) & set(theirs["params"])) - self.loose
            assert {key: ours["params"][key] for key in shared} == {
                key: theirs["params"][key] for key in shared
            }

    def test_the_metrics_have_the_same_steps_and_values(self, recorded: dict[str, Any]) -> None:
        for ours, theirs in self.pairs(recorded):
            self.same_names("metrics", set(ours["metrics"]), set(theirs["metrics"]))
            shared = set(ours["metrics"]) & set(theirs["metrics"])
            assert shared or not theirs["metrics"]
            for key in shared:
                # A point that is there twice at the same millisecond is one.
                assert set(ours["steps"][key]) == set(theirs["steps"][key]), key
            for key in shared - self.loose:
                assert ours["metrics"][key] == pytest.approx(
                    theirs["metrics"][key], rel=self.tolerance
                ), key

    def test_the_tags_say_the_same(self, recorded: dict[str, Any]) -> None:
        for ours, theirs in self.pairs(recorded):
            mine = {key for key in ours["tags"] if not key.startswith(AUTOMATIC)}
            other = {key for key in theirs["tags"] if not key.startswith("mlflow.source")}
            self.same_names("tags", mine, other)
            for key in (mine & other) - {"mlflow.runName"}:
                assert ours["tags"][key] == theirs["tags"][key]

    def test_the_artifacts_are_the_same(self, recorded: dict[str, Any]) -> None:
        for ours, theirs in self.pairs(recorded):
            mine = {path for path in ours["artifacts"] if not path.startswith(OF_THE_RUN)}
            other = {path for path in theirs["artifacts"] if not path.startswith("model/")}
            self.same_names("artifacts", mine, other)

    def test_the_data_sets_are_the_same(self, recorded: dict[str, Any]) -> None:
        for ours, theirs in self.pairs(recorded):
            mine, other = (
                {f"{one['context']} {one['name']}" for one in side["inputs"]}
                for side in (ours, theirs)
            )
            self.same_names("inputs", mine, other)

    def test_a_model_is_logged_and_ready(self, recorded: dict[str, Any]) -> None:
        for ours, theirs in self.pairs(recorded):
            mine, other = (
                {f"{one['name']} {one['status']}" for one in side["models"]}
                for side in (ours, theirs)
            )
            self.same_names("models", mine, other)

    def candidates(self, children: list[dict[str, Any]]) -> list[str]:
        """Return the child runs as texts that can be compared, values to six digits."""
        told = []
        for child in children:
            metrics = {key: f"{value:.6g}" for key, value in child["metrics"].items()}
            told.append(json.dumps({**child, "metrics": metrics}, sort_keys=True))
        return sorted(told)

    def same_names(self, kind: str, ours: set[str], theirs: set[str]) -> None:
        """Assert that names differ only as the class says; what it says may be of one fit only."""
        assert ours - theirs <= self.ours.get(kind, set()), kind
        assert theirs - ours <= self.theirs.get(kind, set()), kind


FACES = ("mainstay", "mlflow")


def start(
    face: str, server: str, fits: tuple[str, ...], folder: Path
) -> tuple[subprocess.Popen[bytes], Path]:
    """Start the fits in a process of their own."""
    place = folder / face
    place.mkdir()
    environment = {
        **{key: text for key, text in os.environ.items() if not key.startswith("MLFLOW_")},
        "PYTHONPATH": str(PROJECT),
        "MAINSTAY_SPOOL_DIR": str(place / "spool"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    # Files, not pipes: a library's own processes may hold on to a pipe.
    with (place / "out").open("w") as out, (place / "err").open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.flavors.autolog.recorded", face, server, *fits],
            cwd=place,
            env=environment,
            stdout=out,
            stderr=err,
        )
    return process, place


def finish(process: subprocess.Popen[bytes], place: Path) -> dict[str, Any]:
    """Wait for it and return what it recorded."""
    try:
        code = process.wait(SECONDS)
    finally:
        process.kill()
    assert code == 0, (place / "err").read_text()[-4000:]
    found: dict[str, Any] = json.loads((place / "out").read_text().partition(MARK)[2])
    return found
