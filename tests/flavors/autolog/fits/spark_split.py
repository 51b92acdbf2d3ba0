"""A search of Spark ML by one split of the data."""

from __future__ import annotations

from typing import Any

from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.tuning import ParamGridBuilder, TrainValidationSplit

from tests.flavors.autolog.fits.spark_fit import frame, session


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.pyspark.ml.autolog(log_models=False)
    data = VectorAssembler(inputCols=["a", "b"], outputCol="features").transform(frame(session()))
    estimator = LogisticRegression(maxIter=2)
    grid = ParamGridBuilder().addGrid(estimator.regParam, [0.0, 0.5]).build()
    TrainValidationSplit(
        estimator=estimator,
        estimatorParamMaps=grid,
        evaluator=BinaryClassificationEvaluator(),
        seed=1,
    ).fit(data)
