"""The rows that models are measured on: read, split from their targets, and known by a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mainstay.errors import BadInput, NotFound

READERS: dict[str, Callable[[Path], Any]] = {
    ".parquet": pd.read_parquet,
    ".csv": pd.read_csv,
    ".jsonl": lambda path: pd.read_json(path, lines=True),
    ".json": pd.read_json,
}


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """Rows, their targets, and the digest of both (hex; see ``digest``)."""

    rows: pd.DataFrame
    targets: np.ndarray[Any, Any]
    digest: str

    def __len__(self) -> int:
        return len(self.rows)


def make(data: Any, targets: Any) -> Dataset:
    """Make a data set of a DataFrame, an array or a file, and its targets.

    ``targets`` is the name of the column of ``data`` that holds them, or one value a row.

    Raises:
        NotFound: the file is not there.
        BadInput: it cannot be read, has no rows, no such column, or another number of targets.
    """
    if isinstance(data, (str, Path)):
        data = read(Path(data))
    rows = data if isinstance(data, pd.DataFrame) else pd.DataFrame(np.asarray(data))
    rows = rows.rename(columns=str)
    if isinstance(targets, str):
        if targets not in rows.columns:
            known = ", ".join(map(str, rows.columns))
            raise BadInput(f"the data have no column {targets!r} of targets; columns: {known}")
        values = rows[targets].to_numpy()
        rows = rows.drop(columns=targets)
    else:
        values = np.asarray(targets).ravel()
    if len(rows) == 0:
        raise BadInput("the data have no rows; there is nothing to measure on")
    if len(values) != len(rows):
        raise BadInput(f"there are {len(rows)} rows but {len(values)} targets")
    rows = rows.reset_index(drop=True)
    return Dataset(rows=rows, targets=values, digest=digest(rows, values))


def read(path: Path) -> pd.DataFrame:
    """Read a Parquet, CSV or JSON file, told by the end of its name.

    Raises:
        NotFound: it is not there. BadInput: another end, or it cannot be read.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path}: expected a name that ends with {', '.join(READERS)}")
    try:
        found = reader(path)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
    except (ValueError, OSError) as error:
        raise BadInput(f"{path} cannot be read as {path.suffix[1:]}: {error}") from error
    if not isinstance(found, pd.DataFrame):
        raise BadInput(f"{path} holds no table of rows")
    return found


def digest(rows: pd.DataFrame, targets: np.ndarray[Any, Any]) -> str:
    """Return the SHA-256 over names, types and values of columns and targets, in order; 32 hex."""
    total = hashlib.sha256()
    for name, column in [*rows.items(), ("", pd.Series(targets))]:
        total.update(f"{name}\0{column.dtype}\0".encode())
        hashes = pd.util.hash_pandas_object(_hashable(column), index=False)
        total.update(hashes.to_numpy().tobytes())
    return total.hexdigest()[:32]


def _hashable(column: pd.Series[Any]) -> pd.Series[Any]:
    if column.dtype != object:
        return column
    # Lists and other values that cannot be hashed are known by what they print.
    return column.map(lambda value: value if isinstance(value, str) else repr(value))
