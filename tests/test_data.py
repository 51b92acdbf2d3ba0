"""The same data have the same digest; any difference shows."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import pandas as frames

from mainstay import data
from mainstay.errors import BadInput

tables = frames.data_frames(
    [
        frames.column("n", dtype=float),
        frames.column("k", dtype=int),
        frames.column("t", elements=st.text(max_size=4)),
    ],
    index=frames.range_indexes(min_size=1, max_size=6),
)


@given(tables)
def test_a_copy_has_the_same_digest(frame: pd.DataFrame) -> None:
    assert data.digest_frame(frame) == data.digest_frame(frame.copy(deep=True))


@given(tables, st.integers(min_value=0))
def test_one_changed_cell_changes_the_digest(frame: pd.DataFrame, place: int) -> None:
    changed = frame.copy(deep=True)
    row = place % len(frame)
    changed.loc[row, "k"] = int(changed.loc[row, "k"]) ^ 1
    assert data.digest_frame(changed) != data.digest_frame(frame)


def test_names_order_and_types_belong_to_the_digest() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    digests = {
        data.digest_frame(one)
        for one in (
            frame,
            frame.rename(columns={"a": "c"}),
            frame[["b", "a"]],
            frame.astype(float),
            frame.iloc[::-1],
        )
    }
    assert len(digests) == 5
    assert data.digest_frame(frame.set_index(pd.Index([7, 8]))) == data.digest_frame(frame)


def test_cells_that_hold_lists_are_digested_too() -> None:
    first = data.digest_frame(pd.DataFrame({"a": [[1, 2], [3]]}))
    assert first != data.digest_frame(pd.DataFrame({"a": [[1, 2], [4]]}))


def test_shape_and_type_of_arrays_belong_to_the_digest() -> None:
    array = np.arange(6)
    kinds = [array, array.reshape(2, 3), array.astype(float), array + 1]
    assert len({data.from_numpy(one).digest for one in kinds}) == 4
    assert data.from_numpy(array, targets=array).digest != data.from_numpy(array).digest


def test_schema_profile_and_source_are_mlflows_json() -> None:
    frame = pd.DataFrame(
        {
            "n": [1.5, None],
            "i": np.array([1, 2], dtype="int32"),
            "s": ["a", "b"],
            "d": pd.to_datetime(["2024-01-01", "2024-01-02"]),
            "b": [True, False],
        }
    )
    found = data.from_pandas(frame, source="s3://bucket/data.parquet", name="d").record
    columns = json.loads(found.schema or "")["mlflow_colspec"]
    assert [(one["name"], one["type"], one["required"]) for one in columns] == [
        ("n", "double", False),
        ("i", "integer", True),
        ("s", "string", True),
        ("d", "datetime", True),
        ("b", "boolean", True),
    ]
    profile = json.loads(found.profile or "")
    assert (profile["num_rows"], profile["num_elements"]) == (2, 10)
    assert profile["columns"]["n"] == {"nulls": 1, "min": 1.5, "max": 1.5, "mean": 1.5}
    assert found.source_type == "s3"
    assert json.loads(found.source) == {"uri": "s3://bucket/data.parquet"}


def test_a_target_that_is_no_column_is_said() -> None:
    with pytest.raises(BadInput, match="no column 'z'; it has a"):
        data.from_pandas(pd.DataFrame({"a": [1]}), targets="z")


def test_other_labels_on_the_same_features_are_other_data() -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    first = data.of_fit(frame, pd.Series([0, 1])).digest
    assert first == data.of_fit(frame, [0, 1]).digest
    assert first != data.of_fit(frame, [1, 0]).digest
