"""Data sets of Spark and TensorFlow: digests of content, schemas, sources and snapshots."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mainstay
from mainstay import data
from mainstay.capture import data as captured
from mainstay.errors import BadInput
from tests.support.face import fresh_face
from tests.support.parts import library

ROWS = [(1, "a", 2.0, True), (2, None, 3.5, False), (3, "c", 4.0, None)]
COLUMNS = "i int, s string, x double, b boolean"


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A local Spark session."""
    library("pyspark")
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture
def face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    yield from fresh_face(f"sqlite:///{tmp_path}/mainstay.db", tmp_path, monkeypatch)


def test_the_same_spark_rows_in_any_order_have_one_digest(spark: Any) -> None:
    frame = spark.createDataFrame(ROWS, COLUMNS)
    digest = data.from_spark(frame).digest
    again = spark.createDataFrame(ROWS[::-1], COLUMNS).repartition(3)
    assert data.from_spark(again).digest == digest
    others = [
        spark.createDataFrame([*ROWS[:2], (3, "c", 4.0, False)], COLUMNS),
        spark.createDataFrame([*ROWS, ROWS[0]], COLUMNS),
        spark.createDataFrame(ROWS, COLUMNS.replace("s string", "t string")),
        spark.createDataFrame([(row[0], *row[1:]) for row in ROWS], COLUMNS.replace("int", "long")),
    ]
    assert len({digest, *(data.from_spark(one).digest for one in others)}) == 5
    maps = spark.createDataFrame([({"a": 1}, [1, 2])], "m map<string,int>, l array<int>")
    assert data.from_spark(maps).digest


def test_a_spark_frame_says_where_it_is_from(spark: Any, tmp_path: Path) -> None:
    frame = spark.createDataFrame(ROWS, COLUMNS)
    path = str(tmp_path / "rows.parquet")
    frame.write.parquet(path)
    record = data.from_spark(spark.read.parquet(path), path=path, targets="x", name="rows").record
    assert (record.source_type, json.loads(record.source)) == ("spark", {"path": path})
    columns = json.loads(record.schema or "")["mlflow_colspec"]
    assert [one["type"] for one in columns] == ["integer", "string", "double", "boolean"]
    assert json.loads(record.profile or "")["num_rows"] == 3
    assert captured.trouble(record) is None
    query = data.from_spark(frame, sql="SELECT 1", digest="mine").record
    assert (json.loads(query.source), query.digest) == ({"sql": "SELECT 1"}, "mine")
    assert data.from_spark(frame).record.source_type == "code"
    with pytest.raises(BadInput, match="path and sql are given"):
        data.from_spark(frame, path=path, sql="SELECT 1")
    with pytest.raises(BadInput, match="no Delta table"):
        data.from_spark(frame, path=path, version="1")
    with pytest.raises(BadInput, match="no column 'z'; it has i, s"):
        data.from_spark(frame, targets="z")


def test_a_path_with_a_delta_log_is_that_version_of_the_table(spark: Any, tmp_path: Path) -> None:
    log = tmp_path / "table" / "_delta_log"
    log.mkdir(parents=True)
    for version in range(3):
        (log / f"{version:020}.json").write_text("{}")
    frame = spark.createDataFrame(ROWS, COLUMNS)
    record = data.from_spark(frame, path=str(tmp_path / "table")).record
    assert record.source_type == "delta_table"
    assert captured.version(record) == "delta:2"
    older = data.from_spark(frame, path=str(tmp_path / "table"), version="1").record
    assert captured.version(older) == "delta:1"
    named = data.from_spark(frame, table_name="db.t", version="4").record
    assert captured.version(named) == "delta:4"


@pytest.mark.usefixtures("face")
def test_a_spark_frame_is_kept(spark: Any) -> None:
    frame = spark.createDataFrame([(n,) for n in range(500)], "n int")
    with mainstay.start_run() as run:
        mainstay.log_input(data.from_spark(frame, name="all"), snapshot=True)
        mainstay.log_input(data.from_spark(frame, name="some"), snapshot="sample:20")
    assert data.load_snapshot(run.info.run_id, "all").num_rows == 500
    assert data.load_snapshot(run.info.run_id, "some").num_rows == 20
    tags = mainstay.get_run(run.info.run_id).inputs.dataset_inputs[1].tags
    assert tags["mainstay.data.snapshot.rows"] == "20 of 500"


def test_tensors_have_the_digest_of_their_values() -> None:
    tf = library("tensorflow")
    values = np.arange(6.0, dtype=np.float32).reshape(3, 2)
    found = data.from_tensorflow(tf.constant(values), targets=tf.constant([1, 0, 1]), name="t")
    schema = json.loads(found.record.schema or "")["mlflow_tensorspec"]
    assert schema["features"] == {"type": "float32", "shape": [-1, 2]}
    assert data.from_tensorflow(tf.constant(values)).digest == data.from_numpy(values).digest
    assert data.from_tensorflow(tf.constant(values + 1)).digest != data.from_numpy(values).digest
    with pytest.raises(BadInput, match="from_numpy describes arrays"):
        data.from_tensorflow(values)


def test_a_pipeline_has_the_digest_of_what_it_gives(face: str) -> None:
    tf = library("tensorflow")
    values, labels = np.arange(6.0).reshape(3, 2), np.array([1, 0, 1])

    def pipeline(last: int = 1) -> Any:
        return tf.data.Dataset.from_tensor_slices((values, np.array([1, 0, last])))

    found = data.from_tensorflow(pipeline(), name="pairs")
    assert found.digest == data.from_tensorflow(pipeline()).digest
    assert found.digest != data.from_tensorflow(pipeline(last=0)).digest
    schema = json.loads(found.record.schema or "")["mlflow_tensorspec"]
    assert schema == {
        "features": {"type": "float64", "shape": [-1, 2]},
        "targets": {"type": "int64", "shape": [-1]},
    }
    endless = data.from_tensorflow(tf.data.Dataset.range(3).repeat(), name="endless")
    with mainstay.start_run() as run:
        mainstay.log_input(found, snapshot=True)
        mainstay.log_input(endless, snapshot="sample:7")
        with pytest.raises(BadInput, match="may have no end"):
            mainstay.log_input(endless, snapshot=True)
    back = data.load_snapshot(run.info.run_id, "pairs")
    assert np.array_equal(back["features"].combine_chunks().to_numpy_ndarray(), values)
    assert back["targets"].to_pylist() == labels.tolist()
    assert data.load_snapshot(run.info.run_id, "endless")["features"].to_pylist() == [
        *(0, 1, 2, 0, 1, 2, 0)
    ]
    named = tf.data.Dataset.from_tensor_slices({"a": values, "b": labels}).batch(2)
    schema = json.loads(data.from_tensorflow(named).record.schema or "")["mlflow_tensorspec"]
    assert schema["features.a"] == {"type": "float64", "shape": [-1, -1, 2]}


def test_the_arguments_are_those_of_the_stock_package() -> None:
    import inspect

    stock = library("mlflow.data")
    for name in ("from_spark", "load_delta", "from_tensorflow", "from_huggingface", "from_polars"):
        theirs = list(inspect.signature(getattr(stock, name)).parameters)
        ours = list(inspect.signature(getattr(data, name)).parameters)
        assert ours[: len(theirs)] == theirs, name
