"""Arrow rows to the DataFrame a model takes, and predictions to Arrow columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mainstay.errors import BadInput, SchemaMismatch
from mainstay.packaging.signature import Schema
from mainstay.packaging.types import ColSpec, DataType

_NUMBERS = {
    DataType.integer: (pa.int64(), pa.float64()),
    DataType.long: (pa.int64(), pa.float64()),
    DataType.float: (pa.float64(),),
    DataType.double: (pa.float64(),),
    DataType.boolean: (pa.bool_(),),
}
_NOUNS = {
    DataType.integer: "an integer",
    DataType.long: "an integer",
    DataType.float: "a number",
    DataType.double: "a number",
    DataType.boolean: "true or false",
}


def read_text(rows: pa.Table, schema: Schema | None) -> pa.Table:
    """Return the text of a CSV read as what ``schema`` says it means.

    Without a schema, a column is read as numbers where all its fields are numbers.
    Raises: SchemaMismatch, naming the column and the first row, never the value.
    """
    kinds = _kinds(schema)
    columns = [
        _guess(column) if schema is None else _read(column, name, kinds.get(name))
        for name, column in zip(rows.schema.names, rows.columns, strict=True)
    ]
    return pa.table(columns, names=rows.schema.names)


def check_nulls(rows: pa.Table, schema: Schema | None) -> None:
    """Refuse nulls, NaN included, in columns that the model requires; JSON bodies may have none.

    Raises: SchemaMismatch, naming the column and the first row.
    """
    if schema is None or schema.is_tensor_spec():
        return
    for name in schema.required_input_names():
        at = rows.schema.get_field_index(str(name))
        if at >= 0:
            _refuse_nulls(rows.column(at), str(name))


def frame(rows: pa.Table) -> pd.DataFrame:
    """Return the rows as a DataFrame; integers with nulls become doubles with NaN."""
    made: pd.DataFrame = rows.to_pandas(date_as_object=False)
    return made


def predictions(values: Any, rows: int) -> pa.Table:
    """Return predictions as columns: ``prediction``, ``prediction_0`` …, or a frame's own names.

    Raises:
        BadInput: the model did not give one prediction a row.
    """
    columns = _columns(values)
    lengths = {len(column) for column in columns.values()}
    if lengths != {rows}:
        got = ", ".join(str(length) for length in sorted(lengths)) or "none"
        raise BadInput(f"the model gave {got} predictions for {rows} rows; scoring needs one a row")
    return pa.table({name: _array(column) for name, column in columns.items()})


def _columns(values: Any) -> Mapping[str, Any]:
    if isinstance(values, pd.DataFrame):
        return {str(name): values.iloc[:, at] for at, name in enumerate(values.columns)}
    if isinstance(values, pd.Series):
        return {"prediction" if values.name is None else str(values.name): values}
    if isinstance(values, Mapping):
        return {str(name): column for name, column in values.items()}
    array = values.toarray() if hasattr(values, "toarray") else values
    if isinstance(array, np.ndarray) and array.ndim == 2:
        return {f"prediction_{at}": array[:, at] for at in range(array.shape[1])}
    if isinstance(array, np.ndarray) and array.ndim > 2:
        return {"prediction": array.tolist()}
    return {"prediction": array if np.ndim(array) else [array]}


def _array(column: Any) -> pa.Array:
    try:
        if isinstance(column, np.ndarray) and column.dtype.kind not in "biuf":
            column = column.tolist()
        # from_pandas False: NaN is a prediction, not a missing one.
        found = pa.array(column, from_pandas=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise BadInput(f"the predictions cannot be written as a column: {error}") from error
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _kinds(schema: Schema | None) -> dict[str, DataType]:
    if schema is None or schema.is_tensor_spec():
        return {}
    return {
        str(column.name): column.type
        for column in schema
        if isinstance(column, ColSpec) and isinstance(column.type, DataType)
    }


def _read(column: pa.Array, name: str, kind: DataType | None) -> pa.Array:
    if kind is None or kind not in _NUMBERS:
        return column
    found = _cast(column, _NUMBERS[kind])
    if found is None:
        row = _first_bad(column, _NUMBERS[kind])
        raise SchemaMismatch(f"column {name!r}, row {row}: expected {_NOUNS[kind]}")
    if pa.types.is_floating(found.type):
        _refuse_infinity(found, name)
    return found


def _refuse_nulls(column: pa.ChunkedArray, name: str) -> None:
    nulls = pc.is_null(column, nan_is_null=pa.types.is_floating(column.type))
    row = pc.index(nulls, True).as_py()
    if row >= 0:
        raise SchemaMismatch(f"column {name!r}, row {row}: the model requires a value, got none")


def _refuse_infinity(column: pa.ChunkedArray, name: str) -> None:
    row = pc.index(pc.is_inf(column), True).as_py()
    if row >= 0:
        raise SchemaMismatch(f"column {name!r}, row {row}: expected a finite number")


def _guess(column: pa.Array) -> pa.Array:
    found = _cast(column, (pa.int64(), pa.float64()))
    return column if found is None else found


def _cast(column: pa.Array, types: Sequence[pa.DataType]) -> pa.Array | None:
    trimmed = pc.utf8_trim_whitespace(column)
    for type_ in types:
        try:
            return pc.cast(trimmed, type_)
        except pa.ArrowInvalid:
            continue
    return None


def _first_bad(column: pa.Array, types: Sequence[pa.DataType]) -> int:
    """Halve until one row is left that cannot be cast."""
    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        if _cast(column.slice(low, middle - low), types) is None:
            high = middle
        else:
            low = middle
    return low
