"""The same data have the same digest; any difference shows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import pandas as frames

from mainstay import data
from mainstay.errors import BadInput, NotFound

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


def test_polars_and_pandas_frames_of_the_same_rows_have_the_same_digest() -> None:
    import polars

    rows = {"n": [1, 2, 3], "x": [0.5, 1.5, 2.5]}
    frame = polars.DataFrame(rows)
    described = data.from_polars(frame, source="rows.parquet", targets="x", name="rows")
    assert described.digest == data.from_pandas(pd.DataFrame(rows)).digest
    assert described.df is frame
    assert described.name == "rows"
    with pytest.raises(BadInput, match="no column"):
        data.from_polars(frame, targets="y")


def test_a_hugging_face_data_set_says_where_it_is_and_changes_its_digest_with_its_rows() -> None:
    import datasets

    rows = datasets.Dataset.from_dict({"text": ["a", "b", "c"], "label": [0, 1, 0]})
    described = data.from_huggingface(rows, path="acme/reviews", revision="v2", targets="label")
    record = described.record
    assert record.source_type == "hugging_face"
    assert json.loads(record.source) == {"path": "acme/reviews", "revision": "v2"}
    assert json.loads(str(record.profile))["num_rows"] == 3
    names = [column["name"] for column in json.loads(str(record.schema))["mlflow_colspec"]]
    assert names == ["text", "label"]
    fewer = rows.filter(lambda row: row["label"] == 0)
    assert data.from_huggingface(fewer).digest != described.digest
    assert data.from_huggingface(rows).digest == described.digest


def test_the_source_of_a_data_set_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("n\n1\n")
    described = data.from_pandas(pd.read_csv(path), source=path)
    source = data.get_source(described)
    assert source.kind == "local"
    assert source.load() == str(path)
    path.unlink()
    with pytest.raises(NotFound, match="no longer"):
        source.load()
    with pytest.raises(BadInput, match="by their address"):
        data.get_source(data.from_pandas(pd.DataFrame({"n": [1]}))).load()
