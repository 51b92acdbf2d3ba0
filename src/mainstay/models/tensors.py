"""Fit arrays to a tensor schema: type and shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from mainstay.errors import SchemaMismatch
from mainstay.models import json_types
from mainstay.packaging.types import TensorSpec

_JSON = {"b": bool, "i": int, "u": int, "f": float, "U": str, "S": bytes, "M": str}


class TensorSchema:
    """One unnamed tensor, or several by name, compiled."""

    def __init__(self, tensors: Sequence[TensorSpec], *, strict: bool = False) -> None:
        self.tensors = list(tensors)
        self._strict = strict
        self.named = tensors[0].name is not None
        self._dtypes = [np.dtype(tensor.type) for tensor in tensors]
        self._json = [_json_type(t, d) for t, d in zip(tensors, self._dtypes, strict=True)]

    @property
    def names(self) -> list[str]:
        """The names; empty for one tensor without a name."""
        return [str(tensor.name) for tensor in self.tensors] if self.named else []

    def fit(self, data: Any) -> Any:
        """Return an array, or a dictionary of arrays, of the schema's types and shapes.

        Takes arrays (also sparse), lists, DataFrames and, for named tensors, dictionaries.
        Raises: SchemaMismatch.
        """
        if self.named:
            return {name: self._fit(at, part) for at, name, part in self._parts(data)}
        if isinstance(data, Mapping):
            raise SchemaMismatch("the model takes one tensor without a name, not a dictionary")
        return self._fit(0, data)

    def from_json(self, values: Any, *, by_row: bool) -> Any:
        """Check and convert decoded JSON; ``by_row``: a list of objects, one a row.

        Raises: SchemaMismatch.
        """
        if not self.named:
            return self._from_json(0, values)
        if by_row:
            values = self._columns(values)
        return {name: self._from_json(at, part) for at, name, part in self._parts(values)}

    def _parts(self, data: Any) -> list[tuple[int, str, Any]]:
        names = self.names
        columns = data.columns if hasattr(data, "columns") else data
        if not isinstance(data, Mapping) and not hasattr(data, "columns"):
            raise SchemaMismatch(f"the model takes tensors by name: {', '.join(names)}")
        missing = [name for name in names if name not in columns]
        if missing:
            raise SchemaMismatch(f"the data lack the tensors {', '.join(missing)}")
        return [(at, name, data[name]) for at, name in enumerate(names)]

    def _columns(self, rows: Any) -> dict[str, list[Any]]:
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise SchemaMismatch(
                f"expected a list of objects with the tensors {', '.join(self.names)}"
            )
        for at, row in enumerate(rows):
            for name in self.names:
                if name not in row:
                    raise SchemaMismatch(f"row {at}: it lacks the tensor {name!r}")
        return {name: [row[name] for row in rows] for name in self.names}

    def _from_json(self, at: int, values: Any) -> Any:
        dtype = self._dtypes[at]
        try:
            checked = msgspec.convert(values, self._json[at], strict=True)
            return self._shaped(at, np.array(checked, dtype=dtype))
        except msgspec.ValidationError as error:
            whole = None if self._strict or dtype.kind not in "iu" else _whole(values, dtype)
            if whole is not None:
                return self._shaped(at, whole)
            raise json_types.explain(error, self._title(at)) from None
        except (ValueError, TypeError, OverflowError):
            wanted = self._wanted(at)
            raise SchemaMismatch(f"{self._title(at)}the values do not form {wanted}") from None

    def _fit(self, at: int, data: Any) -> Any:
        spec, dtype = self.tensors[at], self._dtypes[at]
        if hasattr(data, "tocsr"):
            if data.dtype != dtype:
                raise SchemaMismatch(f"{self._title(at)}expected {dtype}, got {data.dtype}")
            return self._shaped(at, data)
        array = data if isinstance(data, np.ndarray) else _array(data, self._title(at))
        if array.dtype != dtype and not (array.dtype.kind == dtype.kind and dtype.kind in "USO"):
            if not _keeps(array, dtype):
                raise SchemaMismatch(
                    f"{self._title(at)}expected {dtype}, got {array.dtype}; "
                    "the cast would lose something"
                )
            array = array.astype(dtype)
        return self._shaped(at, array) if spec.shape else array

    def _shaped(self, at: int, array: Any) -> Any:
        shape = self.tensors[at].shape
        right = len(shape) == array.ndim and all(
            want in (-1, have) for want, have in zip(shape, array.shape, strict=True)
        )
        if not right:
            raise SchemaMismatch(
                f"{self._title(at)}expected {self._wanted(at)}, got the shape {array.shape}"
            )
        return array

    def _wanted(self, at: int) -> str:
        return f"an array of {self.tensors[at].type} of the shape {tuple(self.tensors[at].shape)}"

    def _title(self, at: int) -> str:
        return f"tensor {self.tensors[at].name!r}: " if self.named else ""


def _whole(values: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any] | None:
    """Return the integers that whole doubles (2.0) stand for; None if one is no such number."""
    try:
        found = np.asarray(values)
    except ValueError:
        return None
    if found.dtype.kind != "f" or not _keeps(found, dtype) or (abs(found) > 1 << 53).any():
        return None
    return found.astype(dtype)


def _json_type(spec: TensorSpec, dtype: np.dtype[Any]) -> Any:
    found: Any = _JSON.get(dtype.kind, Any)
    for _ in spec.shape:
        found = list[found]
    return found


def _array(data: Any, title: str) -> np.ndarray[Any, Any]:
    values = data.to_numpy() if hasattr(data, "to_numpy") else data
    try:
        return np.asarray(values)
    except ValueError:
        raise SchemaMismatch(f"{title}the values do not form an array") from None


def _keeps(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> bool:
    """Tell whether every value keeps its meaning as ``dtype``."""
    # numpy calls long to double safe, though it rounds above 2**53.
    if array.dtype.kind == dtype.kind and np.can_cast(array.dtype, dtype, casting="safe"):
        return True
    if array.dtype.kind not in "iuf" or dtype.kind not in "iuf":
        return False
    with np.errstate(all="ignore"):
        back = array.astype(dtype).astype(array.dtype)
    return bool(np.array_equal(back, array, equal_nan=array.dtype.kind == "f")) and (
        bool(np.isfinite(array).all()) if dtype.kind in "iu" else True
    )
