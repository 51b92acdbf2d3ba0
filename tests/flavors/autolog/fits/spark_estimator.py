"""An estimator of Spark ML by itself."""

from __future__ import annotations

from typing import Any

from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import LinearRegression

from tests.flavors.autolog.fits.spark_fit import frame, session


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.pyspark.ml.autolog(log_models=False)
    data = frame(session())
    ready = VectorAssembler(inputCols=["a", "b"], outputCol="features").transform(data)
    LinearRegression(maxIter=3).fit(ready)
