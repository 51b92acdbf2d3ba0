"""A model's files can be had where the caller wants them, and the packages that it asks for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import mainstay
from mainstay.errors import BadInput, NotFound
from mainstay.packaging import manifest


@pytest.fixture
def saved(tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]) -> Path:
    folder = tmp_path / "saved"
    mainstay.sklearn.save_model(LogisticRegression(max_iter=500).fit(*iris), folder)
    return folder


def test_files_go_to_the_folder_that_was_named(
    saved: Path, tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    model = mainstay.pyfunc.load_model(saved, dst_path=tmp_path / "here")
    assert isinstance(model, mainstay.pyfunc.PyFuncModel)
    native = mainstay.sklearn.load_model(saved, tmp_path / "there")
    assert (model.predict(iris[0]) == native.predict(iris[0])).all()
    wanted = manifest.build(saved)
    assert manifest.build(tmp_path / "here") == wanted
    assert manifest.build(tmp_path / "there") == wanted
    mainstay.pyfunc.load_model(saved, dst_path=tmp_path / "here")  # a second time is fine


def test_a_folder_that_cannot_take_them_is_said(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be copied"):
        mainstay.pyfunc.load_model(saved, dst_path=tmp_path / "file")
    with pytest.raises(BadInput, match="lies in the model"):
        mainstay.pyfunc.load_model(saved, dst_path=saved / "copy")
    assert not (saved / "copy").exists()


def test_the_packages_of_a_model_are_a_file(saved: Path) -> None:
    pip = Path(mainstay.pyfunc.get_model_dependencies(saved))
    assert pip.name == "requirements.txt"
    assert "scikit-learn==" in pip.read_text()
    assert Path(mainstay.pyfunc.get_model_dependencies(str(saved), "conda")).name == "conda.yaml"
    with pytest.raises(BadInput, match="'yarn'"):
        mainstay.pyfunc.get_model_dependencies(saved, "yarn")
    (saved / "conda.yaml").unlink()
    (saved / manifest.FILE).unlink()
    with pytest.raises(NotFound, match=r"conda\.yaml"):
        mainstay.pyfunc.get_model_dependencies(saved, "conda")
