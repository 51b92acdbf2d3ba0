"""Fit a DataFrame to a column schema: names, order, and casts that lose nothing.

A cast is made when every value keeps its meaning (int to long, int to double up to 2**53, float
to double, whole doubles to int); one that would round, wrap or guess is refused with the first
row that it would have changed. Values are never written into a message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mainstay.errors import SchemaMismatch
from mainstay.models import json_types
from mainstay.packaging.types import AnyType, ColSpec, DataType, Kind

Column = "pd.Series[Any]"
Cast = Callable[["pd.Series[Any]", str], "pd.Series[Any]"]

_SHOWN = 8


class FrameSchema:
    """A column schema, compiled for DataFrames."""

    def __init__(self, columns: Sequence[ColSpec]) -> None:
        self.columns = list(columns)
        self.named = columns[0].name is not None
        self.names: list[Any] = [
            at if column.name is None else column.name for at, column in enumerate(columns)
        ]
        self._required = [n for n, c in zip(self.names, columns, strict=True) if c.required]
        self._casts = [_cast_for(column.type) for column in columns]
        self._exact = [_exact_dtype(column.type) for column in columns]
        self._whole = [column.required and column.type in _WITHOUT_NULL for column in columns]
        self._settled = None if None in self._exact else np.array(self._exact, dtype=object)

    def fit(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame with the schema's columns in its order, cast where nothing is lost.

        A frame that fits already is returned as it is. Extra columns are left out.
        Raises: SchemaMismatch.
        """
        if not self.named:
            frame = self._by_position(frame)
        given = list(frame.columns)
        if given != self.names:
            frame = self._select(frame, given)
            given = list(frame.columns)
        if len(given) == len(self.names):
            dtypes = frame.dtypes.to_numpy()
            if self._settled is not None and bool((dtypes == self._settled).all()):
                return frame
            changed = self._cast_all(frame, dtypes, range(len(given)))
        else:
            place = {name: at for at, name in enumerate(self.names)}
            changed = self._cast_all(frame, frame.dtypes.to_numpy(), [place[n] for n in given])
        if not changed:
            return frame
        columns = {
            at: changed[at] if at in changed else frame.iloc[:, at] for at in range(len(given))
        }
        made = pd.DataFrame(columns, index=frame.index, copy=False)
        made.columns = frame.columns
        return made

    def _cast_all(
        self, frame: pd.DataFrame, dtypes: Any, places: Sequence[int]
    ) -> dict[int, pd.Series[Any]]:
        changed = {}
        for at, place in enumerate(places):
            exact = self._exact[place]
            if exact is not None and dtypes[at] == exact:
                continue
            column = frame.iloc[:, at]
            cast = self._casts[place](column, f"column {self.names[place]!r}")
            if self._whole[place]:
                _check_whole(cast, self.names[place], self.columns[place].type)
            if cast is not column:
                changed[at] = cast
        return changed

    def _select(self, frame: pd.DataFrame, given: list[Any]) -> pd.DataFrame:
        present = set(given)
        missing = [name for name in self._required if name not in present]
        if missing:
            texts = {str(name): name for name in given}
            if self.named and all(str(name) in texts for name in self._required):
                # JSON and Parquet make text of column names that were numbers.
                frame = frame.rename(columns={texts[str(n)]: n for n in self.names})
                return self._select(frame, list(frame.columns))
            raise SchemaMismatch(
                f"the data lack {_some(missing, 'column')} that the model requires; "
                f"they have {_some(given, 'column')}"
            )
        if len(present) != len(given):
            raise SchemaMismatch("two columns of the data have the same name")
        return frame[[name for name in self.names if name in present]]

    def _by_position(self, frame: pd.DataFrame) -> pd.DataFrame:
        if frame.shape[1] < len(self.names):
            raise SchemaMismatch(
                f"the data have {frame.shape[1]} columns; the model takes {len(self.names)}"
            )
        frame = frame.iloc[:, : len(self.names)]
        if list(frame.columns) != self.names:
            frame = frame.set_axis(self.names, axis=1)
        return frame


_WITHOUT_NULL = (DataType.integer, DataType.long, DataType.boolean)


def _check_whole(column: pd.Series[Any], name: Any, kind: Kind) -> None:
    """Refuse a null where the model takes whole numbers or truth values and none may be missing.

    A double that is missing is NaN, which the model may know what to do with.
    """
    null = column.isna().to_numpy()
    if null.any():
        raise SchemaMismatch(
            f"column {name!r}, row {int(np.flatnonzero(null)[0])}: expected {kind!r}, got null; "
            "the column is required"
        )


def dtype_of(kind: Kind) -> Any:
    """Return the numpy type for a column of ``kind``; object for what numpy has no type for."""
    return _DTYPES.get(kind, np.dtype(object)) if isinstance(kind, DataType) else np.dtype(object)


_DTYPES = {
    DataType.boolean: np.dtype(bool),
    DataType.integer: np.dtype(np.int32),
    DataType.long: np.dtype(np.int64),
    DataType.float: np.dtype(np.float32),
    DataType.double: np.dtype(np.float64),
    DataType.datetime: np.dtype("datetime64[ns]"),
}


def _exact_dtype(kind: Kind) -> Any:
    """Return the dtype that needs no look at the values, None where there is none."""
    if kind in (DataType.boolean, *_NUMERIC):
        return dtype_of(kind)
    return None


_NUMERIC = (DataType.integer, DataType.long, DataType.float, DataType.double)


def _cast_for(kind: Kind) -> Cast:
    if isinstance(kind, AnyType):
        return lambda column, _: column
    if not isinstance(kind, DataType):
        return lambda column, name: _nested(column, name, kind)
    if kind in _NUMERIC:
        return lambda column, name: _numeric(column, name, kind)
    return {
        DataType.boolean: _boolean,
        DataType.string: _string,
        DataType.binary: _binary,
        DataType.datetime: _datetime,
    }[kind]


def _numeric(column: pd.Series[Any], name: str, kind: DataType) -> pd.Series[Any]:
    target = dtype_of(kind)
    source = column.dtype
    if pd.api.types.is_bool_dtype(source) or isinstance(source, pd.CategoricalDtype):
        raise _refused(name, kind, source)
    if source.kind == "O":
        found = pd.api.types.infer_dtype(column, skipna=True)
        if found not in ("integer", "floating", "mixed-integer-float", "empty"):
            raise _wrong_value(column, name, kind, int | float | np.number)
        column = _numbers(column, name, kind, mixed=found == "mixed-integer-float")
    elif not pd.api.types.is_numeric_dtype(source) or source.kind == "c":
        raise _refused(name, kind, source)
    null = column.isna().to_numpy()
    if null.any():
        # Integers have no null: optional ones come as doubles with NaN.
        target = target if target.kind == "f" else np.dtype(np.float64)
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        values = column.to_numpy(
            dtype=source.numpy_dtype if hasattr(source, "numpy_dtype") else None
        )
    with np.errstate(all="ignore"):
        cast = values.astype(target)
        kept = _same(cast, values, kind)
    lost = ~kept & ~null
    if lost.any():
        row = int(np.flatnonzero(lost)[0])
        raise SchemaMismatch(
            f"{name}, row {row}: the value (of {values.dtype}) does not fit {kind!r} without loss; "
            f"cast the data before, or log the model with a wider type"
        )
    return pd.Series(cast, index=column.index, name=column.name, copy=False)


def _numbers(column: pd.Series[Any], name: str, kind: DataType, *, mixed: bool) -> pd.Series[Any]:
    """Return a column of Python numbers as a numeric one."""
    if column.isna().all():
        return column.astype(np.float64)
    # Beside floats, or with nulls, integers become doubles, which are exact up to 2**53.
    exact = 1 << 53 if mixed or column.isna().any() else 1 << 63
    for row, value in enumerate(column.tolist()):
        if isinstance(value, int | np.integer) and not -exact <= value < exact:
            raise SchemaMismatch(f"{name}, row {row}: the integer is too large for {kind!r} here")
    return pd.to_numeric(column)


def _same(cast: np.ndarray[Any, Any], values: np.ndarray[Any, Any], kind: DataType) -> Any:
    """Tell per value whether the cast kept it."""
    if kind in (DataType.integer, DataType.long):
        bounds = np.iinfo(np.int32 if kind is DataType.integer else np.int64)
        if values.dtype.kind == "f":
            # 2.0**63 is the first double beyond a long.
            upper = values < float(bounds.max) + 1
            return (values == np.floor(values)) & (values >= float(bounds.min)) & upper
        return (values >= bounds.min) & (values <= bounds.max)
    if values.dtype.kind in "iu":
        widest = 1 << (53 if cast.dtype == np.float64 else 24)
        return (values <= widest) & (values >= -widest if values.dtype.kind == "i" else True)
    return cast.astype(np.float64) == values.astype(np.float64)


def _boolean(column: pd.Series[Any], name: str) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(column.dtype):
        return column
    if column.dtype.kind == "O" and pd.api.types.infer_dtype(column, skipna=True) in (
        "boolean",
        "empty",
    ):
        return column.astype(bool) if not column.isna().any() else column
    if column.dtype.kind == "O":
        raise _wrong_value(column, name, DataType.boolean, bool | np.bool_)
    raise _refused(name, DataType.boolean, column.dtype)


def _string(column: pd.Series[Any], name: str) -> pd.Series[Any]:
    if isinstance(column.dtype, pd.StringDtype):
        return column
    if isinstance(column.dtype, pd.CategoricalDtype):
        _string(pd.Series(column.cat.categories), name)
        return column
    if column.dtype.kind != "O":
        raise _refused(name, DataType.string, column.dtype)
    if pd.api.types.infer_dtype(column, skipna=True) not in ("string", "empty"):
        raise _wrong_value(column, name, DataType.string, str)
    return column


def _binary(column: pd.Series[Any], name: str) -> pd.Series[Any]:
    if column.dtype.kind != "O":
        raise _refused(name, DataType.binary, column.dtype)
    if pd.api.types.infer_dtype(column, skipna=True) not in ("bytes", "empty"):
        raise _wrong_value(column, name, DataType.binary, bytes)
    return column


def _datetime(column: pd.Series[Any], name: str) -> pd.Series[Any]:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    if column.dtype.kind != "O" and not isinstance(column.dtype, pd.StringDtype):
        raise _refused(name, DataType.datetime, column.dtype)
    read = pd.to_datetime(column, errors="coerce", format="ISO8601")
    wrong = (read.isna() & column.notna()).to_numpy()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise SchemaMismatch(
            f"{name}, row {row}: the value is no date; write ISO 8601 (2026-01-31T12:00:00)"
        )
    return read


def _nested(column: pd.Series[Any], name: str, kind: Kind) -> pd.Series[Any]:
    values = [None if _missing(item) else json_types.builtin(item) for item in column.tolist()]
    try:
        msgspec.convert(
            values, json_types.list_of(json_types.of(kind, optional=True, from_json=False))
        )
    except msgspec.ValidationError as error:
        raise json_types.explain(error, f"{name}, ") from None
    return column


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value) or value is pd.NA


def _wrong_value(column: pd.Series[Any], name: str, kind: Kind, types: Any) -> SchemaMismatch:
    """Name the first row whose value is not of ``types``."""
    for row, value in enumerate(column.tolist()):
        wrong = not isinstance(value, types) or (isinstance(value, bool) and types is not bool)
        if wrong and not _missing(value):
            return SchemaMismatch(
                f"{name}, row {row}: expected {kind!r}, got {type(value).__name__}"
            )
    return _refused(name, kind, column.dtype)


def _refused(name: str, kind: Kind, dtype: Any) -> SchemaMismatch:
    return SchemaMismatch(f"{name}: expected {kind!r}, got a column of {dtype}")


def _some(names: Sequence[Any], noun: str) -> str:
    shown = ", ".join(repr(name)[:60] for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"the {noun}{'s' if len(names) > 1 else ''} {shown}{more}" if names else f"no {noun}s"
