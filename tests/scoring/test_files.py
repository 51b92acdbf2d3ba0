"""Files are read batch by batch, and written so that what is visible is complete."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from mainstay.errors import BadInput, NotFound, SchemaMismatch
from mainstay.packaging.signature import ColSpec, DataType, Schema
from mainstay.scoring import sinks, sources, tables
from mainstay.scoring.sinks import Sink

TABLE = pa.table({"a": [1, 2, 3, 4, 5], "b": ["x", "", None, "ü", "z"]})


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_rows_come_in_order_in_batches_of_the_size_asked(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rows.{suffix}"
    if suffix == "parquet":
        pq.write_table(TABLE, path)
    else:
        pyarrow.csv.write_csv(TABLE, path)
    batches = list(sources.read(path, batch_size=2))
    assert [batch.num_rows for batch in batches] == [2, 2, 1]
    whole = pa.concat_tables(batches)
    assert [str(value) for value in whole.column("a").to_pylist()] == ["1", "2", "3", "4", "5"]
    assert whole.column("b").to_pylist() == ["x", "", None, "ü", "z"]


def test_a_source_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no\.csv"):
        next(sources.read(tmp_path / "no.csv", batch_size=1))
    (tmp_path / "rows.parquet").write_bytes(b"PAR1 no parquet")
    with pytest.raises(BadInput, match="cannot be read as parquet"):
        next(sources.read(tmp_path / "rows.parquet", batch_size=1))
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(BadInput, match="header"):
        next(sources.read(tmp_path / "empty.csv", batch_size=1))
    (tmp_path / "twice.csv").write_bytes(b"a,b,a\n1,2,3\n")
    with pytest.raises(BadInput, match="a twice"):
        next(sources.read(tmp_path / "twice.csv", batch_size=1))
    (tmp_path / "ragged.csv").write_bytes(b"a,b\n1,2\n3\n")
    with pytest.raises(BadInput, match="cannot be read as csv"):
        list(sources.read(tmp_path / "ragged.csv", batch_size=1))
    with pytest.raises(BadInput, match="input-format"):
        sources.format_of(tmp_path / "rows.xlsx")


@pytest.mark.parametrize("kind", ["parquet", "csv", "json"])
def test_an_output_appears_whole_or_not_at_all(tmp_path: Path, kind: sinks.Format) -> None:
    path = tmp_path / f"scores.{kind}"
    with Sink(path, kind=kind, metadata={}) as sink:
        sink.write(TABLE)
        assert not path.exists()
    assert list(tmp_path.iterdir()) == []
    with Sink(path, kind=kind, metadata={}) as sink:
        sink.write(TABLE)
        sink.write(TABLE)
        sink.finish()
    assert list(tmp_path.iterdir()) == [path]
    if kind == "parquet":
        assert pq.read_table(path).num_rows == 10
    elif kind == "csv":
        assert len(path.read_text().splitlines()) == 11
    else:
        assert json.loads(path.read_text().splitlines()[3]) == {"a": 4, "b": "ü"}


def test_an_earlier_output_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("before")
    with Sink(path, kind="csv", metadata={}) as sink:
        sink.write(TABLE)
        assert path.read_text() == "before"
        sink.finish()
    assert path.read_text().startswith('"a"')


def test_parquet_carries_the_metadata_in_its_schema(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    with Sink(path, kind="parquet", metadata={"mainstay.version": "7"}) as sink:
        sink.write(TABLE)
        sink.finish()
    assert pq.read_schema(path).metadata[b"mainstay.version"] == b"7"


def test_a_destination_that_cannot_be_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        Sink(tmp_path / "none" / "scores.csv", kind="csv", metadata={})
    with pytest.raises(BadInput, match="is a folder"):
        Sink(tmp_path, kind="csv", metadata={})


SCHEMA = Schema(
    [
        ColSpec(DataType.long, "n"),
        ColSpec(DataType.double, "x"),
        ColSpec(DataType.boolean, "b"),
        ColSpec(DataType.string, "s"),
    ]
)


def test_text_is_read_as_what_the_signature_says() -> None:
    rows = pa.table({"n": ["1", " 2"], "x": ["1", "2.5"], "b": ["true", "false"], "s": ["7", "8"]})
    typed = tables.read_text(rows, SCHEMA)
    assert typed.to_pydict() == {
        "n": [1, 2],
        "x": [1.0, 2.5],
        "b": [True, False],
        "s": ["7", "8"],
    }


@pytest.mark.parametrize(("column", "text"), [("n", "two"), ("x", "1,5"), ("b", "yes")])
def test_text_that_is_none_of_it_is_named_by_column_and_row(column: str, text: str) -> None:
    good = {"n": "1", "x": "1", "b": "true", "s": "a"}
    rows = pa.Table.from_pylist([good] * 6 + [{**good, column: text}] + [good] * 6)
    with pytest.raises(SchemaMismatch, match=f"column '{column}', row 6") as raised:
        tables.read_text(rows, SCHEMA)
    assert text not in raised.value.message


def test_without_a_signature_columns_of_numbers_are_numbers() -> None:
    rows = pa.table({"n": ["1", "2"], "x": ["1", "2.5"], "s": ["7", "y"]})
    typed = tables.read_text(rows, None)
    assert typed.to_pydict() == {"n": [1, 2], "x": [1.0, 2.5], "s": ["7", "y"]}


def test_predictions_become_columns() -> None:
    assert tables.predictions(np.array([1.5, 2.5]), 2).to_pydict() == {"prediction": [1.5, 2.5]}
    wide = tables.predictions(np.array([[1, 2], [3, 4]]), 2)
    assert wide.to_pydict() == {"prediction_0": [1, 3], "prediction_1": [2, 4]}
    frame = pd.DataFrame({"p": [0.1, 0.9], "label": ["no", "yes"]}, index=[7, 8])
    assert tables.predictions(frame, 2).to_pydict() == {"p": [0.1, 0.9], "label": ["no", "yes"]}
    named = pd.Series([1, 2], name="score")
    assert tables.predictions(named, 2).to_pydict() == {"score": [1, 2]}
    assert tables.predictions(["no", "yes"], 2).to_pydict() == {"prediction": ["no", "yes"]}
    nan = tables.predictions(np.array([np.nan]), 1).column("prediction")
    assert nan.null_count == 0


def test_a_model_that_gives_other_than_one_prediction_a_row_is_refused() -> None:
    with pytest.raises(BadInput, match="gave 1 predictions for 2 rows"):
        tables.predictions(np.array([1.0]), 2)


def test_nulls_are_refused_where_the_model_requires_a_value() -> None:
    rows = pa.table({"n": [1, 2, None], "x": [1.0, float("nan"), 2.0], "s": ["a", "b", "c"]})
    with pytest.raises(SchemaMismatch, match="column 'n', row 2"):
        tables.check_nulls(rows, SCHEMA)
    with pytest.raises(SchemaMismatch, match="column 'x', row 1"):
        tables.check_nulls(rows.drop_columns("n"), SCHEMA)
    optional = Schema([ColSpec(DataType.long, "n", required=False)])
    tables.check_nulls(rows, optional)


def test_infinity_in_a_csv_is_no_number() -> None:
    schema = Schema([ColSpec(DataType.double, "x")])
    with pytest.raises(SchemaMismatch, match="column 'x', row 1: expected a finite number"):
        tables.read_text(pa.table({"x": ["1", "1e999"]}), schema)
