"""Signatures: MLflow's JSON form, what may not be, and what data imply."""

from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadInput, InvalidModel
from mainstay.packaging.hints import infer_from_hints
from mainstay.packaging.inference import infer_signature
from mainstay.packaging.signature import ModelSignature, ParamSchema, Schema
from mainstay.packaging.types import (
    AnyType,
    Array,
    ColSpec,
    DataType,
    Map,
    Object,
    ParamSpec,
    Property,
    TensorSpec,
)


def inputs(data: Any) -> Any:
    """Return the inferred inputs as values."""
    return json.loads(infer_signature(data).to_dict()["inputs"] or "null")


# Recorded from MLflow 3.17's infer_signature on the same data.
RECORDED = [
    (pd.DataFrame({"v": np.array([1], dtype="int64")}), {"type": "long", "name": "v"}),
    (pd.DataFrame({"v": np.array([1], dtype="int8")}), {"type": "integer", "name": "v"}),
    (pd.DataFrame({"v": np.array([1], dtype="uint32")}), {"type": "long", "name": "v"}),
    (pd.DataFrame({"v": np.array([1], dtype="float32")}), {"type": "float", "name": "v"}),
    (pd.DataFrame({"v": [True]}), {"type": "boolean", "name": "v"}),
    (pd.DataFrame({"v": [b"x"]}), {"type": "binary", "name": "v"}),
    (pd.DataFrame({"v": pd.Categorical(["a"])}), {"type": "string", "name": "v"}),
    (pd.DataFrame({"v": [datetime.date(2026, 1, 1)]}), {"type": "datetime", "name": "v"}),
    (pd.DataFrame({"v": pd.array([1, 2], dtype="Int64")}), {"type": "long", "name": "v"}),
    (pd.DataFrame({0: [1.0]}), {"type": "double", "name": 0}),
    (
        pd.DataFrame({"v": [[1, 2], [3]]}),
        {"type": "array", "items": {"type": "long"}, "name": "v"},
    ),
    (
        pd.DataFrame({"v": [{"a": 1}, {"a": 2, "b": "x"}]}),
        {
            "type": "object",
            "properties": {
                "a": {"type": "long", "required": True},
                "b": {"type": "string", "required": False},
            },
            "name": "v",
        },
    ),
    ([1, 2], {"type": "long"}),
    ("text", {"type": "string"}),
    (1.5, {"type": "double"}),
    ([[1, 2], [3]], {"type": "array", "items": {"type": "long"}}),
    (pd.Series([1], name="y"), {"type": "long", "name": "y"}),
]


@pytest.mark.parametrize(("data", "recorded"), RECORDED)
def test_inference_gives_what_mlflow_gives(data: Any, recorded: dict[str, Any]) -> None:
    assert inputs(data) == [{**recorded, "required": True}]


def test_arrays_are_tensors_with_a_free_first_axis() -> None:
    assert infer_signature(np.zeros((3, 4), dtype="float32"), np.zeros(3)).to_dict() == {
        "inputs": '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]',
        "outputs": '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]',
        "params": None,
    }
    assert inputs({"a": np.array(["x"])}) == [
        {"name": "a", "type": "tensor", "tensor-spec": {"dtype": "str", "shape": [-1]}}
    ]


def test_a_column_with_nulls_is_optional() -> None:
    found = inputs(pd.DataFrame({"a": [1.0, None], "b": ["x", None], "c": [1, 2]}))
    assert [column["required"] for column in found] == [False, False, True]


def test_data_without_a_common_type_are_any_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="'any'"):
        found = inputs(pd.DataFrame({"mixed": ["a", 1]}))
    assert found == [{"type": "any", "required": True}]


def test_parameters_take_their_types_from_the_defaults() -> None:
    given = {"t": 0.5, "n": 3, "s": "x", "on": True, "l": [1, 2], "np": np.float32(1.5)}
    found = json.loads(infer_signature(None, None, given).to_dict()["params"] or "")
    assert [(p["name"], p["type"], p["shape"], p["default"]) for p in found] == [
        ("t", "double", None, 0.5),
        ("n", "long", None, 3),
        ("s", "string", None, "x"),
        ("on", "boolean", None, True),
        ("l", "long", [-1], [1, 2]),
        ("np", "float", None, 1.5),
    ]
    with pytest.raises(BadInput, match="default that is not None"):
        infer_signature(None, None, {"x": None})


def test_nested_types_have_mlflows_json_form_and_repr() -> None:
    schema = Schema(
        [
            ColSpec(Map(DataType.string), "m"),
            ColSpec(Array(Object([Property("z", "long"), Property("a", "string", False)])), "o"),
            ColSpec(AnyType(), "any"),
        ]
    )
    text = (
        '[{"type": "map", "values": {"type": "string"}, "name": "m", "required": true}, '
        '{"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string", '
        '"required": false}, "z": {"type": "long", "required": true}}}, "name": "o", '
        '"required": true}, {"type": "any", "name": "any", "required": true}]'
    )
    assert schema.to_json() == text
    assert Schema.from_json(text) == schema
    assert "Array({a: string (optional), z: long (required)})" in repr(schema)


@pytest.mark.parametrize(
    "columns",
    [
        [],
        [ColSpec("double", "a"), ColSpec("long", "a")],
        [ColSpec("double", "a"), ColSpec("long")],
        [ColSpec("double", "a"), TensorSpec("float64", (-1,), "b")],
        [TensorSpec("float64", (-1,)), TensorSpec("float64", (-1,))],
    ],
)
def test_a_schema_that_could_not_be_followed_is_refused(columns: list[Any]) -> None:
    with pytest.raises(BadInput):
        Schema(columns)


def test_unknown_types_are_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="boolean, integer, long"):
        ColSpec("number", "a")
    with pytest.raises(BadInput, match="inputs, outputs or params"):
        ModelSignature()
    with pytest.raises(BadInput, match="same name"):
        ParamSchema([ParamSpec("a", "double", 1), ParamSpec("a", "long", 1)])
    with pytest.raises(InvalidModel, match="cannot be read"):
        ModelSignature.from_dict({"inputs": '[{"type": "array"}]'})


kinds: Any = st.recursive(
    st.sampled_from(list(DataType)) | st.just(AnyType()),
    lambda inner: (
        st.builds(Array, inner)
        | st.builds(Map, inner)
        | st.dictionaries(st.text(max_size=3), st.tuples(inner, st.booleans()), max_size=3).map(
            lambda fields: Object([Property(k, v, r) for k, (v, r) in fields.items()])
        )
    ),
    max_leaves=5,
)


@given(
    st.dictionaries(st.text(min_size=1, max_size=4), st.tuples(kinds, st.booleans()), min_size=1)
)
def test_every_schema_survives_its_json_form(columns: dict[str, Any]) -> None:
    schema = Schema([ColSpec(kind, name, required) for name, (kind, required) in columns.items()])
    assert Schema.from_json(schema.to_json()) == schema


def test_type_hints_of_lists_are_signatures_and_others_are_not() -> None:
    def texts(model_input: list[str]) -> list[float]: ...
    def maps(model_input: list[dict[str, list[int]]]): ...
    def frame(model_input: pd.DataFrame) -> list[int]: ...

    found = infer_from_hints(texts)
    assert found == ModelSignature(Schema([ColSpec("string")]), Schema([ColSpec("double")]))
    nested = infer_from_hints(maps)
    assert nested is not None
    assert repr(nested.inputs) == "[Map(str -> Array(long)) (required)]"
    assert infer_from_hints(frame) is None
    assert infer_from_hints(lambda x: x) is None
