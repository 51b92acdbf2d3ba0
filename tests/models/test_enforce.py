"""A signature compiled to a decoder: the four JSON shapes, and what is said of bad data."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadInput, BadRequest, SchemaMismatch
from mainstay.models import enforce
from mainstay.packaging.inference import infer_signature
from mainstay.packaging.signature import ModelSignature, Schema
from mainstay.packaging.types import (
    AnyType,
    Array,
    ColSpec,
    Map,
    Object,
    Property,
    TensorSpec,
)

FRAME = pd.DataFrame(
    {
        "age": [30, 40],
        "income": [1.5, 2.5],
        "city": ["x", "y"],
        "since": pd.to_datetime(["2026-01-31", "2026-02-01"]),
        "score": [1.0, None],
    }
)
DECODER = enforce.compile(infer_signature(FRAME, None, {"threshold": 0.5}))
ROW = {"age": 30, "income": 1.5, "city": "x", "since": "2026-01-31T00:00:00", "score": 1.0}


def body(**parts: Any) -> bytes:
    """Return a request's JSON."""
    return json.dumps(parts).encode()


@pytest.mark.parametrize(
    "request_body",
    [
        body(dataframe_split={"columns": list(ROW), "data": [list(ROW.values())]}),
        body(dataframe_split={"columns": [*ROW, "extra"], "data": [[*ROW.values(), "z"]]}),
        body(dataframe_split={"columns": [*ROW][::-1], "data": [[*ROW.values()][::-1]]}),
        body(dataframe_split={"data": [list(ROW.values())]}),
        body(dataframe_records=[{**ROW, "extra": [1, 2]}]),
        body(instances=[ROW]),
        body(inputs=[ROW]),
        body(inputs={name: [value] for name, value in ROW.items()}),
        body(inputs=ROW),
    ],
)
def test_every_shape_gives_the_same_frame(request_body: bytes) -> None:
    frame = DECODER.from_json(request_body)
    expected = FRAME.head(1)
    assert list(frame.columns) == list(FRAME.columns)
    assert str(frame["age"].dtype) == "int64"
    assert str(frame["score"].dtype) == "float64"
    assert frame.astype(object).to_numpy().tolist() == expected.astype(object).to_numpy().tolist()


def test_parameters_come_with_the_data() -> None:
    decoded = DECODER.decode(body(dataframe_records=[ROW], params={"threshold": 0.9}))
    assert decoded.params == {"threshold": 0.9}
    assert DECODER.decode(body(dataframe_records=[ROW])).params is None


def test_an_optional_column_may_be_null_nan_or_left_out() -> None:
    without = {key: value for key, value in ROW.items() if key != "score"}
    rows = [{**ROW, "score": None}, {**ROW}]
    assert np.isnan(DECODER.from_json(body(dataframe_records=rows))["score"][0])
    assert "score" not in DECODER.from_json(body(dataframe_records=[without])).columns
    bare = body(dataframe_records=[{**ROW, "score": float("nan")}])
    assert b"NaN" in bare
    assert np.isnan(DECODER.from_json(bare)["score"][0])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"age": "secret"}, "row 1, column 'age': expected an integer, got text"),
        ({"age": 1.5}, "row 1, column 'age': expected an integer, got a number"),
        ({"age": True}, "row 1, column 'age': expected an integer"),
        ({"age": None}, "row 1, column 'age': expected an integer, got null"),
        ({"income": "secret"}, "row 1, column 'income': expected a number, got text"),
        ({"city": 7}, "row 1, column 'city': expected text, got an integer"),
        ({"since": "secret"}, "column 'since', row 1: the value is no ISO 8601 date"),
    ],
)
def test_a_wrong_value_is_told_by_row_and_column_and_never_echoed(
    changed: dict[str, Any], said: str
) -> None:
    rows = [ROW, {**ROW, **changed}]
    split = {"columns": list(ROW), "data": [list(row.values()) for row in rows]}
    for sent in (body(dataframe_records=rows), body(dataframe_split=split)):
        with pytest.raises(SchemaMismatch) as refused:
            DECODER.from_json(sent)
        assert said in refused.value.message
        assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "expected an object"),
        (b"\xff", "not JSON"),
        (body(), "none of them"),
        (body(inputs=[], instances=[]), "instances and inputs"),
        (body(dataframe_records=[{"age": 1}]), "it lacks the column"),
        (body(dataframe_split={"columns": ["age"], "data": [[1]]}), "lack the columns 'income'"),
        (body(dataframe_split={"columns": ["age", "age"], "data": []}), "the same name"),
        (body(dataframe_split={"columns": list(ROW), "data": [[1]]}), "length 5"),
        (body(dataframe_split=[1]), "expected an object"),
        (body(dataframe_split={"columns": list(ROW)}), "data"),
        (body(inputs={**{k: [v] for k, v in ROW.items()}, "age": [1, 2]}), "different lengths"),
        (body(instances=[[1, 2]]), "expected an object, got a list"),
        (body(dataframe_records=[ROW], params=[1]), "params"),
        (b'{"dataframe_records": [{"age": Infinity}]}', "Infinity is no JSON"),
        (b'{"inputs": ' + b"[" * 100_000, "not JSON"),
    ],
)
def test_a_body_that_makes_no_sense_is_a_bad_request(sent: bytes, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        DECODER.from_json(sent)
    assert said in refused.value.message


def test_no_rows_give_an_empty_frame_of_the_right_types() -> None:
    frame = DECODER.from_json(body(dataframe_split={"columns": list(ROW), "data": []}))
    assert len(frame) == 0
    assert str(frame["age"].dtype) == "int64"


def test_integers_beyond_the_type_are_refused() -> None:
    narrow = enforce.compile(infer_signature(pd.DataFrame({"n": np.array([1], dtype="int32")})))
    assert narrow.from_json(body(inputs={"n": [2**31 - 1]}))["n"][0] == 2**31 - 1
    with pytest.raises(SchemaMismatch, match="2147483647"):
        narrow.from_json(body(inputs={"n": [2**31]}))
    with pytest.raises(SchemaMismatch):
        DECODER.from_json(body(dataframe_records=[{**ROW, "age": 2**63}]))


def test_binary_columns_are_base64() -> None:
    binary = enforce.compile(infer_signature(pd.DataFrame({"b": [b"abc"]})))
    assert binary.from_json(body(inputs={"b": ["YWJj"]}))["b"][0] == b"abc"
    assert binary.from_json(body(inputs={"b": ["YWJj\n"]}))["b"][0] == b"abc"
    with pytest.raises(SchemaMismatch, match="base64"):
        binary.from_json(body(inputs={"b": ["*"]}))


NESTED = enforce.compile(
    ModelSignature(
        Schema(
            [
                ColSpec(Array("string"), "tags"),
                ColSpec(Map("double"), "weights"),
                ColSpec(
                    Object([Property("id", "long"), Property("note", "string", required=False)]),
                    "item",
                ),
                ColSpec(AnyType(), "rest", required=False),
            ]
        )
    )
)
ITEM = {"tags": ["a"], "weights": {"k": 1}, "item": {"id": 1}, "rest": {"x": [None]}}


def test_nested_columns_are_checked_to_the_bottom() -> None:
    frame = NESTED.from_json(body(inputs=ITEM))
    assert frame["item"][0] == {"id": 1}
    assert frame["rest"][0] == {"x": [None]}
    for changed, said in (
        ({"tags": ["a", 1]}, "column 'tags', at 1: expected text"),
        ({"weights": {"k": "x"}}, "column 'weights'"),
        ({"item": {"note": "x"}}, "id"),
    ):
        with pytest.raises(SchemaMismatch, match=said):
            NESTED.from_json(body(inputs=[{**ITEM, **changed}]))
        with pytest.raises(SchemaMismatch):
            NESTED.fit(pd.DataFrame([{**ITEM, **changed}]))
    assert len(NESTED.fit(pd.DataFrame([ITEM, ITEM]))) == 2


def test_tensors_are_checked_for_type_and_shape() -> None:
    one = enforce.compile(infer_signature(np.zeros((2, 3))))
    assert one.from_json(body(inputs=[[1, 2, 3]])).dtype == np.float64
    assert one.fit(np.ones((4, 3), dtype=np.float32)).dtype == np.float64
    for wrong in ([[1, 2]], [[1, 2, 3], [1]], [["a", 2, 3]], [[1, None, 3]], 5):
        with pytest.raises(SchemaMismatch):
            one.from_json(body(inputs=wrong))
    with pytest.raises(SchemaMismatch, match="shape"):
        one.fit(np.zeros((4, 2)))
    two = enforce.compile(infer_signature({"a": np.zeros((2, 3)), "b": np.zeros(2, dtype="int64")}))
    by_row = two.from_json(body(instances=[{"a": [1, 2, 3], "b": 1}, {"a": [4, 5, 6], "b": 2}]))
    by_name = two.from_json(body(inputs={"a": [[1, 2, 3], [4, 5, 6]], "b": [1, 2]}))
    assert by_row["a"].tolist() == by_name["a"].tolist() == [[1, 2, 3], [4, 5, 6]]
    with pytest.raises(SchemaMismatch, match="row 1: it lacks the tensor 'b'"):
        two.from_json(body(instances=[{"a": [1, 2, 3], "b": 1}, {"a": [4, 5, 6]}]))
    with pytest.raises(SchemaMismatch, match="lose"):
        enforce.compile(infer_signature(np.zeros(2, dtype="int64"))).fit(np.array([1.5]))


def test_a_model_without_a_signature_takes_what_comes() -> None:
    free = enforce.compile(None)
    assert free.from_json(body(inputs=[[1, 2]])).tolist() == [[1, 2]]
    assert list(free.from_json(body(instances=[{"a": 1}, {"a": 2}]))["a"]) == [1, 2]
    frame = free.from_json(body(dataframe_split={"columns": ["q"], "data": [["x"]]}))
    assert frame["q"].tolist() == ["x"]
    with pytest.raises(BadRequest, match="different lengths"):
        free.from_json(body(dataframe_split={"columns": ["q"], "data": [["x", 1]]}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
rows = st.lists(st.dictionaries(st.sampled_from(sorted(ROW)), json_values), max_size=3)


@given(
    shape=st.sampled_from(enforce.SHAPES),
    content=json_values | rows | st.just([ROW]) | st.fixed_dictionaries({"data": json_values}),
)
def test_any_json_is_either_decoded_or_refused_as_the_senders_mistake(
    shape: str, content: Any
) -> None:
    for decoder in (DECODER, NESTED, enforce.compile(None)):
        with suppress(BadInput):
            assert decoder.decode(json.dumps({shape: content}).encode()).params is None


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_or_decoded(sent: bytes) -> None:
    with pytest.raises(BadInput):
        DECODER.decode(sent)


def test_whole_doubles_of_json_are_integers_unless_it_is_strict() -> None:
    signature = ModelSignature(Schema([ColSpec("integer", "a"), ColSpec("long", "b", False)]))
    body = b'{"dataframe_records": [{"a": 2.0, "b": 3.0}, {"a": 1}]}'
    found = enforce.compile(signature).from_json(body)
    assert found["a"].tolist() == [2, 1]
    assert str(found["a"].dtype) == "int32"
    split = b'{"dataframe_split": {"columns": ["a", "b"], "data": [[2.0, 1]]}}'
    assert enforce.compile(signature).from_json(split)["a"].tolist() == [2]
    inputs = b'{"inputs": {"a": [2.0], "b": [1]}}'
    assert enforce.compile(signature).from_json(inputs)["a"].tolist() == [2]
    with pytest.raises(SchemaMismatch, match="expected an integer, got a number"):
        enforce.compile(signature, strict=True).from_json(body)


@pytest.mark.parametrize("value", ["2.5", "1e300", "4294967296.0", "9007199254740994.0"])
def test_doubles_that_are_no_integer_of_the_column_are_refused(value: str) -> None:
    signature = ModelSignature(Schema([ColSpec("integer", "a")]))
    body = b'{"dataframe_records": [{"a": 1}, {"a": ' + value.encode() + b"}]}"
    with pytest.raises(SchemaMismatch, match="row 1, column 'a'"):
        enforce.compile(signature).from_json(body)


def test_whole_doubles_fit_a_tensor_of_integers() -> None:
    signature = ModelSignature(Schema([TensorSpec("int64", (-1, 2))]))
    found = enforce.compile(signature).from_json(b'{"inputs": [[1.0, 2.0], [3, 4]]}')
    assert found.tolist() == [[1, 2], [3, 4]]
    assert str(found.dtype) == "int64"
    for body in (b'{"inputs": [[1.5, 2.0]]}', b'{"inputs": [["1", "2"]]}'):
        with pytest.raises(SchemaMismatch):
            enforce.compile(signature).from_json(body)
    with pytest.raises(SchemaMismatch, match="an integer"):
        enforce.compile(signature, strict=True).from_json(b'{"inputs": [[1.0, 2.0]]}')
