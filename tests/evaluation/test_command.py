"""``mainstay evaluate`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from sklearn import datasets
from sklearn.linear_model import LogisticRegression

import mainstay
from mainstay.cli.main import main

NAME = "flowers"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of rows, and two versions of a model in the database that the settings name."""
    folder = tmp_path_factory.mktemp("command")
    frame, target = datasets.load_iris(return_X_y=True, as_frame=True)
    frame.assign(kind=target)[1::2].to_csv(folder / "rows.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAINSTAY_SPOOL_DIR", str(folder / "spool"))
        patch.setenv("MAINSTAY_CACHE_DIR", str(folder / "cache"))
        mainstay.set_tracking_uri(f"sqlite:///{folder}/mainstay.db")
        with mainstay.start_run():
            for strength in (1.0, 0.001):
                model = LogisticRegression(C=strength, max_iter=500)
                mainstay.sklearn.log_model(
                    model.fit(frame[::2], target[::2]),
                    name="model",
                    input_example=frame.head(3),
                    registered_model_name=NAME,
                )
        mainstay.sync()
        mainstay.set_tracking_uri(None)
    return folder / "rows.csv"


@pytest.fixture(autouse=True)
def settings(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_TRACKING_URI", f"sqlite:///{data.parent}/mainstay.db")
    monkeypatch.setenv("MAINSTAY_SPOOL_DIR", str(data.parent / "spool"))
    monkeypatch.setenv("MAINSTAY_CACHE_DIR", str(data.parent / "cache"))


def call(*arguments: str) -> int:
    """Run the command in this process; return its exit code."""
    try:
        return main(["evaluate", *arguments])
    except SystemExit as done:
        return int(done.code or 0)


def test_a_version_is_shown_beside_the_champion(data: Path, capsys) -> None:
    code = call(
        *("-m", f"models:/{NAME}/2", "--data", str(data), "--targets", "kind"),
        *("--baseline", f"models:/{NAME}/1"),
    )
    shown = capsys.readouterr().out
    assert code == 0
    assert "champion v1" in shown
    for word in ("accuracy", "p99", "bytes", "inputs", "The evidence is recorded."):
        assert word in shown


def test_json_holds_the_numbers(data: Path, capsys) -> None:
    code = call(
        *("-m", f"models:/{NAME}/1", "--data", str(data), "--targets", "kind"),
        *("--measures", "quality,size", "--json"),
    )
    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [item["kind"] for item in found["evidence"]] == ["quality", "size"]
    assert found["evidence"][0]["values"]["accuracy"] > 0.9
    assert found["evidence"][0]["values"]["rows"] == len(pd.read_csv(data))


def test_without_a_champion_that_is_said(data: Path, capsys) -> None:
    code = call(
        *("-m", f"models:/{NAME}/1", "--data", str(data), "--targets", "kind"),
        *("--measures", "schema", "--baseline", f"models:/{NAME}@champion"),
    )
    assert code == 0
    assert "there was nothing to compare with" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"--targets": "colour"}, 2, "no column 'colour'"),
        ({"--data": "none.csv"}, 1, "no file none.csv"),
        ({"-m": "models:/flowers"}, 2, "not a model address"),
        ({"-m": "models:/flowers/9"}, 1, "flowers"),
        ({"--measures": "beauty"}, 2, "beauty"),
        ({"--calls": "3"}, 2, "--calls"),
    ],
)
def test_mistakes_are_told_in_a_sentence(data: Path, capsys, change, code, words) -> None:
    options = {"-m": f"models:/{NAME}/1", "--data": str(data), "--targets": "kind", **change}
    assert call(*(part for pair in options.items() for part in pair)) == code
    assert words in capsys.readouterr().err
