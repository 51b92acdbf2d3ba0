"""Compile a signature once; then turn requests and data into what the model takes.

`compile` gives a `Decoder`. ``decode`` reads MLflow's four JSON shapes (``dataframe_split``,
``dataframe_records``, ``instances``, ``inputs``, each with optional ``params``), checking types in
the same pass that parses; ``fit`` takes data that are Python objects already.
Source of the shapes: MLflow's scoring protocol.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mainstay.errors import BadRequest, SchemaMismatch
from mainstay.models import json_types
from mainstay.models.frames import FrameSchema, dtype_of
from mainstay.models.params import Params
from mainstay.models.tensors import TensorSchema
from mainstay.packaging.signature import ModelSignature
from mainstay.packaging.types import ColSpec, DataType, TensorSpec

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


class _Split(msgspec.Struct):
    data: msgspec.Raw
    columns: list[Any] | None = None
    index: list[Any] | None = None


_BODY = msgspec.json.Decoder(_Body)
_SPLIT = msgspec.json.Decoder(_Split)
_ANY = msgspec.json.Decoder()
_ROWS = msgspec.json.Decoder(list[list[Any]])
_OBJECT = msgspec.json.Decoder(dict[str, Any])


def compile(  # noqa: A001  (the verb for what it does)
    signature: ModelSignature | None, *, as_list: bool = False
) -> Decoder:
    """Return the decoder of a signature; None gives one that checks nothing.

    ``as_list``: unnamed columns stay lists, for models whose signature came from type hints.
    """
    return Decoder(signature, as_list=as_list)


class Decoder:
    """A signature, compiled. Threads may share one."""

    def __init__(self, signature: ModelSignature | None, *, as_list: bool = False) -> None:
        self.signature = signature
        self.params = Params(signature.params if signature else None)
        self._as_list = as_list
        inputs = signature.inputs.inputs if signature and signature.inputs else []
        columns = [found for found in inputs if isinstance(found, ColSpec)]
        tensors = [found for found in inputs if isinstance(found, TensorSpec)]
        self._columns = _JsonColumns(columns) if columns else None
        self._tensors = TensorSchema(tensors) if tensors else None

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


class _JsonColumns:
    """A column schema, compiled for JSON."""

    def __init__(self, columns: list[ColSpec]) -> None:
        self.frames = FrameSchema(columns)
        self.free = not self.frames.named and repr(columns[0].type) == "Any"
        self._columns = columns
        self._by_name = {str(c.name): c for c in columns}
        self._nested = any(not isinstance(column.type, DataType) for column in columns)
        self._rows = lru_cache(maxsize=16)(self._row_decoder)
        named = self.frames.named
        self._records = (
            msgspec.json.Decoder(json_types.list_of(json_types.record(columns))) if named else None
        )
        self._one = msgspec.json.Decoder(json_types.record(columns)) if named else None
        unnamed = json_types.column_type(columns[0])
        self._values = msgspec.json.Decoder(json_types.list_of(unnamed))

    def decode(self, shape: str, raw: msgspec.Raw) -> pd.DataFrame:
        """Return the DataFrame of one of the four shapes. Raises: BadRequest, SchemaMismatch."""
        if shape == "dataframe_split":
            return self._split(raw)
        if not self.frames.named:
            return self._unnamed(raw)
        if shape == "inputs" and not _starts(raw, b"["):
            return self._dictionary(raw)
        return self._from_records(raw)

    def frame_of(self, data: Any) -> pd.DataFrame:
        """Return data of any accepted kind as a DataFrame that is not checked yet."""
        if isinstance(data, pd.DataFrame):
            return data
        if isinstance(data, pd.Series):
            one = (
                self.frames.named
                and len(self._columns) > 1
                and set(self.frames.names) <= set(data.index)
            )
            return data.to_frame().T.infer_objects() if one else data.to_frame()
        if isinstance(data, Mapping):
            return self._frame_of_mapping(data)
        if hasattr(data, "to_pandas"):
            found: pd.DataFrame = data.to_pandas()
            return found
        if isinstance(data, list | tuple) and data and isinstance(data[0], Mapping):
            return pd.DataFrame(list(data))
        if isinstance(data, str | bytes | bool | int | float):
            data = [data]
        return self._positional(data)

    def check_list(self, data: Any) -> list[Any]:
        """Check a list of values against the one unnamed column. Raises: SchemaMismatch."""
        values = data if isinstance(data, list) else list(np.atleast_1d(np.asarray(data)).tolist())
        kind = json_types.of(
            self._columns[0].type, optional=not self._columns[0].required, from_json=False
        )
        try:
            msgspec.convert([json_types.builtin(v) for v in values], json_types.list_of(kind))
        except msgspec.ValidationError as error:
            raise json_types.explain(error) from None
        return values

    def _positional(self, data: Any) -> pd.DataFrame:
        try:
            values = np.asarray(data)
        except ValueError:
            values = np.empty(len(data), dtype=object)
            values[:] = data
        if values.ndim == 1:
            values = values[:, None]
        if values.ndim != 2 or values.shape[1] != len(self._columns):
            raise SchemaMismatch(
                f"the model takes {len(self._columns)} columns by name; "
                f"got an array of the shape {values.shape}"
            )
        return pd.DataFrame(values, columns=self.frames.names)

    def _frame_of_mapping(self, data: Mapping[Any, Any]) -> pd.DataFrame:
        lists = [isinstance(v, list | tuple | np.ndarray | pd.Series) for v in data.values()]
        if not any(lists) or (self._nested and self._is_one_row(data)):
            return pd.DataFrame([dict(data)])
        try:
            return pd.DataFrame(dict(data))
        except ValueError as error:
            raise SchemaMismatch(f"the columns have different lengths: {error}") from None

    def _is_one_row(self, data: Mapping[Any, Any]) -> bool:
        try:
            msgspec.convert(
                {str(name): json_types.builtin(value) for name, value in data.items()},
                json_types.record(self._columns),
            )
        except msgspec.ValidationError:
            return False
        return True

    def _split(self, raw: msgspec.Raw) -> pd.DataFrame:
        split = _try(_SPLIT, raw, "dataframe_split: ")
        given = split.columns
        if given is None or not self.frames.named:
            names = [str(name) for name in self.frames.names]
            given = names if given is None else given[: len(names)]
            decoder, used = self._rows(tuple(names), len(names))
        else:
            texts = tuple(str(name) for name in given)
            if len(set(texts)) != len(texts):
                raise SchemaMismatch("two columns of the data have the same name")
            decoder, used = self._rows(texts, len(texts))
        rows = _try(decoder, split.data, "", given)
        columns = {}
        if rows:
            wanted = set(used)
            for at, values in enumerate(zip(*rows, strict=True)):
                if at in wanted:
                    columns[used[at]] = values
        else:
            columns = dict.fromkeys(used.values(), ())
        frame = self._frame(columns)
        if split.index is not None and len(split.index) == len(frame):
            frame.index = pd.Index(split.index)
        return frame

    def _row_decoder(
        self, names: tuple[str, ...], _length: int
    ) -> tuple[msgspec.json.Decoder[Any], dict[int, str]]:
        if self.frames.named:
            missing = [
                str(c.name) for c in self._columns if c.required and str(c.name) not in names
            ]
            if missing:
                shown = ", ".join(repr(name) for name in missing[:8])
                raise SchemaMismatch(f"the data lack the columns {shown} that the model requires")
            found = [self._by_name.get(name) for name in names]
            used = {at: name for at, name in enumerate(names) if name in self._by_name}
        else:
            found, used = list(self._columns), dict(enumerate(names))
        return msgspec.json.Decoder(json_types.list_of(json_types.row(found))), used

    def _from_records(self, raw: msgspec.Raw) -> pd.DataFrame:
        assert self._records is not None
        records = _try(self._records, raw, "")
        columns = {}
        for name, column in self._by_name.items():
            if column.required:
                columns[name] = [record[name] for record in records]
            elif any(name in record for record in records):
                columns[name] = [record.get(name) for record in records]
        return self._frame(columns)

    def _dictionary(self, raw: msgspec.Raw) -> pd.DataFrame:
        assert self._one is not None
        whole = _try(_OBJECT, raw, "inputs: ")
        if self._nested or not any(isinstance(value, list) for value in whole.values()):
            try:
                return self._from_records(msgspec.Raw(b"[" + bytes(raw) + b"]"))
            except SchemaMismatch:
                if not all(isinstance(value, list) for value in whole.values()):
                    raise
        lengths = {len(v) for n, v in whole.items() if n in self._by_name and isinstance(v, list)}
        if len(lengths) > 1:
            raise SchemaMismatch(f"the columns have different lengths: {sorted(lengths)}")
        columns = {}
        for name, column in self._by_name.items():
            if name not in whole:
                if column.required:
                    raise SchemaMismatch(f"the data lack the column {name!r}")
                continue
            try:
                kind = json_types.column_type(column)
                columns[name] = msgspec.convert(whole[name], json_types.list_of(kind), strict=True)
            except msgspec.ValidationError as error:
                raise json_types.explain(error, f"column {name!r}, ") from None
        return self._frame(columns)

    def _unnamed(self, raw: msgspec.Raw) -> pd.DataFrame:
        if len(self._columns) > 1:
            row = json_types.list_of(json_types.row(self._columns))
            rows = _try(msgspec.json.Decoder(row), raw, "")
            return self._frame(dict(enumerate(zip(*rows, strict=True))))
        if not _starts(raw, b"["):
            raw = msgspec.Raw(b"[" + bytes(raw) + b"]")
        return self._frame({"0": _try(self._values, raw, "")})

    def _frame(self, columns: Mapping[Any, Any]) -> pd.DataFrame:
        """Build the frame in the schema's order; every value has been checked."""
        made, names = [], []
        for at, column in enumerate(self._columns):
            name = self.frames.names[at]
            values = columns.get(str(name), columns.get(name))
            if values is None:
                continue
            made.append(_array(values, column, f"column {name!r}"))
            names.append(name)
        kinds = {array.dtype for array in made}
        if len(kinds) == 1 and next(iter(kinds)).kind in "biuf":
            frame = pd.DataFrame(np.column_stack(made), copy=False)
        else:
            frame = pd.DataFrame(dict(enumerate(made)), copy=False)
        frame.columns = pd.Index(names)
        return frame


def _array(values: Any, column: ColSpec, title: str) -> Any:
    dtype = dtype_of(column.type)
    if column.type is DataType.datetime:
        read = pd.to_datetime(pd.Series(values, dtype=object), errors="coerce", format="ISO8601")
        bad = [at for at, value in enumerate(values) if value is not None and pd.isna(read[at])]
        if bad:
            raise SchemaMismatch(f"{title}, row {bad[0]}: the value is no ISO 8601 date")
        return read.array
    if column.type is DataType.binary:
        values = [_bytes(value, f"{title}, row {at}") for at, value in enumerate(values)]
    if dtype.kind in "iub" and not column.required and None in values:
        dtype = np.dtype(np.float64 if dtype.kind in "iu" else object)
    if dtype.kind == "O":
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    return np.array(values, dtype=dtype)


def _bytes(text: str | None, title: str) -> bytes | None:
    try:
        return None if text is None else base64.b64decode(text.replace("\n", ""), validate=True)
    except ValueError:
        raise SchemaMismatch(f"{title}: the value is no base64 text") from None


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
        return pd.DataFrame(_try(_OBJECT, raw, "inputs: "))
    split = _try(_SPLIT, raw, "dataframe_split: ")
    rows = _try(_ROWS, split.data, "dataframe_split: ")
    width = len(split.columns) if split.columns is not None else len(rows[0]) if rows else 0
    try:
        if any(len(row) != width for row in rows):
            raise ValueError
        return pd.DataFrame(rows, index=split.index, columns=split.columns)
    except (ValueError, TypeError, AssertionError):
        raise BadRequest(
            "dataframe_split: columns, index and the rows of data have different lengths"
        ) from None


def _try(
    decoder: msgspec.json.Decoder[Any], raw: msgspec.Raw, prefix: str, columns: Any = ()
) -> Any:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise json_types.explain(error, prefix, columns) from None


def _starts(raw: msgspec.Raw, mark: bytes) -> bool:
    return bytes(raw[:16] if hasattr(raw, "__getitem__") else raw).lstrip().startswith(mark)
