"""Rows of frames and arrays as Arrow tables, all or a sample that is always the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstay.errors import BadInput

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

SEED = 20_260_101
"""Of the choice of rows: a sample of the same data is the same."""


def of_frame(df: pd.DataFrame, rows: int | None) -> tuple[pa.Table, int]:
    """Return a pandas frame's rows; cells that Arrow has no type for become text."""
    import pyarrow as pa

    chosen = df if rows is None else df.iloc[sample(len(df), rows)]
    chosen = chosen.set_axis([str(name) for name in chosen.columns], axis=1)
    if not chosen.columns.is_unique:
        raise BadInput("a frame with two columns of one name cannot be kept as Parquet")
    columns = []
    for name in chosen.columns:
        try:
            columns.append(pa.array(chosen[name], from_pandas=True))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            columns.append(pa.array([None if v is None else str(v) for v in chosen[name]]))
    return pa.table(columns, names=list(chosen.columns)), len(df)


def of_arrays(
    arrays: list[tuple[str, np.ndarray[Any, Any]]], rows: int | None
) -> tuple[pa.Table, int]:
    """Return named arrays as columns; of more than one dimension, as tensors.

    Raises: BadInput if they are of different lengths, or hold objects.
    """
    import numpy as np

    lengths = {len(array) if array.ndim else 1 for _, array in arrays}
    if len(lengths) != 1:
        raise BadInput("arrays of different lengths cannot be kept as the columns of one table")
    total = lengths.pop()
    index = None if rows is None else sample(total, rows)
    columns = {}
    for name, array in arrays:
        array = np.atleast_1d(array)
        columns[name] = _column(name, array if index is None else array[index])
    import pyarrow as pa

    return pa.table(columns), total


def of_table(table: pa.Table, rows: int | None) -> tuple[pa.Table, int]:
    """Return an Arrow table's rows."""
    return (table if rows is None else table.take(sample(table.num_rows, rows))), table.num_rows


def sample(total: int, rows: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the places of so many rows, rising; every row where there are no more."""
    import numpy as np

    if rows >= total:
        return np.arange(total)
    return np.sort(np.random.default_rng(SEED).choice(total, rows, replace=False))


def _column(name: str, array: np.ndarray[Any, Any]) -> Any:
    import numpy as np
    import pyarrow as pa

    try:
        if array.ndim == 1:
            return pa.array(array)
        return pa.FixedShapeTensorArray.from_numpy_ndarray(np.ascontiguousarray(array))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError) as error:
        raise BadInput(f"{name} of type {array.dtype} cannot be kept as Parquet: {error}") from None
