"""Where scores go: Parquet, CSV or JSON lines. A file that is visible is complete.

Each sink writes beside its destination, under a name that begins with a dot; ``finish`` makes the
bytes durable and puts them in place in one step, and ``abandon`` removes them.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Protocol, Self

import msgspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from mainstay.errors import BadInput

Format = Literal["parquet", "csv", "json"]

_SUFFIXES: dict[str, Format] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}


def format_of(path: Path) -> Format:
    """Return the format that a file's name tells. Raises: BadInput."""
    found = _SUFFIXES.get(path.suffix.lower())
    if found is None:
        raise BadInput(f"{path} ends in none of {', '.join(_SUFFIXES)}; give --format")
    return found


class _Writer(Protocol):
    def write(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...


class Sink:
    """One output file. As a context manager it abandons what was not finished.

    ``metadata`` goes into the schema of a Parquet file; other formats have no place for it.
    """

    def __init__(self, path: Path, *, kind: Format, metadata: Mapping[str, str]) -> None:
        self.path = path
        self.rows = 0
        self._kind = kind
        self._metadata = dict(metadata)
        self._part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
        self._stream: BinaryIO | None = None
        self._writer: _Writer | None = None
        if not path.parent.is_dir():
            raise BadInput(f"the folder {path.parent} does not exist; create it first")
        if path.is_dir():
            raise BadInput(f"{path} is a folder; give the name of a file")
        self._stream = self._part.open("wb")

    def write(self, table: pa.Table) -> None:
        """Append rows; the first table fixes names and types.

        Raises:
            BadInput: the types of this table differ from those of the first.
        """
        writer = self._writer or self._open(table.schema)
        try:
            writer.write(table)
        except (pa.ArrowInvalid, ValueError) as error:
            raise BadInput(f"the predictions changed their types on the way: {error}") from error
        self.rows += table.num_rows

    def finish(self, empty: pa.Schema | None = None) -> None:
        """Put the file in place; ``empty`` is the schema of a file without rows."""
        if self._writer is None:
            self._open(empty if empty is not None else pa.schema([]))
        assert self._writer is not None
        assert self._stream is not None
        self._writer.close()
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        self._stream = None
        self._part.replace(self.path)
        _sync_folder(self.path.parent)

    def abandon(self) -> None:
        """Remove what was written; a finished file stays."""
        if self._stream is not None:
            if self._writer is not None:
                self._writer.close()
            self._stream.close()
            self._stream = None
            self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abandon()

    def _open(self, schema: pa.Schema) -> _Writer:
        assert self._stream is not None
        if self._kind == "parquet":
            known = {**(schema.metadata or {}), **{k.encode(): v.encode() for k, v in self._meta}}
            self._writer = _Parquet(self._stream, schema.with_metadata(known))
        elif self._kind == "csv":
            self._writer = pyarrow.csv.CSVWriter(self._stream, schema)
        else:
            self._writer = _JsonLines(self._stream)
        return self._writer

    @property
    def _meta(self) -> list[tuple[str, str]]:
        return list(self._metadata.items())


class _Parquet:
    def __init__(self, stream: BinaryIO, schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pyarrow.parquet.ParquetWriter(stream, schema)

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table.cast(self._schema))

    def close(self) -> None:
        self._writer.close()


class _JsonLines:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, table: pa.Table) -> None:
        encode = msgspec.json.Encoder().encode_lines
        self._stream.write(encode(table.to_pylist()))

    def close(self) -> None:
        """The stream is the sink's to close."""


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def json_text(values: Mapping[str, Any]) -> str:
    """Return a row as JSON text; what JSON lacks is written as text."""
    return msgspec.json.encode(dict(values), enc_hook=str).decode()
