"""A search of Spark ML over a pipeline."""

from __future__ import annotations

from typing import Any

from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder

from tests.flavors.autolog.fits.spark_fit import frame, session


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.pyspark.ml.autolog(log_models=False)
    data = frame(session())
    last = LogisticRegression(maxIter=2)
    steps = [VectorAssembler(inputCols=["a", "b"], outputCol="features"), last]
    grid = ParamGridBuilder().addGrid(last.regParam, [0.0, 0.5]).build()
    CrossValidator(
        estimator=Pipeline(stages=steps),
        estimatorParamMaps=grid,
        evaluator=BinaryClassificationEvaluator(),
        numFolds=2,
        seed=1,
    ).fit(data)
