"""Spark ML on a local session: the contract, interchange with mlflow, and what is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mainstay import spark as flavor
from mainstay.errors import BadInput, UntrustedModel
from mainstay.models import infer_signature, loading
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from mainstay.testing.flavors import FlavorCase, FlavorContract
from tests.flavors.interchange import Interchange
from tests.support.parts import library

pyspark = library("pyspark")
ml = library("pyspark.ml")
classification = library("pyspark.ml.classification")
feature = library("pyspark.ml.feature")
sql = library("pyspark.sql")

ROWS = pd.DataFrame(np.random.RandomState(0).rand(20, 3), columns=list("abc"))
TARGET = (ROWS["a"] > 0.5).astype(float)


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[Any]:
    """A session of two threads that nothing outside can reach."""
    made = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    yield made
    made.stop()


def table() -> Any:
    """The rows with their target, in Spark."""
    return sql.SparkSession.getActiveSession().createDataFrame(ROWS.assign(label=TARGET))


def pipeline() -> Any:
    """Fit columns to vector to classifier."""
    joined = feature.VectorAssembler(inputCols=list("abc"), outputCol="features")
    model = classification.LogisticRegression(maxIter=3)
    return ml.Pipeline(stages=[joined, model]).fit(table())


def answers(model: Any) -> list[float]:
    """Return Spark's own predictions."""
    return [row.prediction for row in model.transform(table()).collect()]


class TestContract(FlavorContract):
    flavor_name = "spark"

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, session: Any) -> Any:
        """Fit once; Spark takes its time."""
        assert session is not None
        return pipeline()

    @pytest.fixture
    def case(self, fitted: Any) -> FlavorCase:
        return FlavorCase(model=fitted, data=ROWS, predictions=answers(fitted))

    def test_the_files_are_data_only(self, folder: Path) -> None:
        assert FLAVORS.get("spark").asks(folder, mlmodel.read(folder)) == ()
        assert loading.load_model(str(folder), trust=False).signature is not None


class TestInterchange(Interchange):
    program = """
from pyspark.sql import SparkSession
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import VectorAssembler
session = (
    SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
)
rows = pd.DataFrame(np.random.RandomState(0).rand(20, 3), columns=list("abc"))
spark_rows = session.createDataFrame(rows.assign(label=(rows["a"] > 0.5).astype(float)))
joined = VectorAssembler(inputCols=list("abc"), outputCol="features")
model = Pipeline(stages=[joined, LogisticRegression(maxIter=3)]).fit(spark_rows)
mlflow.spark.save_model(model, place + "pipeline", input_example=rows.head(3))
session.stop()
"""

    @classmethod
    def save_ours(cls, place: Path) -> None:
        flavor.save_model(pipeline(), place / "pipeline", input_example=ROWS.head(3))


def test_a_bare_model_takes_lists_as_vectors(tmp_path: Path) -> None:
    model = pipeline()
    flavor.save_model(model.stages[-1], tmp_path / "model")
    loaded = loading.load_model(str(tmp_path / "model"), trust=False)
    given = pd.DataFrame({"features": ROWS.to_numpy().tolist()})
    assert loaded.predict(given) == answers(model)


def test_a_spark_table_gives_a_spark_table(tmp_path: Path) -> None:
    model = pipeline()
    flavor.save_model(model, tmp_path / "model")
    found = loading.load_model(str(tmp_path / "model"), trust=False).predict(table())
    assert [row.prediction for row in found.collect()] == answers(model)


def test_a_signature_is_inferred_from_a_spark_table() -> None:
    found = infer_signature(table())
    assert found == infer_signature(ROWS.assign(label=TARGET))


@pytest.mark.parametrize("name", ["com.evil.Stage", "org.apache.spark.ml.feature.SQLTransformer"])
def test_a_stage_that_is_no_arithmetic_is_asked_for(name: str, tmp_path: Path) -> None:
    flavor.save_model(pipeline(), tmp_path / "model")
    (path,) = (tmp_path / "model" / "sparkml").glob("stages/0_*/metadata/part-*")
    form = json.loads(path.read_text())
    path.write_text(json.dumps({**form, "class": name}))
    with pytest.raises(UntrustedModel, match=name):
        loading.load_model(str(tmp_path / "model"))


def test_an_estimator_that_is_not_fitted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="fit it first"):
        flavor.save_model(classification.LogisticRegression(), tmp_path / "model")
