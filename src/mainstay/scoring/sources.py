"""Rows from a file, one Arrow batch at a time, so that a file larger than memory can be scored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from mainstay.errors import BadInput, NotFound

Format = Literal["parquet", "csv"]

CSV_BLOCK = 8 << 20
"""Bytes of a CSV file that are read at once."""


def format_of(path: Path) -> Format:
    """Return the format that a file's name tells.

    Raises:
        BadInput: the name ends in none that is known.
    """
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        return "parquet"
    if suffix in (".csv", ".txt"):
        return "csv"
    raise BadInput(f"{path} ends neither in .parquet nor in .csv; give --input-format")


def read(path: Path, *, batch_size: int, kind: Format | None = None) -> Iterator[pa.Table]:
    """Yield the rows of ``path`` in order, at most ``batch_size`` in a batch.

    Fields of a CSV file are left as text: what they mean is the signature's to say, and one bad
    field must not stop the rows beside it. An empty field is a null.

    Raises:
        NotFound: there is no such file.
        BadInput: it is not in this format.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    chosen = kind or format_of(path)
    batches = _parquet(path, batch_size) if chosen == "parquet" else _csv(path)
    try:
        for batch in batches:
            for start in range(0, batch.num_rows, batch_size):
                yield pa.Table.from_batches([batch.slice(start, batch_size)])
    except pa.ArrowInvalid as error:
        raise BadInput(f"{path} cannot be read as {chosen}: {error}") from error


def _parquet(path: Path, batch_size: int) -> Iterator[pa.RecordBatch]:
    with pyarrow.parquet.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=batch_size)


def _csv(path: Path) -> Iterator[pa.RecordBatch]:
    with path.open("rb") as stream:
        names = csv_names(stream.readline())
    with pyarrow.csv.open_csv(
        path,
        read_options=pyarrow.csv.ReadOptions(block_size=CSV_BLOCK),
        convert_options=csv_options(names),
    ) as reader:
        yield from reader


def csv_names(header: bytes) -> list[str]:
    """Return the column names of a CSV header line.

    Raises:
        BadInput: there is none, or it names a column twice.
    """
    if not header.strip():
        raise BadInput("the CSV has no header line; its first line must name the columns")
    try:
        header.decode()
    except UnicodeDecodeError as error:
        raise BadInput("the CSV is not UTF-8 text") from error
    try:
        table = pyarrow.csv.read_csv(pa.BufferReader(header.rstrip(b"\r\n") + b"\n"))
    except pa.ArrowInvalid as error:
        raise BadInput(f"the CSV header cannot be read: {error}") from error
    names: list[str] = table.column_names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(f"the CSV header names {', '.join(twice)} twice")
    return names


def csv_options(names: list[str]) -> pyarrow.csv.ConvertOptions:
    """Return options that read every column as text, and an unquoted empty field as null."""
    return pyarrow.csv.ConvertOptions(
        column_types={name: pa.string() for name in names},
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
    )
