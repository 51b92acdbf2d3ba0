"""Decision trees in skops files are checked as data before anything is built."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from mainstay import sklearn as flavor
from mainstay.errors import UntrustedModel
from mainstay.models import loading, trust
from mainstay.models.flavors import sklearn_trees


@pytest.fixture
def folder(tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]) -> Path:
    """A saved forest."""
    data, target = iris
    flavor.save_model(RandomForestClassifier(3, random_state=0).fit(data, target), tmp_path / "m")
    return tmp_path / "m"


def test_a_forest_as_saved_is_sound_and_loads_from_a_bare_path(
    folder: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    trust._written_here.clear()
    assert sklearn_trees.sound(folder / "model.skops")
    assert len(loading.load_model(str(folder)).predict(iris[0])) == 150


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("left_child", 10_000),
        ("right_child", 10_000),
        ("left_child", 0),
        ("right_child", -7),
        ("feature", 4),
        ("feature", -9),
    ],
)
def test_a_tree_that_points_outside_itself_is_not_vouched_for(
    folder: Path, field: str, value: int
) -> None:
    def spoil(name: str, array: Any) -> Any:
        if array.dtype.names and field in array.dtype.names and len(array) > 1:
            array = array.copy()
            array[field][0] = value
        return array

    _rewrite_arrays(folder / "model.skops", spoil)
    _refused(folder)


def test_a_tree_with_too_few_nodes_for_its_count_is_not_vouched_for(folder: Path) -> None:
    _rewrite_arrays(
        folder / "model.skops", lambda _, array: array[:1] if array.dtype.names else array
    )
    _refused(folder)


def test_a_tree_that_reads_more_features_than_its_forest_takes_is_not_vouched_for(
    folder: Path,
) -> None:
    def widen(node: Any) -> None:
        if isinstance(node, dict):
            content = node.get("content")
            inner = content.get("content") if isinstance(content, dict) else None
            if isinstance(inner, dict) and "tree_" in inner and "n_features_in_" in inner:
                inner["n_features_in_"] = {**inner["n_features_in_"], "content": "2"}
            for item in node.values():
                widen(item)
        elif isinstance(node, list):
            for item in node:
                widen(item)

    path = folder / "model.skops"
    parts = _parts(path)
    schema = json.loads(parts["schema.json"])
    widen(schema)
    _write(path, {**parts, "schema.json": json.dumps(schema).encode()})
    _refused(folder)


def _refused(folder: Path) -> None:
    trust._written_here.clear()
    assert not sklearn_trees.sound(folder / "model.skops")
    with pytest.raises(UntrustedModel, match=r"sklearn\.tree\._tree\.Tree"):
        loading.load_model(str(folder))


def _rewrite_arrays(path: Path, change: Callable[[str, Any], Any]) -> None:
    parts = _parts(path)
    for name, content in parts.items():
        if name.endswith(".npy"):
            stream = io.BytesIO()
            np.save(stream, change(name, np.load(io.BytesIO(content), allow_pickle=False)))
            parts[name] = stream.getvalue()
    _write(path, parts)


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
