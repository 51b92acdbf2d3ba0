"""A pipeline of Spark ML."""

from __future__ import annotations

from typing import Any

from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession


def session() -> Any:
    """Return a local Spark of one core, without its web page."""
    return (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )


def frame(spark: Any) -> Any:
    """Return forty rows of two numbers and a label."""
    rows = [(float(i % 7), float(i % 3), float(i % 2)) for i in range(40)]
    return spark.createDataFrame(rows, ["a", "b", "label"])


def fit(face: Any) -> None:
    """Fit under autolog, and evaluate."""
    face.pyspark.ml.autolog()
    data = frame(session())
    steps = [
        VectorAssembler(inputCols=["a", "b"], outputCol="features"),
        LogisticRegression(maxIter=3),
    ]
    model = Pipeline(stages=steps).fit(data)
    MulticlassClassificationEvaluator(metricName="accuracy").evaluate(model.transform(data))
