"""MLproject files: what is read, how a command is made, and what is refused."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadInput
from mainstay.projects import mlproject

FILE = """
name: example
entry_points:
  main:
    parameters:
      rate: {type: float, default: 0.1}
      data: path
    command: "python train.py --rate {rate} --data {data}"
"""


def project(folder: Path, text: str = FILE, name: str = "MLproject") -> mlproject.Project:
    (folder / name).write_text(text)
    return mlproject.read(folder)


def test_entry_points_and_parameters_are_read(tmp_path: Path) -> None:
    found = project(tmp_path)
    main = found.entry_point("main")
    assert found.name == "example"
    assert main.parameters["rate"] == mlproject.Parameter(name="rate", kind="float", default="0.1")
    assert main.parameters["data"].kind == "path"


def test_the_file_name_is_found_in_any_case(tmp_path: Path) -> None:
    assert project(tmp_path, name="mlproject").name == "example"


def test_a_command_has_its_defaults_and_extra_parameters(tmp_path: Path) -> None:
    main = project(tmp_path).entry_point("main")
    text = mlproject.command(main, {"data": "a b.csv", "epochs": "3"})
    assert text == "python train.py --rate 0.1 --data 'a b.csv' --epochs 3"
    assert mlproject.resolved(main, {"data": "d"}) == {"rate": "0.1", "data": "d"}


@given(st.text(alphabet=st.characters(blacklist_characters="\0", blacklist_categories=["Cs"])))
def test_every_value_reaches_the_command_as_one_argument(value: str) -> None:
    entry = mlproject.EntryPoint(
        name="main",
        command="show {text}",
        parameters={"text": mlproject.Parameter(name="text")},
    )
    assert shlex.split(mlproject.command(entry, {"text": value})) == ["show", value]


def test_a_script_of_the_folder_is_an_entry_point(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("")
    found = mlproject.read(tmp_path)
    assert found.entry_point("train.py").command == "python train.py"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("entry_points: {main: {}}", "needs a command"),
        ("entry_points: []", "must be a mapping"),
        ("entry_points: {main: {command: a, parameters: {x: integer}}}", "'integer'"),
        ("conda_env: c.yaml\npython_env: p.yaml", "keep one"),
        ("python_env: missing.yaml", "missing.yaml"),
        ("{", "not valid YAML"),
    ],
)
def test_a_wrong_file_is_refused_and_the_error_says_why(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        project(tmp_path, text)


def test_a_missing_parameter_is_named(tmp_path: Path) -> None:
    main = project(tmp_path).entry_point("main")
    with pytest.raises(BadInput, match="-P data=VALUE"):
        mlproject.command(main, {})


def test_a_float_that_is_no_number_is_refused(tmp_path: Path) -> None:
    main = project(tmp_path).entry_point("main")
    with pytest.raises(BadInput, match="'fast' is not a number"):
        mlproject.command(main, {"data": "d", "rate": "fast"})


def test_an_unknown_entry_point_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="it names: main"):
        project(tmp_path).entry_point("nope")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        mlproject.read(tmp_path / "nowhere")
