"""Spark ML under autolog, beside MLflow's, and the ways of the real library."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

import mainstay
from tests.flavors.autolog.comparison import Comparison
from tests.flavors.autolog.contract import AutologContract, only_run, runs
from tests.support.parts import library

library("pyspark")

from pyspark.ml import Pipeline  # noqa: E402
from pyspark.ml.base import Estimator  # noqa: E402
from pyspark.ml.classification import LogisticRegression  # noqa: E402
from pyspark.ml.evaluation import (  # noqa: E402
    BinaryClassificationEvaluator,
    MulticlassClassificationEvaluator,
)
from pyspark.ml.feature import VectorAssembler  # noqa: E402
from pyspark.ml.param import Param  # noqa: E402
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder  # noqa: E402

from tests.flavors.autolog.fits.spark_fit import frame, session  # noqa: E402

LOGISTIC = [
    name for name in dir(LogisticRegression) if isinstance(getattr(LogisticRegression, name), Param)
]

pytestmark = pytest.mark.usefixtures("face")


@pytest.fixture(scope="module", autouse=True)
def spark() -> Iterator[Any]:
    """One Spark for the module."""
    running = session()
    yield running
    running.stop()


def pipeline(**given: Any) -> Pipeline:
    """Return a pipeline that is not fitted."""
    assemble = VectorAssembler(inputCols=["a", "b"], outputCol="features")
    return Pipeline(stages=[assemble, LogisticRegression(maxIter=2, **given)])


class TestComparison(Comparison):
    fits = ("spark_fit", "spark_estimator")
    # MLflow puts the model among the run's artifacts; here it is a logged model.
    ours = {"models": {"model READY"}, "params": {"probabilityCol"}}
    theirs = {"tags": {"mlflow.log-model.history"}, "inputs": {"eval dataset"}}


class TestSearches(Comparison):
    fits = ("spark_search", "spark_split")
    runs = 3
    ours = {
        "metrics": {"best_areaUnderROC"},
        "params": {
            *(f"LogisticRegression.{name}" for name in LOGISTIC),
            *(f"VectorAssembler.{name}" for name in ("handleInvalid", "inputCols", "outputCol")),
            "Pipeline.stages",
        },
    }


class TestContract(AutologContract):
    library = "pyspark.ml"
    broken_part = "the data set"

    def fit(self) -> Any:
        return pipeline().fit(frame(session()))

    def fit_badly(self) -> None:
        pipeline(labelCol="no such column").fit(frame(session()))

    def hooked(self) -> Any:
        return Estimator.fit

    def break_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(type(frame(session())), "semanticHash")


def test_the_model_has_a_signature_and_predicts_the_same(spark: Any) -> None:
    mainstay.pyspark.ml.autolog(registered_model_name="two")
    data = frame(spark)
    model = pipeline().fit(data)
    loaded = mainstay.pyfunc.load_model(f"runs:/{only_run().info.run_id}/model")
    assert loaded.signature is not None
    assert [column.name for column in loaded.signature.inputs] == ["a", "b"]
    table = data.select("a", "b").toPandas()
    expected = [row.prediction for row in model.transform(data).collect()]
    assert list(loaded.predict(table)) == expected
    assert mainstay.search_model_versions(filter_string="name = 'two'")[0].version == 1


def test_each_evaluation_is_a_metric_with_the_name_of_the_data(spark: Any) -> None:
    mainstay.pyspark.ml.autolog(log_models=False)
    held_out = frame(spark)
    model = pipeline().fit(held_out)
    judge = MulticlassClassificationEvaluator(metricName="accuracy")
    answers = model.transform(held_out)
    value = judge.evaluate(answers)
    judge.evaluate(answers)
    run = only_run()
    assert run.data.metrics == {"accuracy_held_out": value, "accuracy_held_out-2": value}
    text = mainstay.artifacts.load_text(f"runs:/{run.info.run_id}/metric_info.json")
    told = json.loads(text)["accuracy_held_out"]
    assert told["params"]["metricName"] == "accuracy"


@pytest.mark.parametrize("parallelism", [1, 2])
def test_a_search_has_its_best_candidate_a_table_and_a_child_run_for_each(
    spark: Any, parallelism: int
) -> None:
    mainstay.autolog(log_models=False)
    last = LogisticRegression(maxIter=1)
    assemble = VectorAssembler(inputCols=["a", "b"], outputCol="features")
    grid = ParamGridBuilder().addGrid(last.regParam, [0.0, 0.5]).build()
    found = CrossValidator(
        estimator=Pipeline(stages=[assemble, last]),
        estimatorParamMaps=grid,
        evaluator=BinaryClassificationEvaluator(),
        numFolds=2,
        parallelism=parallelism,
    ).fit(frame(spark))
    children = [one for one in runs() if "mlflow.parentRunId" in one.data.tags]
    (run,) = (one for one in runs() if one not in children)
    assert {one.data.tags["mlflow.parentRunId"] for one in children} == {run.info.run_id}
    assert {
        float(one.data.params["LogisticRegression.regParam"]): one.data.metrics["avg_areaUnderROC"]
        for one in children
    } == pytest.approx(dict(zip([0.0, 0.5], found.avgMetrics, strict=True)))
    assert run.data.params["numFolds"] == "2"
    assert run.data.params["LogisticRegression.maxIter"] == "1"
    assert run.data.metrics["best_areaUnderROC"] == pytest.approx(max(found.avgMetrics))
    place = f"runs:/{run.info.run_id}"
    best = json.loads(mainstay.artifacts.load_text(f"{place}/best_parameters.json"))
    assert (
        str(best["LogisticRegression.regParam"])
        == run.data.params["best_LogisticRegression.regParam"]
    )
    table = mainstay.artifacts.load_text(f"{place}/search_results.csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [float(row["avg_areaUnderROC"]) for row in rows] == pytest.approx(found.avgMetrics)


def test_only_models_of_the_classes_that_are_allowed_are_logged(spark: Any) -> None:
    mainstay.pyspark.ml.autolog(log_model_allowlist=["pyspark.ml.classification.*"])
    pipeline().fit(frame(spark))
    assert only_run().outputs.model_outputs == []


def test_a_parameter_map_is_told_and_a_list_of_them_is_not_recorded(spark: Any) -> None:
    mainstay.pyspark.ml.autolog(log_models=False)
    ready = VectorAssembler(inputCols=["a", "b"], outputCol="features").transform(frame(spark))
    estimator = LogisticRegression(maxIter=2)
    estimator.fit(ready, {estimator.regParam: 0.5})
    assert len(estimator.fit(ready, [{estimator.regParam: 0.1}])) == 1
    assert only_run().data.params["regParam"] == "0.5"
