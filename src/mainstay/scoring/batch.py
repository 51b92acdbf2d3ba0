"""Score a file: its rows through the model, batch by batch, to a file that appears complete."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from mainstay.errors import BadInput, MainstayError, SchemaMismatch
from mainstay.models.predictor import PyFuncModel
from mainstay.scoring import sinks, sources, tables
from mainstay.scoring.sinks import Sink

BATCH_SIZE = 20_000


class RowNotScored(MainstayError):
    """A row cannot be scored."""

    code = "INVALID_PARAMETER_VALUE"
    status = 400


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """What was done. ``seconds`` are those of reading, predicting and writing together."""

    rows: int
    rejected: int
    seconds: float


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to score, and where to.

    ``source`` is Parquet or CSV; ``destination`` Parquet, CSV or JSON lines; both are told by the
    file's name unless a format is given. ``keep`` names input columns that are written beside the
    predictions. With ``rejects`` the rows that cannot be scored go there with the reason, and
    the output gets a column ``row``, the row's number in the input from 0; without, the first of
    them ends the job and nothing is written.
    """

    source: Path
    destination: Path
    source_format: sources.Format | None = None
    format: sinks.Format | None = None
    rejects: Path | None = None
    keep: tuple[str, ...] = ()
    batch_size: int = BATCH_SIZE
    metadata: dict[str, str] = {}


def score(
    model: PyFuncModel, job: Job, *, progress: Callable[[int], None] = lambda _: None
) -> Scored:
    """Score the rows of a file; ``progress`` is told how many rows are done.

    Raises:
        NotFound, BadInput: the source cannot be read, or the destination not be written.
        RowNotScored: a row cannot be scored, and no place for rejects was given.
    """
    start = time.monotonic()
    scorer = _Scorer(model, job)
    with (
        Sink(
            job.destination,
            kind=job.format or sinks.format_of(job.destination),
            metadata=job.metadata,
        ) as output,
        _Rejects(job.rejects) as rejects,
    ):
        done = 0
        for rows in sources.read(job.source, batch_size=job.batch_size, kind=job.source_format):
            _check_kept(rows, job)
            for piece in scorer.score(rows, done):
                if isinstance(piece, pa.Table):
                    output.write(piece)
                else:
                    rejects.add(piece)
            done += rows.num_rows
            progress(done)
        rejects.finish()
        output.finish()
    return Scored(rows=output.rows, rejected=rejects.count, seconds=time.monotonic() - start)


class Rejected(msgspec.Struct, frozen=True):
    """A row that cannot be scored: its number from 0, why, and its values."""

    row: int
    reason: str
    values: dict[str, Any]


class _Scorer:
    """Predicts batches, and halves those that fail until the rows that are to blame are found."""

    def __init__(self, model: PyFuncModel, job: Job) -> None:
        self._model = model
        self._job = job
        self._is_text = (job.source_format or sources.format_of(job.source)) == "csv"
        self._schema = model.signature.inputs if model.signature is not None else None

    def score(self, rows: pa.Table, first: int) -> Iterator[pa.Table | Rejected]:
        """Yield scored rows and rejects, in order; ``first`` is the number of the first row."""
        try:
            typed = tables.read_text(rows, self._schema) if self._is_text else rows
            tables.check_nulls(typed, self._schema)
            data = self._model.decoder.fit(tables.frame(typed))
            predicted = self._model.predict(data)
        except Exception as error:  # noqa: BLE001 - whatever a model raises belongs to its row
            yield from self._smaller(rows, first, error)
            return
        yield self._assembled(typed, tables.predictions(predicted, rows.num_rows), first)

    def _smaller(
        self, rows: pa.Table, first: int, error: Exception
    ) -> Iterator[pa.Table | Rejected]:
        """Halve what failed; a single row is to blame."""
        if rows.num_rows > 1:
            half = rows.num_rows // 2
            yield from self.score(rows.slice(0, half), first)
            yield from self.score(rows.slice(half), first + half)
            return
        reason = _reason(error)
        if self._job.rejects is None:
            raise RowNotScored(
                f"row {first} of {self._job.source} cannot be scored: {reason}; nothing was "
                "written. With --rejects FILE such rows go there, and the others are scored"
            ) from error
        yield Rejected(first, reason, rows.to_pylist()[0])

    def _assembled(self, typed: pa.Table, scored: pa.Table, first: int) -> pa.Table:
        kept = {name: typed.column(name) for name in self._job.keep}
        columns = {name: scored.column(name) for name in scored.column_names}
        numbers = {}
        if self._job.rejects is not None:
            numbers["row"] = pa.array(range(first, first + scored.num_rows), pa.int64())
        twice = sorted((kept.keys() | numbers.keys()) & columns.keys())
        if twice:
            raise BadInput(
                f"the predictions have a column {twice[0]!r} too; leave out --keep of it"
            )
        return pa.table({**numbers, **kept, **columns})


class _Rejects:
    """The file of rejects; it is made when the first one comes, or not at all."""

    def __init__(self, path: Path | None) -> None:
        self.count = 0
        self._path = path
        self._sink: Sink | None = None

    def add(self, rejected: Rejected) -> None:
        """Write one row: its number, the reason, and its values as JSON text."""
        assert self._path is not None
        if self._sink is None:
            self._sink = Sink(self._path, kind=sinks.format_of(self._path), metadata={})
        row = {
            "row": rejected.row,
            "reason": rejected.reason,
            "values": sinks.json_text(rejected.values),
        }
        self._sink.write(pa.Table.from_pylist([row]))
        self.count += 1

    def finish(self) -> None:
        """Put the file in place; one of an earlier job that had the same name goes."""
        if self._sink is not None:
            self._sink.finish()
        elif self._path is not None:
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> _Rejects:
        return self

    def __exit__(self, *_: object) -> None:
        if self._sink is not None:
            self._sink.abandon()


def _reason(error: Exception) -> str:
    if isinstance(error, SchemaMismatch):
        return error.message.replace(", row 0", "")  # a row of its own batch; the caller's is named
    if isinstance(error, MainstayError):
        return error.message
    return f"the model raised {type(error).__name__}: {error}"


def _check_kept(rows: pa.Table, job: Job) -> None:
    for name in job.keep:
        if name not in rows.column_names:
            raise BadInput(f"--keep names {name!r}; the input has {', '.join(rows.column_names)}")
