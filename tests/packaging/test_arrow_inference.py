"""Signatures of Arrow and polars tables are those of the same data in pandas."""

from __future__ import annotations

import datetime

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mainstay.models import infer_signature
from mainstay.models.enforce import Decoder
from mainstay.packaging.types import AnyType, Array, DataType, Map, Object

COLUMNS = {
    "flag": [True, False],
    "count": [1, 2],
    "price": [1.5, 2.5],
    "name": ["a", "b"],
    "raw": [b"a", b"b"],
    "day": [datetime.datetime(2026, 1, 1), datetime.datetime(2026, 1, 2)],
}


@pytest.mark.parametrize("make", [pa.table, pl.DataFrame])
def test_a_table_has_the_signature_of_its_pandas_form(make: object) -> None:
    assert infer_signature(make(COLUMNS)) == infer_signature(pd.DataFrame(COLUMNS))  # type: ignore[operator]


def test_nulls_make_a_column_optional_and_integers_stay_integers() -> None:
    found = infer_signature(pl.DataFrame({"a": [1, None], "b": [1, 2]}))
    assert found.inputs is not None
    assert [(c.type, c.required) for c in found.inputs] == [  # type: ignore[union-attr]
        (DataType.long, False),
        (DataType.long, True),
    ]


def test_nested_types_and_dictionaries_have_names() -> None:
    table = pa.table(
        {
            "list": pa.array([[1.0], [2.0]]),
            "struct": pa.array([{"x": 1, "y": "a"}, {"x": 2, "y": "b"}]),
            "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
            "word": pa.array(["a", "b"]).dictionary_encode(),
            "small": pa.array([1, 2], pa.int8()),
            "nothing": pa.nulls(2),
        }
    )
    found = infer_signature(table)
    assert found.inputs is not None
    kinds = found.inputs.input_types()
    assert kinds[0] == Array(DataType.double)
    assert isinstance(kinds[1], Object)
    assert kinds[2] == Map(DataType.long)
    assert kinds[3:5] == [DataType.string, DataType.integer]
    assert kinds[5] == AnyType()


def test_a_type_without_a_name_is_any_with_a_warning() -> None:
    table = pa.table({"t": pa.array([1, 2], pa.duration("s"))})
    with pytest.warns(UserWarning, match="column 't'.*duration"):
        assert repr(infer_signature(table).inputs) == "[Any (required)]"


def test_a_polars_table_fits_the_signature_made_of_it() -> None:
    data = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    fitted = Decoder(infer_signature(data)).fit(data)
    assert fitted.to_dict(orient="list") == {"a": [1, 2], "b": ["x", "y"]}
