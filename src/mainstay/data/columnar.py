"""Data sets of other libraries: polars and Hugging Face."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mainstay.capture.data import revision as hub_revision
from mainstay.data import arrow
from mainstay.data.tables import DIGEST_LENGTH, LoggableDataset, frame_schema, from_pandas
from mainstay.entities.inputs import Dataset
from mainstay.errors import BadInput

SCHEMA_ROWS = 1000
"""Rows that the column types of a Hugging Face data set are read from."""


def from_polars(
    df: Any,
    source: Any = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> LoggableDataset:
    """Describe a polars frame: as the same rows in a pandas frame, so that the digest is the same.

    Raises: BadInput if ``targets`` or ``predictions`` is not one of its columns.
    """
    described = from_pandas(df.to_pandas(), source, targets, name, digest, predictions)
    return LoggableDataset(
        described.record,
        df,
        targets=targets,
        rows=lambda rows: arrow.of_table(df.to_arrow(), rows),
    )


def from_huggingface(
    ds: Any,
    path: str | None = None,
    targets: str | None = None,
    data_dir: str | None = None,
    data_files: Any = None,
    revision: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    trust_remote_code: bool | None = None,  # noqa: ARG001 - MLflow's name
    source: Any = None,
) -> LoggableDataset:
    """Describe a Hugging Face data set; ``path`` and ``revision`` say where on the hub it is.

    The digest is the fingerprint that the library itself keeps of the content and of what was done
    to it. Raises: BadInput if ``targets`` is not one of its columns.
    """
    columns = list(ds.column_names)
    if targets is not None and targets not in columns:
        raise BadInput(f"the data set has no column {targets!r}; it has {', '.join(columns[:20])}")
    made = f"{ds._fingerprint} {ds.features}"
    where: dict[str, Any] = {"path": path or str(source or ds.info.dataset_name or "")}
    revision = revision or hub_revision(ds.info.download_checksums)
    given = {"data_dir": data_dir, "data_files": data_files, "revision": revision}
    where |= {key: value for key, value in given.items() if value is not None}
    sample = ds.select(range(min(len(ds), SCHEMA_ROWS))).to_pandas()
    record = Dataset(
        name=name or path or "dataset",
        digest=digest or hashlib.sha256(made.encode()).hexdigest()[:DIGEST_LENGTH],
        source_type="hugging_face",
        source=json.dumps(where),
        schema=frame_schema(sample),
        profile=json.dumps({"num_rows": len(ds), "dataset_size": ds.dataset_size}),
    )

    def rows_of(rows: int | None) -> tuple[Any, int]:
        chosen = ds if rows is None else ds.select(arrow.sample(len(ds), rows))
        return chosen.with_format("arrow")[:], len(ds)

    return LoggableDataset(record, ds, targets=targets, rows=rows_of)
