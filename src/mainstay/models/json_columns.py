"""JSON bodies to DataFrames: a column schema compiled into decoders that check as they parse."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mainstay.errors import SchemaMismatch
from mainstay.models import json_types
from mainstay.models.frames import FrameSchema, dtype_of
from mainstay.packaging.types import ColSpec, DataType


class Split(msgspec.Struct):
    """The content of ``dataframe_split``."""

    data: msgspec.Raw
    columns: list[Any] | None = None
    index: list[Any] | None = None


SPLIT = msgspec.json.Decoder(Split)
OBJECT = msgspec.json.Decoder(dict[str, Any])


class JsonColumns:
    """A column schema, compiled for JSON."""

    def __init__(self, columns: list[ColSpec], *, strict: bool = False) -> None:
        self._strict = strict
        self.frames = FrameSchema(columns)
        self.free = not self.frames.named and repr(columns[0].type) == "Any"
        self._columns = columns
        self._by_name = {str(c.name): c for c in columns}
        self._nested = any(not isinstance(column.type, DataType) for column in columns)
        self._rows = lru_cache(maxsize=16)(self._row_decoder)
        named = self.frames.named
        self._records = (
            msgspec.json.Decoder(json_types.list_of(json_types.record(columns, strict=strict)))
            if named
            else None
        )
        self._one = (
            msgspec.json.Decoder(json_types.record(columns, strict=strict)) if named else None
        )
        unnamed = json_types.column_type(columns[0], strict=strict)
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
                json_types.record(self._columns, strict=self._strict),
            )
        except msgspec.ValidationError:
            return False
        return True

    def _split(self, raw: msgspec.Raw) -> pd.DataFrame:
        split = checked(SPLIT, raw, "dataframe_split: ")
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
        rows = checked(decoder, split.data, "", given)
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
        return msgspec.json.Decoder(
            json_types.list_of(json_types.row(found, strict=self._strict))
        ), used

    def _from_records(self, raw: msgspec.Raw) -> pd.DataFrame:
        assert self._records is not None
        records = checked(self._records, raw, "")
        columns = {}
        for name, column in self._by_name.items():
            if column.required:
                columns[name] = [record[name] for record in records]
            elif any(name in record for record in records):
                columns[name] = [record.get(name) for record in records]
        return self._frame(columns)

    def _dictionary(self, raw: msgspec.Raw) -> pd.DataFrame:
        assert self._one is not None
        whole = checked(OBJECT, raw, "inputs: ")
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
                kind = json_types.column_type(column, strict=self._strict)
                columns[name] = msgspec.convert(whole[name], json_types.list_of(kind), strict=True)
            except msgspec.ValidationError as error:
                raise json_types.explain(error, f"column {name!r}, ") from None
        return self._frame(columns)

    def _unnamed(self, raw: msgspec.Raw) -> pd.DataFrame:
        if len(self._columns) > 1:
            row = json_types.list_of(json_types.row(self._columns, strict=self._strict))
            rows = checked(msgspec.json.Decoder(row), raw, "")
            return self._frame(dict(enumerate(zip(*rows, strict=True))))
        if not _starts(raw, b"["):
            raw = msgspec.Raw(b"[" + bytes(raw) + b"]")
        return self._frame({"0": checked(self._values, raw, "")})

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
    if column.type in (DataType.integer, DataType.long):
        values = _whole(values, title, np.iinfo(dtype))
    if dtype.kind in "iub" and not column.required and None in values:
        dtype = np.dtype(np.float64 if dtype.kind in "iu" else object)
    if dtype.kind == "O":
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    return np.array(values, dtype=dtype)


def _whole(values: Any, title: str, bounds: Any) -> Any:
    """Return integers: whole doubles become integers. Raises: SchemaMismatch on any other."""
    if float not in set(map(type, values)):
        return values
    for row, value in enumerate(values):
        if not isinstance(value, float):
            continue
        if not (value.is_integer() and abs(value) <= _EXACT and bounds.min <= value <= bounds.max):
            raise SchemaMismatch(f"row {row}, {title}: expected an integer, got a number")
    return [int(value) if isinstance(value, float) else value for value in values]


_EXACT = float(1 << 53)
"""Up to here a double is the integer that it says."""


def _bytes(text: str | None, title: str) -> bytes | None:
    try:
        return None if text is None else base64.b64decode(text.replace("\n", ""), validate=True)
    except ValueError:
        raise SchemaMismatch(f"{title}: the value is no base64 text") from None


def checked(
    decoder: msgspec.json.Decoder[Any], raw: msgspec.Raw, prefix: str, columns: Any = ()
) -> Any:
    """Decode ``raw``; ``prefix`` and ``columns`` are for the message. Raises: SchemaMismatch."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise json_types.explain(error, prefix, columns) from None


def _starts(raw: msgspec.Raw, mark: bytes) -> bool:
    return bytes(raw[:16] if hasattr(raw, "__getitem__") else raw).lstrip().startswith(mark)
