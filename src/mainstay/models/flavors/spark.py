"""Spark ML: fitted pipelines in Spark's own folders of metadata and Parquet.

A session is taken where one runs, else started on this machine (``local[*]``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyspark
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.ml.linalg import Vectors
from pyspark.sql import SparkSession

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors import spark_files
from mainstay.models.flavors.arguments import check_options
from mainstay.models.flavors.base import Predict, Saved
from mainstay.packaging.mlmodel import MLmodel, inside

FOLDER = "sparkml"
_ERRORS = (Py4JError, PySparkException, ValueError, TypeError, KeyError, AttributeError)


class SparkFlavor:
    """Fitted Spark ML models and pipelines."""

    name = "spark"

    def owns(self, model: object) -> bool:
        """Tell whether it is a transformer of ``pyspark.ml``; fitted models are."""
        return any(
            base.__name__ == "Transformer" and base.__module__.startswith("pyspark.ml")
            for base in type(model).__mro__
        )

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``sparkml/``; a model that is no pipeline becomes one of one stage.

        ``options``: ``dfs_tmpdir`` is taken for MLflow's sake. Raises: BadInput.
        """
        check_options(self.name, options, ("dfs_tmpdir",))
        if not self.owns(model):
            raise BadInput(f"a {type(model).__name__} is no fitted Spark ML model; fit it first")
        pipeline = model if isinstance(model, PipelineModel) else PipelineModel([model])
        try:
            pipeline.write().overwrite().save((folder / FOLDER).resolve().as_uri())
        except _ERRORS as error:
            raise BadInput(
                f"the {type(model).__name__} cannot be saved: {_first(error)}"
            ) from error
        return Saved(
            name=self.name,
            fields={
                "model_class": "pyspark.ml.pipeline.PipelineModel",
                "model_data": FOLDER,
                "pyspark_version": pyspark.__version__,
                "code": None,
            },
            loader_module="mlflow.spark",
            pyfunc={"data": FOLDER},
            modules=("pyspark", "pandas", "numpy", "pyarrow"),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return the stages that are not Spark's own, and those that run SQL."""
        return spark_files.asks(self._place(folder, model))

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the ``PipelineModel``."""
        place = self._place(folder, model)
        _session()
        try:
            return PipelineModel.load(place.resolve().as_uri())
        except _ERRORS as error:
            raise InvalidModel(f"{place.name} is no Spark ML model: {_first(error)}") from error

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return a function of a table that gives the column ``prediction`` as a list.

        A Spark table gives the Spark table with its predictions, not computed yet. Lists of
        numbers in a column become vectors. There are no parameters.
        """

        def predict(data: Any, _: dict[str, Any]) -> Any:
            if type(data).__module__.startswith("pyspark.sql"):
                return loaded.transform(data)
            if not isinstance(data, pd.DataFrame):
                raise BadInput("a Spark model takes a table")
            table = _session().createDataFrame(_vectors(data))
            rows = loaded.transform(table).select("prediction").collect()
            return [row[0] for row in rows]

        return predict

    def _place(self, folder: Path, model: MLmodel) -> Path:
        name = model.flavors.get(self.name, {}).get("model_data") or model.pyfunc.get("data")
        if not isinstance(name, str):
            raise InvalidModel("MLmodel does not say where the spark model is (model_data)")
        return inside(folder, name)


def _session() -> Any:
    found = SparkSession.getActiveSession()
    if found is not None:
        return found
    builder: Any = SparkSession.builder
    return builder.master("local[*]").config("spark.ui.enabled", "false").getOrCreate()


def _vectors(table: pd.DataFrame) -> pd.DataFrame:
    lists = [
        name
        for name in table.columns
        if len(table) and isinstance(table[name].iloc[0], list | tuple | np.ndarray)
    ]
    made = {name: [Vectors.dense(list(item)) for item in table[name]] for name in lists}
    return table.assign(**made) if made else table


def _first(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:300]


FLAVOR = SparkFlavor()
