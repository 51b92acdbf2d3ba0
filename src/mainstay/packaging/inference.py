"""Infer a signature from data, by MLflow's rules.

Source of the rules: the behaviour of MLflow's ``infer_signature`` (integers of up to 32 bits are
``integer``, NaN or None makes a column optional, what has no common type becomes ``any``).
"""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mainstay.errors import BadInput
from mainstay.packaging.arrow_inference import infer_columns, is_columnar
from mainstay.packaging.signature import ModelSignature, ParamSchema, Schema
from mainstay.packaging.types import (
    AnyType,
    Array,
    ColSpec,
    DataType,
    Kind,
    Map,
    Object,
    ParamSpec,
    Property,
    TensorSpec,
)

_BY_NUMPY = {
    "bool": DataType.boolean,
    "boolean": DataType.boolean,
    "int8": DataType.integer,
    "int16": DataType.integer,
    "int32": DataType.integer,
    "int64": DataType.long,
    "uint8": DataType.integer,
    "uint16": DataType.integer,
    "uint32": DataType.long,
    "float16": DataType.float,
    "float32": DataType.float,
    "float64": DataType.double,
}


def infer_signature(
    model_input: Any = None, model_output: Any = None, params: Mapping[str, Any] | None = None
) -> ModelSignature:
    """Return the signature of data like these.

    Takes DataFrames, Series, numpy arrays (also sparse), tables of Arrow, polars and Spark,
    dictionaries, lists and scalars.
    Data without a common type give the type ``any`` and a warning, as in MLflow.

    Raises:
        BadInput: nothing was given, or a parameter's default has no type.
    """
    return ModelSignature(
        None if model_input is None else _schema(model_input, "inputs"),
        None if model_output is None else _schema(model_output, "outputs"),
        infer_params(params) if params else None,
    )


def infer_params(params: Mapping[str, Any]) -> ParamSchema:
    """Return the parameter schema for these defaults. Raises: BadInput."""
    return ParamSchema([_param(name, value) for name, value in params.items()])


def infer_schema(data: Any) -> Schema:
    """Return the schema of ``data``.

    Raises:
        BadInput: it has no common type.
    """
    if isinstance(data, pd.DataFrame):
        return Schema([_column(data[name], name) for name in data.columns])
    if isinstance(data, pd.Series):
        return Schema([_column(data, data.name)])
    if isinstance(data, np.ndarray) or hasattr(data, "tocsr"):
        return Schema([_tensor(data)])
    if is_columnar(data):
        return infer_columns(data)
    if isinstance(data, Mapping):
        return _mapping(data)
    if isinstance(data, list | tuple):
        return _list(list(data))
    return Schema([_spec(_value(data), None)])


def _schema(data: Any, part: str) -> Schema:
    try:
        return infer_schema(data)
    except BadInput as error:
        warnings.warn(
            f"the schema of the {part} is 'any', which is not checked: {error}", stacklevel=3
        )
        return Schema([ColSpec(AnyType())])


def _tensor(data: Any, name: str | None = None) -> TensorSpec:
    shape = (-1, *data.shape[1:]) if data.ndim else ()
    return TensorSpec(data.dtype, shape, name)


def _mapping(data: Mapping[Any, Any]) -> Schema:
    if not data:
        raise BadInput("an empty dictionary has no schema")
    if all(isinstance(value, np.ndarray) for value in data.values()):
        return Schema([_tensor(value, str(name)) for name, value in data.items()])
    return Schema([_spec(_value(value), name) for name, value in data.items()])


def _list(data: list[Any]) -> Schema:
    if data and all(isinstance(item, Mapping) for item in data):
        merged = _merge([_value(item) for item in data])
        if isinstance(merged[0], Object):
            found = {item.name: item for item in merged[0].properties}
            names = dict.fromkeys(str(key) for item in data for key in item)
            return Schema([ColSpec(found[n].dtype, n, found[n].required) for n in names])
    return Schema([_spec(_merge([_value(item) for item in data]), None)])


def _spec(found: tuple[Kind, bool], name: Any) -> ColSpec:
    return ColSpec(found[0], name, found[1])


def _column(column: pd.Series[Any], name: Any) -> ColSpec:
    name = name if name is None or isinstance(name, int) else str(name)
    dtype = column.dtype
    required = not bool(column.isna().any())
    if isinstance(dtype, pd.CategoricalDtype):
        return ColSpec(_column(pd.Series(column.cat.categories), None).type, name, required)
    known = _BY_NUMPY.get(str(dtype).lower())
    if known is not None:
        return ColSpec(known, name, required)
    if str(dtype).startswith("datetime64"):
        return ColSpec(DataType.datetime, name, required)
    if isinstance(dtype, pd.StringDtype):
        return ColSpec(DataType.string, name, required)
    if dtype.kind == "O":
        present = column[column.notna()].tolist() if not required else column.tolist()
        if not present:
            return ColSpec(AnyType(), name, False)
        try:
            return ColSpec(_merge([_value(item) for item in present])[0], name, required)
        except BadInput as error:
            raise BadInput(f"column {name!r}: {error}") from error
    raise BadInput(f"column {name!r} has the type {dtype}, which a signature cannot name")


def _value(value: Any) -> tuple[Kind, bool]:
    """Return the type of one value, and whether it is there."""
    if value is None:
        return AnyType(), False
    if isinstance(value, bool | np.bool_):
        return DataType.boolean, True
    if isinstance(value, np.generic):
        return _numpy_kind(value.dtype), True
    if isinstance(value, str):
        return DataType.string, True
    if isinstance(value, int):
        return DataType.long, True
    if isinstance(value, float):
        return DataType.double, True
    if isinstance(value, bytes | bytearray):
        return DataType.binary, True
    if isinstance(value, datetime.date):
        return DataType.datetime, True
    if isinstance(value, np.ndarray):
        return _array(value), True
    if isinstance(value, Mapping):
        fields = [(str(key), _value(item)) for key, item in value.items()]
        return Object([Property(key, kind, there) for key, (kind, there) in fields]), True
    if isinstance(value, list | tuple):
        if not value:
            return Array(AnyType()), True
        return Array(_merge([_value(item) for item in value])[0]), True
    raise BadInput(f"a value of the type {type(value).__name__} has no type in a signature")


def _array(value: np.ndarray[Any, Any]) -> Kind:
    if value.dtype.kind == "O":
        return Array(_merge([_value(item) for item in value.tolist()])[0])
    kind: Kind = _numpy_kind(value.dtype)
    for _ in range(max(value.ndim, 1)):
        kind = Array(kind)
    return kind


def _numpy_kind(dtype: np.dtype[Any]) -> DataType:
    if dtype.kind in "US":
        return DataType.string if dtype.kind == "U" else DataType.binary
    if dtype.kind == "M":
        return DataType.datetime
    known = _BY_NUMPY.get(str(dtype))
    if known is None:
        raise BadInput(f"the type {dtype} has no name in a signature")
    return known


def _merge(found: Iterable[tuple[Kind, bool]]) -> tuple[Kind, bool]:
    """Return the one type of several values.

    Raises:
        BadInput: they have none in common.
    """
    items = list(found)
    if not items:
        raise BadInput("an empty list has no type")
    required = all(there for _, there in items)
    kinds = list(dict.fromkeys(kind for kind, _ in items if not isinstance(kind, AnyType)))
    if not kinds:
        return AnyType(), required
    if len(kinds) == 1:
        return kinds[0], required
    if all(isinstance(kind, Object) for kind in kinds):
        return _merge_objects([kind for kind in kinds if isinstance(kind, Object)]), required
    arrays = [kind for kind in kinds if isinstance(kind, Array)]
    if len(arrays) == len(kinds):
        return Array(_merge([(kind.dtype, True) for kind in arrays])[0]), required
    raise BadInput(f"the values have no common type: {', '.join(repr(kind) for kind in kinds)}")


def _merge_objects(kinds: list[Object]) -> Object:
    names = dict.fromkeys(item.name for kind in kinds for item in kind.properties)
    merged = []
    for name in names:
        same = [item for kind in kinds for item in kind.properties if item.name == name]
        kind, there = _merge([(item.dtype, item.required) for item in same])
        merged.append(Property(name, kind, there and len(same) == len(kinds)))
    return Object(merged)


def _param(name: str, value: Any) -> ParamSpec:
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value.tolist()
    if isinstance(value, list | tuple):
        kind, _ = _merge([_value(item) for item in value])
        return ParamSpec(name, kind, list(value), (-1,))
    kind, there = _value(value)
    if not there or isinstance(kind, Map | Array):
        raise BadInput(f"the parameter {name!r} has no type; give a default that is not None")
    return ParamSpec(name, kind, value)
