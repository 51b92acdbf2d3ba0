"""DataFrames fitted to a signature: what is cast, what is refused, what is left as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import SchemaMismatch
from mainstay.models import enforce
from mainstay.packaging.signature import ModelSignature, ParamSchema, Schema
from mainstay.packaging.types import ColSpec, ParamSpec


def decoder(*columns: tuple[str, str], required: bool = True) -> enforce.Decoder:
    """Return the decoder of columns given as (name, type)."""
    specs = [ColSpec(kind, name, required) for name, kind in columns]
    return enforce.compile(ModelSignature(Schema(specs)))


def test_a_frame_that_fits_is_returned_as_it_is() -> None:
    frame = pd.DataFrame({"a": [1.0], "b": [True]})
    assert decoder(("a", "double"), ("b", "boolean")).fit(frame) is frame


def test_columns_are_ordered_and_extra_ones_left_out() -> None:
    frame = pd.DataFrame({"x": [9], "b": [2.0], "a": [1.0]})
    assert list(decoder(("a", "double"), ("b", "double")).fit(frame).columns) == ["a", "b"]


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(SchemaMismatch, match="'b', 'c'"):
        decoder(("a", "double"), ("b", "double"), ("c", "double")).fit(pd.DataFrame({"a": [1.0]}))


@pytest.mark.parametrize(
    ("kind", "values", "dtype"),
    [
        ("long", pd.Series([1, 2], dtype="int32"), "int64"),
        ("integer", pd.Series([1, 2], dtype="int64"), "int32"),
        ("long", pd.Series([1.0, 2.0]), "int64"),
        ("double", pd.Series([1, 2]), "float64"),
        ("double", pd.Series([2**53]), "float64"),
        ("double", pd.Series([1.5], dtype="float32"), "float64"),
        ("float", pd.Series([1.5]), "float32"),
        ("double", pd.Series([1, 2.5], dtype=object), "float64"),
        ("double", pd.Series([1, 2], dtype="Int64"), "float64"),
        ("boolean", pd.Series([True, False], dtype=object), "bool"),
        ("datetime", pd.Series(["2026-01-01", "2026-01-02T10:00:00"]), "datetime64"),
    ],
)
def test_a_cast_that_loses_nothing_is_made(kind: str, values: Any, dtype: str) -> None:
    fitted = decoder(("v", kind)).fit(pd.DataFrame({"v": values}))
    assert str(fitted["v"].dtype).startswith(dtype)
    if dtype != "datetime64":
        kept = [None if pd.isna(value) else value for value in fitted["v"]]
        assert kept == [None if pd.isna(value) else value for value in values]


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("long", pd.Series([1.0, 2.5]), "row 1"),
        ("long", pd.Series([1.0, np.inf]), "row 1"),
        ("long", pd.Series([2.0**63]), "row 0"),
        ("long", pd.Series([2**63], dtype="uint64"), "row 0"),
        ("integer", pd.Series([2**31]), "row 0"),
        ("double", pd.Series([1, 2**53 + 1]), "row 1"),
        ("float", pd.Series([0.1]), "row 0"),
        ("double", pd.Series(["1.5"]), "expected double"),
        ("double", pd.Series([True]), "expected double"),
        ("double", pd.Series([1.5, "x"], dtype=object), "row 1: expected double, got str"),
        ("boolean", pd.Series([1, 0]), "expected boolean"),
        ("string", pd.Series([1]), "expected string"),
        ("string", pd.Series(["a", 5], dtype=object), "row 1: expected string, got int"),
        ("binary", pd.Series(["a"], dtype=object), "expected binary, got str"),
        ("datetime", pd.Series(["2026-01-01", "soon"]), "row 1"),
        ("datetime", pd.Series([5]), "expected datetime"),
        ("long", pd.Series(pd.Categorical([1, 2])), "expected long"),
    ],
)
def test_a_cast_that_would_lose_something_is_refused_with_the_row(
    kind: str, values: Any, said: str
) -> None:
    with pytest.raises(SchemaMismatch) as refused:
        decoder(("v", kind)).fit(pd.DataFrame({"v": values}))
    assert said in refused.value.message
    assert "column 'v'" in refused.value.message


def test_categories_of_text_pass_as_text_and_stay_categories() -> None:
    frame = pd.DataFrame({"v": pd.Categorical(["a", "b"])})
    assert decoder(("v", "string")).fit(frame) is frame


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("long", pd.Series([1.0, None])),
        ("long", pd.Series([1, None], dtype="Int64")),
        ("integer", pd.Series([1, None], dtype=object)),
        ("boolean", pd.Series([True, None], dtype=object)),
    ],
)
def test_a_null_among_required_integers_is_refused_with_the_row(kind: str, values: Any) -> None:
    with pytest.raises(SchemaMismatch, match=f"column 'v', row 1: expected {kind}, got null"):
        decoder(("v", kind)).fit(pd.DataFrame({"v": values}))
    found = decoder(("v", kind), required=False).fit(pd.DataFrame({"v": values}))
    assert found["v"].isna().tolist() == [False, True]


def test_a_missing_double_is_nan_even_where_it_is_required() -> None:
    found = decoder(("v", "double")).fit(pd.DataFrame({"v": [1.0, None]}))
    assert found["v"].isna().tolist() == [False, True]


def test_optional_columns_may_be_missing() -> None:
    assert (
        list(decoder(("a", "double"), required=False).fit(pd.DataFrame({"b": [1]})).columns) == []
    )


def test_dictionaries_lists_arrays_and_series_become_frames() -> None:
    two = decoder(("a", "double"), ("b", "double"))
    expected = [[1.0, 2.0]]
    for data in (
        {"a": [1.0], "b": [2.0]},
        {"a": 1, "b": 2},
        [{"a": 1.0, "b": 2.0}],
        np.array([[1.0, 2.0]]),
        [[1.0, 2.0]],
        pd.Series({"a": 1.0, "b": 2.0}),
    ):
        assert two.fit(data).to_numpy().tolist() == expected
    with pytest.raises(SchemaMismatch, match="shape"):
        two.fit(np.array([[1.0]]))


def test_columns_without_names_go_by_position() -> None:
    free = enforce.compile(ModelSignature(Schema([ColSpec("double"), ColSpec("long")])))
    assert free.fit(pd.DataFrame({"x": [1.0], "y": [2], "z": [3]})).to_numpy().tolist() == [[1, 2]]
    with pytest.raises(SchemaMismatch, match="takes 2"):
        free.fit(pd.DataFrame({"x": [1.0]}))


@given(st.lists(st.floats() | st.integers(-(2**70), 2**70), min_size=1, max_size=5))
def test_whatever_is_accepted_as_long_is_unchanged(values: list[float]) -> None:
    frame = pd.DataFrame({"v": pd.Series(values, dtype=object)})
    try:
        fitted = decoder(("v", "long")).fit(frame)
    except SchemaMismatch:
        return
    for before, after in zip(values, fitted["v"], strict=True):
        assert before == after or (before != before and after != after)


def test_parameters_have_defaults_are_checked_and_unknown_ones_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    schema = ParamSchema(
        [
            ParamSpec("t", "double", 0.5),
            ParamSpec("n", "long", 3),
            ParamSpec("words", "string", ["a"], (-1,)),
        ]
    )
    params = enforce.compile(ModelSignature(params=schema)).params
    assert params.fit(None) == {"t": 0.5, "n": 3, "words": ["a"]}
    assert params.fit({"t": 1, "zz": 2}) == {"t": 1.0, "n": 3, "words": ["a"]}
    assert "'zz'" in caplog.text
    assert params.fit({"n": np.int64(4)})["n"] == 4
    for wrong in ({"t": "x"}, {"n": 1.5}, {"n": True}, {"words": "a"}, {"words": [1]}):
        with pytest.raises(SchemaMismatch, match=f"parameter '{next(iter(wrong))}'"):
            params.fit(wrong)
