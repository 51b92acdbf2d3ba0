"""Frames and arrays as data sets with a digest.

The digest is of the content (every value, the names and the types), so that two runs on the same
data say the same. Schema and profile are JSON texts, as in MLflow.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstay.data import arrow
from mainstay.data.source import source_of
from mainstay.entities.inputs import Dataset
from mainstay.errors import BadInput

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DIGEST_LENGTH = 16
"""Hex digits kept of the SHA-256; MLflow allows 36 characters."""

PROFILE_COLUMNS = 200
"""Columns whose profile is kept; a wider table has that of its first ones."""


class LoggableDataset:
    """A data set to log with ``mainstay.log_input``; the data themselves stay where they are."""

    def __init__(
        self,
        record: Dataset,
        data: Any,
        *,
        targets: Any = None,
        rows: Callable[[int | None], tuple[Any, int]] | None = None,
    ) -> None:
        """``rows`` returns all rows, or so many, as an Arrow table, and how many there are."""
        self.record = record
        self.df = data
        self.targets = targets
        self._rows = rows

    @property
    def name(self) -> str:
        """Its name."""
        return self.record.name

    @property
    def digest(self) -> str:
        """The first hex digits of the SHA-256 of its content."""
        return self.record.digest

    def with_record(self, record: Dataset) -> LoggableDataset:
        """Return the same data under another record."""
        return LoggableDataset(record, self.df, targets=self.targets, rows=self._rows)

    def write_parquet(self, file: Path, rows: int | None = None) -> tuple[int, int]:
        """Write all rows, or a sample of them, and return how many were written and how many are.

        The same data make the same file, byte by byte, under one version of pyarrow.
        Raises: BadInput if they are of a kind that has no columns.
        """
        if self._rows is None:
            raise BadInput(f"data of the kind of {self.name!r} cannot be written as Parquet")
        import pyarrow.parquet

        table, total = self._rows(rows)
        pyarrow.parquet.write_table(table, file, compression="zstd")
        return table.num_rows, total

    def __repr__(self) -> str:
        return f"<dataset {self.name}@{self.digest}>"


def from_pandas(
    df: pd.DataFrame,
    source: Any = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> LoggableDataset:
    """Describe a frame. ``source`` is where it was read from: a path or an address.

    Raises: BadInput if ``targets`` or ``predictions`` is not one of its columns.
    """
    for column in (targets, predictions):
        if column is not None and column not in df.columns:
            known = ", ".join(map(str, list(df.columns)[:20]))
            raise BadInput(f"the data set has no column {column!r}; it has {known}")
    kind, where = source_of(source)
    record = Dataset(
        name=name or "dataset",
        digest=digest or digest_frame(df),
        source_type=kind,
        source=where,
        schema=frame_schema(df),
        profile=_frame_profile(df),
    )
    return LoggableDataset(record, df, targets=targets, rows=partial(arrow.of_frame, df))


def from_numpy(
    features: Any,
    source: Any = None,
    targets: Any = None,
    name: str | None = None,
    digest: str | None = None,
) -> LoggableDataset:
    """Describe an array, or a dict of arrays by name, with its targets."""
    import numpy as np

    arrays = _arrays("features", features) + _arrays("targets", targets)
    kind, where = source_of(source)
    record = Dataset(
        name=name or "dataset",
        digest=digest or digest_arrays(arrays),
        source_type=kind,
        source=where,
        schema=json.dumps(
            {
                "mlflow_tensorspec": {
                    key: {"type": str(array.dtype), "shape": [-1, *array.shape[1:]]}
                    for key, array in arrays
                }
            }
        ),
        profile=json.dumps(
            {key: {"shape": list(a.shape), "num_elements": int(np.size(a))} for key, a in arrays}
        ),
    )
    return LoggableDataset(record, features, targets=targets, rows=partial(arrow.of_arrays, arrays))


def of_fit(features: Any, targets: Any, *, name: str = "dataset") -> LoggableDataset:
    """Describe what an estimator is fitted on, whatever container it is in."""
    if hasattr(features, "columns") and hasattr(features, "dtypes"):
        described = from_pandas(features, name=name)
        if targets is None:
            return described
        import numpy as np

        # The same features with other labels are other data.
        both = [
            ("features", described.digest),
            ("targets", digest_arrays([("targets", np.asarray(targets))])),
        ]
        digest = hashlib.sha256(json.dumps(both).encode()).hexdigest()[:DIGEST_LENGTH]
        return from_pandas(features, name=name, digest=digest)
    if hasattr(features, "tocsr"):
        matrix = features.tocsr()
        return from_numpy(
            {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr},
            targets=targets,
            name=name,
        )
    return from_numpy(features, targets=targets, name=name)


def digest_frame(df: pd.DataFrame) -> str:
    """Return the digest of a frame: names, types and every value, in order; not the index."""
    from pandas.util import hash_pandas_object

    digest = hashlib.sha256()
    for column in df.columns:
        values = df[column]
        digest.update(f"{column}\x00{values.dtype}\x00{len(values)}\x00".encode())
        try:
            hashed = hash_pandas_object(values, index=False)
        except TypeError:  # lists and dicts in cells
            hashed = hash_pandas_object(values.map(repr), index=False)
        digest.update(hashed.to_numpy().tobytes())
    return digest.hexdigest()[:DIGEST_LENGTH]


def digest_arrays(arrays: list[tuple[str, np.ndarray[Any, Any]]]) -> str:
    """Return the digest of named arrays: names, types, shapes and every value."""
    import numpy as np

    digest = hashlib.sha256()
    for key, array in arrays:
        digest.update(f"{key}\x00{array.dtype}\x00{array.shape}\x00".encode())
        if array.dtype.hasobject:
            digest.update(repr(array.tolist()).encode())
        else:
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:DIGEST_LENGTH]


def _arrays(key: str, value: Any) -> list[tuple[str, np.ndarray[Any, Any]]]:
    import numpy as np

    if value is None:
        return []
    if isinstance(value, dict):
        return [(f"{key}.{name}", np.asarray(item)) for name, item in sorted(value.items())]
    return [(key, np.asarray(value))]


def frame_schema(df: pd.DataFrame) -> str:
    """Return names and types of a frame's columns as JSON, MLflow's form."""
    columns = [
        {"type": _type(df[name].dtype), "name": str(name), "required": not df[name].isna().any()}
        for name in df.columns
        if df.columns.is_unique
    ]
    for column in columns:
        column["required"] = bool(column["required"])
    return json.dumps({"mlflow_colspec": columns})


def _type(dtype: Any) -> str:
    """Return MLflow's name of a column type."""
    kind, size = getattr(dtype, "kind", "O"), getattr(dtype, "itemsize", 8)
    return {
        "b": "boolean",
        "i": "integer" if size <= 4 else "long",
        "u": "integer" if size < 4 else "long",
        "f": "float" if size <= 4 else "double",
        "M": "datetime",
    }.get(kind, "string")


def _frame_profile(df: pd.DataFrame) -> str:
    """Return rows, columns, and of each column its nulls and, if numeric, its range and mean."""
    columns: dict[str, dict[str, Any]] = {}
    if df.columns.is_unique:
        for name in list(df.columns)[:PROFILE_COLUMNS]:
            values = df[name]
            columns[str(name)] = {"nulls": int(values.isna().sum())}
            if getattr(values.dtype, "kind", "O") in "iuf" and len(values.dropna()):
                low, high, mean = float(values.min()), float(values.max()), float(values.mean())
                columns[str(name)] |= {"min": low, "max": high, "mean": mean}
    return json.dumps({"num_rows": len(df), "num_elements": int(df.size), "columns": columns})
