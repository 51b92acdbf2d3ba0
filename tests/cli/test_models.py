"""``mainstay models``: what each command says and does, and how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

import mainstay
from mainstay.cli.main import main

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
TARGET = [0, 0, 1, 1]

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database, a saved model and two versions of ``churn``."""
    folder = tmp_path_factory.mktemp("cli")
    patch = pytest.MonkeyPatch()
    patch.setenv("MAINSTAY_SPOOL_DIR", str(folder / "spool"))
    mainstay.set_tracking_uri(f"sqlite:///{folder}/mainstay.db")
    model = LogisticRegression().fit(FRAME, TARGET)
    with mainstay.start_run(run_name="first"):
        mainstay.log_param("c", 1)
        for estimator in (model, KNeighborsClassifier(1).fit(FRAME, TARGET)):
            mainstay.sklearn.log_model(
                estimator, name="model", input_example=FRAME, registered_model_name="churn"
            )
    mainstay.sklearn.save_model(model, folder / "saved", input_example=FRAME)
    mainstay.set_tracking_uri(None)
    patch.undo()
    return folder


@pytest.fixture
def run(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; return its exit code and all that it printed."""
    monkeypatch.setenv("MAINSTAY_TRACKING_URI", f"sqlite:///{place}/mainstay.db")
    monkeypatch.setenv("MAINSTAY_CACHE_DIR", str(place / "cache"))
    monkeypatch.chdir(place)

    def call(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["mainstay", "models", *arguments])
        try:
            code = main(["models", *arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


def answer(run: Run, *arguments: str) -> Any:
    """Return what a command that succeeds prints with ``--json``."""
    code, said = run(*arguments, "--json")
    assert code == 0, said
    return json.loads(said)


def test_list_and_describe_show_models_versions_and_aliases(run: Run) -> None:
    assert run("alias", "set", "churn", "champion", "1", "--reason", "better")[0] == 0
    (model,) = answer(run, "list")["registered_models"]
    assert model["name"] == "churn"
    assert model["aliases"] == {"champion": 1}
    found = answer(run, "describe", "churn")
    assert [version["version"] for version in found["versions"]] == [2, 1]
    assert answer(run, "describe", "churn", "-v", "@champion")["version"] == 1
    assert "@champion" in run("versions", "churn")[1]
    assert "digest" in run("describe", "churn", "-v", "1")[1]


def test_register_makes_the_next_version_from_a_folder(run: Run) -> None:
    made = answer(run, "register", "saved", "-n", "other", "--tag", "team=a", "--description", "x")
    assert (made["version"], made["tags"], made["description"]) == (1, {"team": "a"}, "x")
    assert Path(made["source"]).is_absolute()
    assert run("verify", "models:/other/1")[0] == 0


def test_aliases_are_set_read_and_deleted_with_their_history(run: Run) -> None:
    assert "version 2" in run("alias", "set", "churn", "blue", "2")[1]
    assert answer(run, "alias", "get", "churn", "blue")["version"] == 2
    assert run("alias", "delete", "churn", "blue")[0] == 0
    assert run("alias", "get", "churn", "blue")[0] == 2
    changes = answer(run, "alias", "history", "churn", "blue")["changes"]
    assert [(change["kind"], change["version"]) for change in changes] == [
        ("set", 2),
        ("delete", None),
    ]


def test_stages_and_tags_are_set(run: Run) -> None:
    assert answer(run, "stage", "churn", "1", "production")["current_stage"] == "Production"
    moved = answer(run, "stage", "churn", "2", "Production", "--archive-existing-versions")
    assert moved["current_stage"] == "Production"
    assert answer(run, "describe", "churn", "-v", "1")["current_stage"] == "Archived"
    assert run("tag", "set", "churn", "team", "a")[0] == 0
    assert run("tag", "set", "churn", "checked", "yes", "-v", "1")[0] == 0
    assert answer(run, "describe", "churn")["registered_model"]["tags"] == {"team": "a"}
    assert answer(run, "describe", "churn", "-v", "1")["tags"]["checked"] == "yes"
    assert run("tag", "delete", "churn", "checked", "-v", "1")[0] == 0
    assert "checked" not in answer(run, "describe", "churn", "-v", "1")["tags"]


def test_predict_answers_for_its_example_a_json_body_and_a_csv(run: Run, place: Path) -> None:
    code, said = run("predict", "-m", "models:/churn/1")
    assert (code, json.loads(said)) == (0, {"predictions": TARGET})
    (place / "rows.csv").write_text("a,b\n0,1\n3,0\n")
    (place / "rows.json").write_text(json.dumps({"dataframe_records": [{"a": 3, "b": 0}]}))
    assert json.loads(run("predict", "-m", "saved", "-i", "rows.csv", "-t", "csv")[1]) == {
        "predictions": [0, 1]
    }
    assert run("predict", "-m", "saved", "-i", "rows.json", "-o", "out.json")[0] == 0
    assert json.loads((place / "out.json").read_text()) == {"predictions": [1]}


def test_verify_tells_what_it_found_and_ends_with_1_if_it_differs(run: Run, place: Path) -> None:
    found = answer(run, "verify", "models:/churn/1")
    assert (found["example"], found["digest_recorded"]) == ("equal", True)
    mainstay.sklearn.save_model(
        LogisticRegression().fit(FRAME, TARGET), place / "spoilt", input_example=FRAME
    )
    (place / "spoilt" / "mainstay_expected.json").write_text('{"predictions": [1, 1, 1, 1]}')
    (place / "spoilt" / "mainstay_manifest.json").unlink()
    code, said = run("verify", "spoilt")
    assert (code, "differs" in said) == (1, True)


def test_lineage_shows_the_run_and_what_became_of_the_version(run: Run) -> None:
    found = answer(run, "lineage", "churn", "1")
    assert found["run"]["params"] == {"c": "1"}
    assert found["logged_model"]["name"] == "model"
    assert "first" in run("lineage", "churn", "1")[1]


def test_lock_prints_exact_pins(run: Run) -> None:
    code, said = run("lock", "-m", "models:/churn/1")
    assert code == 0
    assert {"numpy", "scikit-learn", "joblib"} <= {line.split("==")[0] for line in said.split()}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("describe", "nothing"), 1, "nothing"),
        (("describe", "churn", "-v", "x"), 2, "give a number, or @alias"),
        (("describe", "churn", "-v", "99"), 1, "99"),
        (("alias", "set", "churn", "champion", "99"), 1, "99"),
        (("stage", "churn", "1", "Live"), 2, "production"),
        (("register", "no/such/folder", "-n", "x"), 2, "MLmodel"),
        (("register", "runs:/0af1/model", "-n", "x"), 1, "0af1"),
        (("register", "saved", "-n", "x", "--tag", "novalue"), 2, "KEY=VALUE"),
        (("predict", "-m", "models:/churn"), 2, "models:/<name>/<version>"),
        (("predict", "-m", "saved", "-i", "nowhere.json"), 1, "nowhere.json"),
        (
            ("predict", "-m", "no-model", "-i", "nowhere.json", "--env-manager", "uv"),
            1,
            "nowhere.json",
        ),
        (("lineage", "churn", "one"), 2, "write a number"),
        (("list", "--filter", "nonsense ="), 2, ""),
    ],
)
def test_a_users_mistake_is_told_in_words_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, said: str, run: Run
) -> None:
    ended, printed = run(*arguments)
    assert ended == code, printed
    assert said in printed
    assert "Traceback" not in printed


def test_a_model_that_runs_code_needs_trust_from_a_bare_path(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mainstay.models import trust

    mainstay.pyfunc.save_model(
        place / "code", python_model=lambda frame: frame["a"].tolist(), input_example=FRAME
    )
    monkeypatch.setattr(trust, "_written_here", set())
    code, said = run("predict", "-m", "code")
    assert (code, "--trust" in said) == (1, True)
    assert run("predict", "-m", "code", "--trust")[0] == 0
