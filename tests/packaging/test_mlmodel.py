"""The MLmodel file: what it lacks or hides is refused, what is unknown is kept."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from mainstay.errors import InvalidModel
from mainstay.packaging import mlmodel

TEXT = """\
flavors:
  python_function:
    loader_module: mlflow.sklearn
    model_path: model.skops
    of_tomorrow: {a: [1, 2]}
  lightgbm: {lgb_version: 4.0.0}
auth_policy: {system: null}
from_the_future: {x: 1}
model_id: m-00000000000000000000000000000001
model_size_bytes: 12
utc_time_created: 2026-11-21 09:32:28.492873
signature:
  inputs: '[{"type": "double", "name": "a", "required": true}]'
  outputs: null
  params: null
"""


def test_unknown_fields_are_kept_when_a_file_is_read_and_written() -> None:
    again = mlmodel.parse(mlmodel.parse(TEXT).to_yaml())
    assert again.other["from_the_future"] == {"x": 1}
    assert again.other["auth_policy"] == {"system": None}
    assert again.pyfunc["of_tomorrow"] == {"a": [1, 2]}
    assert again.flavors["lightgbm"] == {"lgb_version": "4.0.0"}
    assert again.utc_time_created == "2026-11-21 09:32:28.492873"


def test_a_field_is_changed_by_making_the_record_anew() -> None:
    model = mlmodel.parse(TEXT)
    changed = msgspec.structs.replace(model, run_id="0af1")
    assert (model.run_id, mlmodel.parse(changed.to_yaml()).run_id) == (None, "0af1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no 'flavors'"),
        ("flavors: 3", "no 'flavors'"),
        ("a: [", "line"),
        ("flavors: {}\nmodel_size_bytes: many", "model_size_bytes"),
        ("flavors: {}\nsignature: 3", "signature"),
        ('flavors: {}\nsignature: {inputs: \'[{"type": "quaternion"}]\'}', "quaternion"),
        ("flavors: {}\nsignature: {inputs: 'x'}", "not JSON"),
        ("a: !!python/object/apply:os.system ['echo no']", "constructor"),
    ],
)
def test_a_file_that_makes_no_sense_is_an_invalid_model(text: str, said: str) -> None:
    with pytest.raises(InvalidModel, match=said):
        mlmodel.parse(text)


def test_a_folder_without_the_file_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidModel, match="save_model or log_model"):
        mlmodel.read(tmp_path)
    with pytest.raises(InvalidModel, match="holds no MLmodel"):
        mlmodel.read(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", "", "c:\\x", "..\\x"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidModel, match="outside its folder"):
        mlmodel.inside(tmp_path, name)


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.pkl").symlink_to(tmp_path / "secret")
    with pytest.raises(InvalidModel, match="link"):
        mlmodel.inside(tmp_path / "model", "model.pkl")
