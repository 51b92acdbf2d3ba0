"""Compile a signature once; then turn requests and data into what the model takes.

`compile` gives a `Decoder`. ``decode`` reads MLflow's four JSON shapes (``dataframe_split``,
``dataframe_records``, ``instances``, ``inputs``, each with optional ``params``), checking types in
the same pass that parses; ``fit`` takes data that are Python objects already.
Source of the shapes: MLflow's scoring protocol.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mainstay.errors import BadRequest
from mainstay.models import json_types
from mainstay.models.json_columns import OBJECT, SPLIT, JsonColumns, checked
from mainstay.models.params import Params
from mainstay.models.tensors import TensorSchema
from mainstay.packaging.signature import ModelSignature
from mainstay.packaging.types import ColSpec, TensorSpec

SHAPES = ("dataframe_split", "dataframe_records", "instances", "inputs")


class Decoded(msgspec.Struct, frozen=True):
    """What a request asks for: the model's input, and parameters (None: none were sent)."""

    data: Any
    params: dict[str, Any] | None = None


class _Body(msgspec.Struct):
    dataframe_split: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    dataframe_records: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    instances: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    inputs: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    params: dict[str, Any] | None = None


_BODY = msgspec.json.Decoder(_Body)
_ANY = msgspec.json.Decoder()
_ROWS = msgspec.json.Decoder(list[list[Any]])


def compile(  # noqa: A001  (the verb for what it does)
    signature: ModelSignature | None, *, as_list: bool = False, strict: bool = False
) -> Decoder:
    """Return the decoder of a signature; None gives one that checks nothing.

    ``as_list``: unnamed columns stay lists, for models whose signature came from type hints.
    ``strict``: JSON's 2.0 is no integer. By default it is, as in MLflow: nothing is lost.
    """
    return Decoder(signature, as_list=as_list, strict=strict)


class Decoder:
    """A signature, compiled. Threads may share one."""

    def __init__(
        self, signature: ModelSignature | None, *, as_list: bool = False, strict: bool = False
    ) -> None:
        self.signature = signature
        self.params = Params(signature.params if signature else None)
        self._as_list = as_list
        inputs = signature.inputs.inputs if signature and signature.inputs else []
        columns = [found for found in inputs if isinstance(found, ColSpec)]
        tensors = [found for found in inputs if isinstance(found, TensorSpec)]
        self._columns = JsonColumns(columns, strict=strict) if columns else None
        self._tensors = TensorSchema(tensors, strict=strict) if tensors else None

    # -- bytes -------------------------------------------------------------------------------
    def decode(self, body: bytes) -> Decoded:
        """Read a JSON body.

        Raises:
            BadRequest: it is not JSON, or has none or several of the four shapes.
            SchemaMismatch: its data do not fit; the message names row and column.
        """
        read = _read(body)
        given = [name for name in SHAPES if getattr(read, name) is not msgspec.UNSET]
        if len(given) != 1:
            what = " and ".join(given) if given else "none of them"
            raise BadRequest(f"send exactly one of {', '.join(SHAPES)}; the body has {what}")
        raw: msgspec.Raw = getattr(read, given[0])
        return Decoded(self._decode(given[0], raw), read.params)

    def from_json(self, body: bytes) -> Any:
        """Return the data of a JSON body as a DataFrame, array or dictionary. Raises: as decode."""
        return self.decode(body).data

    def _decode(self, shape: str, raw: msgspec.Raw) -> Any:
        if self._columns is not None:
            if self._columns.free or (self._as_list and not self._columns.frames.named):
                return _ANY.decode(raw) if shape in ("instances", "inputs") else _frame(shape, raw)
            return self._columns.decode(shape, raw)
        if self._tensors is None:
            return _plain(shape, raw)
        if shape in ("instances", "inputs"):
            return self._tensors.from_json(_ANY.decode(raw), by_row=shape == "instances")
        return self._tensors.fit(_frame(shape, raw))

    # -- objects -----------------------------------------------------------------------------
    def fit(self, data: Any) -> Any:
        """Fit data to the signature: DataFrames, arrays, dictionaries, lists, Series.

        Data that fit already are returned as they are. Raises: SchemaMismatch.
        """
        if self._tensors is not None:
            return self._tensors.fit(data)
        if self._columns is None or self._columns.free:
            return data
        if self._as_list and not isinstance(data, pd.DataFrame) and not self._columns.frames.named:
            return self._columns.check_list(data)
        return self._columns.frames.fit(self._columns.frame_of(data))


def _read(body: bytes) -> _Body:
    try:
        return _BODY.decode(body)
    except msgspec.ValidationError as error:
        raise BadRequest(f"the body: {json_types.explain(error).message}") from None
    except RecursionError:
        raise BadRequest("the body is not JSON that is read here: it is nested too deep") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # Bare NaN and Infinity are no JSON, yet Python's own writer makes them.
        if b"NaN" not in body and b"Infinity" not in body:
            raise BadRequest(f"the body is not JSON: {error}") from None
        return _read(_without_nan(body))


def _without_nan(body: bytes) -> bytes:
    """Write bare NaN as null. Infinity has no such word and is refused."""
    try:
        plain = json.loads(body, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    return msgspec.json.encode(plain)


def _constant(name: str) -> None:
    if name != "NaN":
        raise ValueError(f"{name} is no JSON")


def _plain(shape: str, raw: msgspec.Raw) -> Any:
    """Read a body for a model without a signature, as MLflow does."""
    if shape.startswith("dataframe"):
        return _frame(shape, raw)
    values = _ANY.decode(raw)
    if isinstance(values, dict):
        return {name: _loose(part) for name, part in values.items()}
    if isinstance(values, list) and values and all(isinstance(row, dict) for row in values):
        names = dict.fromkeys(name for row in values for name in row)
        return {name: _loose([row.get(name) for row in values]) for name in names}
    return _loose(values)


def _loose(values: Any) -> Any:
    try:
        return np.array(values)
    except ValueError:
        return values


def _frame(shape: str, raw: msgspec.Raw) -> pd.DataFrame:
    """Read a DataFrame body without a schema. Raises: BadRequest."""
    if shape == "dataframe_records" or shape == "instances":
        rows = _ANY.decode(raw)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadRequest(f"{shape}: expected a list of objects, one a row")
        return pd.DataFrame(rows)
    if shape == "inputs":
        return pd.DataFrame(checked(OBJECT, raw, "inputs: "))
    split = checked(SPLIT, raw, "dataframe_split: ")
    rows = checked(_ROWS, split.data, "dataframe_split: ")
    width = len(split.columns) if split.columns is not None else len(rows[0]) if rows else 0
    try:
        if any(len(row) != width for row in rows):
            raise ValueError
        return pd.DataFrame(rows, index=split.index, columns=split.columns)
    except (ValueError, TypeError, AssertionError):
        raise BadRequest(
            "dataframe_split: columns, index and the rows of data have different lengths"
        ) from None
