"""Turn data into what an ONNX session takes: one array of the right type for each input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mainstay.errors import BadInput

_TYPES: dict[str, type] = {
    "tensor(bool)": np.bool_,
    "tensor(double)": np.float64,
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int8)": np.int8,
    "tensor(int16)": np.int16,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(string)": np.object_,
    "tensor(uint8)": np.uint8,
    "tensor(uint16)": np.uint16,
    "tensor(uint32)": np.uint32,
    "tensor(uint64)": np.uint64,
}


class Input(msgspec.Struct, frozen=True):
    """An input of a graph: its name, its type (None: passed on as it is) and its rank."""

    name: str
    dtype: Any
    rank: int


def inputs_of(session: Any) -> list[Input]:
    """Return what the session takes."""
    return [
        Input(found.name, _TYPES.get(found.type), len(found.shape or ()))
        for found in session.get_inputs()
    ]


def feed(data: Any, inputs: list[Input]) -> dict[str, Any]:
    """Return the arrays by name. Raises: BadInput, naming the input."""
    if isinstance(data, Mapping):
        given = {wanted.name: _of(data, wanted.name) for wanted in inputs}
    elif len(inputs) == 1:
        values = data.to_numpy() if isinstance(data, pd.DataFrame) else np.asarray(data)
        if inputs[0].rank == 1 and values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        given = {inputs[0].name: values}
    elif isinstance(data, pd.DataFrame):
        given = {wanted.name: _column(_of(data, wanted.name), wanted) for wanted in inputs}
    else:
        names = ", ".join(wanted.name for wanted in inputs)
        raise BadInput(f"the graph takes {len(inputs)} inputs; give a table or arrays by: {names}")
    return {wanted.name: _typed(given[wanted.name], wanted) for wanted in inputs}


def _of(data: Any, name: str) -> Any:
    if name not in data:
        raise BadInput(f"the input {name!r} is missing")
    return data[name]


def _column(column: Any, wanted: Input) -> Any:
    if len(column) and isinstance(column.iloc[0], list | np.ndarray):
        return np.stack([np.asarray(value) for value in column])
    values = column.to_numpy()
    return values.reshape(-1, 1) if wanted.rank == 2 else values


def _typed(values: Any, wanted: Input) -> Any:
    """Return the values in the graph's type.

    Doubles are rounded to floats, as in MLflow; integers must fit.
    """
    array = np.asarray(values)
    if wanted.dtype is None or array.dtype == wanted.dtype:
        return array
    kind = np.dtype(wanted.dtype)
    if kind.kind != "O" and not np.can_cast(array.dtype, kind, "same_kind"):
        raise BadInput(f"the input {wanted.name!r} takes {kind.name}, got {array.dtype}")
    cast = array.astype(kind)
    if kind.kind in "iu" and not np.array_equal(cast, array):
        raise BadInput(f"the input {wanted.name!r} takes {kind.name}; a number does not fit")
    return cast
