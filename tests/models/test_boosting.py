"""Histogram-based boosting in skops files: its trees are checked before anything is built."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mainstay import sklearn as flavor
from mainstay.errors import InvalidModel, UntrustedModel
from mainstay.models import loading, trust
from mainstay.models.flavors import sklearn_boosting
from mainstay.packaging import mlmodel
from tests.models.test_trees import _parts, _rewrite_arrays, _write


@pytest.fixture
def folder(tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]) -> Path:
    """A saved classifier of nine trees."""
    model = HistGradientBoostingClassifier(max_iter=3).fit(*iris)
    flavor.save_model(model, tmp_path / "model")
    return tmp_path / "model"


def test_boosting_as_saved_loads_from_a_bare_path(
    folder: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    trust._written_here.clear()
    assert sklearn_boosting.sound(folder / "model.skops")
    own = HistGradientBoostingClassifier(max_iter=3).fit(*iris).predict(iris[0])
    np.testing.assert_array_equal(loading.load_model(str(folder)).predict(iris[0]), own)


def test_boosting_inside_a_pipeline_loads_too(
    tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    model = make_pipeline(StandardScaler(), HistGradientBoostingRegressor(max_iter=3)).fit(*iris)
    flavor.save_model(model, tmp_path / "model")
    loaded = loading.load_model(str(tmp_path / "model"), trust=False)
    np.testing.assert_array_equal(loaded.predict(iris[0]), model.predict(iris[0]))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("left", 10_000),
        ("right", 10_000),
        ("left", 0),
        ("feature_idx", 4),
        ("feature_idx", -9),
        ("is_categorical", 1),
    ],
)
def test_a_tree_that_points_outside_is_not_vouched_for(
    folder: Path, field: str, value: int
) -> None:
    def spoil(_: str, array: Any) -> Any:
        if array.dtype.names and len(array) > 1:
            array = array.copy()
            array[field][0] = value
        return array

    _rewrite_arrays(folder / "model.skops", spoil)
    _refused(folder)


def test_nodes_of_another_type_are_not_vouched_for(folder: Path) -> None:
    def narrow(_: str, array: Any) -> Any:
        if not array.dtype.names:
            return array
        kinds = [(n, "<i4" if n == "feature_idx" else array.dtype[n]) for n in array.dtype.names]
        return array.astype(kinds)

    _rewrite_arrays(folder / "model.skops", narrow)
    _refused(folder)


@pytest.mark.parametrize(
    ("name", "content"), [("n_features_in_", "2"), ("_preprocessor", '"something"')]
)
def test_an_estimator_that_lets_other_input_through_is_not_vouched_for(
    folder: Path, name: str, content: str
) -> None:
    def change(node: Any) -> None:
        if isinstance(node, dict):
            if "_predictors" in node and name in node:
                node[name] = {**node[name], "content": content}
            for item in node.values():
                change(item)

    path = folder / "model.skops"
    parts = _parts(path)
    schema = json.loads(parts["schema.json"])
    change(schema)
    _write(path, {**parts, "schema.json": json.dumps(schema).encode()})
    _refused(folder)


def test_categories_are_left_to_cloudpickle(tmp_path: Path) -> None:
    data = pd.DataFrame({"a": pd.Categorical(list("abcabc") * 10), "b": np.arange(60.0)})
    model = HistGradientBoostingClassifier(
        max_iter=3, categorical_features=["a"], min_samples_leaf=2
    ).fit(data, [1, 0, 0] * 20)
    flavor.save_model(model, tmp_path / "model")
    found = mlmodel.read(tmp_path / "model").flavors["sklearn"]
    assert found["serialization_format"] == "cloudpickle"
    loaded = loading.load_model(str(tmp_path / "model"), trust=True)
    np.testing.assert_array_equal(loaded.predict(data), model.predict(data))


def test_a_skops_file_that_unpacks_without_end_is_not_opened(folder: Path) -> None:
    path = folder / "model.skops"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("schema.json", "w", force_zip64=True) as stream,
    ):
        for _ in range(300):
            stream.write(bytes(1 << 20))
    with pytest.raises(InvalidModel, match="out of all proportion"):
        loading.load_model(str(folder), trust=True)


def _refused(folder: Path) -> None:
    trust._written_here.clear()
    assert not sklearn_boosting.sound(folder / "model.skops")
    with pytest.raises(UntrustedModel, match="TreePredictor"):
        loading.load_model(str(folder))
