"""Predictions to JSON: MLflow's shapes, and always JSON that RFC 8259 allows.

DataFrames and Series become a list of records, arrays nested lists, bytes Base64 text, times ISO
8601 text. NaN and infinities, which JSON has no way to write, become null.
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mainstay.errors import MainstayError

_BUILTIN = (str, bool, int, float, type(None))


def encode(predictions: Any) -> bytes:
    """Return ``{"predictions": …}``.

    Raises:
        MainstayError: the model returned something that cannot be written as JSON.
    """
    try:
        return _encoder.encode({"predictions": plain(predictions)})
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise MainstayError(
            f"the model returned a {type(predictions).__name__} that cannot be written as JSON: "
            f"{error}"
        ) from error


def plain(value: Any) -> Any:
    """Return ``value`` in the types of JSON, containers included.

    >>> plain(pd.Series([1, 2], name="a"))
    [{'a': 1}, {'a': 2}]
    """
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, pd.DataFrame):
        return _records(value)
    if isinstance(value, pd.Series):
        return _records(value.to_frame())
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return _list(value)
    return _scalar(value)


def rows_of(predictions: Any) -> int:
    """Return how many rows the predictions are for; 1 for what has no length."""
    if isinstance(predictions, (np.ndarray, pd.DataFrame, pd.Series, list, tuple)):
        return len(predictions) if np.ndim(predictions) != 0 else 1
    if isinstance(predictions, Mapping) and predictions:
        return rows_of(next(iter(predictions.values())))
    return 1


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [_key(name) for name in frame.columns]
    columns = [_column(frame.iloc[:, at]) for at in range(len(names))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _column(series: pd.Series[Any]) -> list[Any]:
    values = series.tolist()
    dtype = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        return values
    return _list(values)


def _array(values: np.ndarray[Any, Any]) -> Any:
    if values.dtype.kind in "biuf" or values.ndim == 0:
        return values.tolist() if values.dtype.kind in "biuf" else plain(values.item())
    if values.dtype.kind == "M" and values.dtype != np.dtype("datetime64[D]"):
        values = values.astype("datetime64[us]")  # finer units would come out as integers
    return _list(values.tolist())


def _list(values: Any) -> list[Any]:
    return [value if type(value) in _BUILTIN else plain(value) for value in values]


def _scalar(value: Any) -> Any:
    if isinstance(value, np.generic):
        return plain(np.asarray(value))
    if isinstance(value, _BUILTIN):
        return value
    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (datetime.date, datetime.time)):
        return _time(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    if hasattr(value, "toarray"):  # a SciPy sparse matrix
        return plain(value.toarray())
    return value


def _time(value: Any) -> str | None:
    return None if value is pd.NaT else str(value.isoformat())


def _key(key: Any) -> str:
    return key if isinstance(key, str) else str(key)


_encoder = msgspec.json.Encoder()
