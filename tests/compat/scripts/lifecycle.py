"""Run by the stock mlflow package: autolog, log, register, alias, load, search."""

import sys

import mlflow
import numpy as np
from mlflow import MlflowClient
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("stock")
mlflow.sklearn.autolog()

features, target = load_diabetes(return_X_y=True, as_frame=True)
with mlflow.start_run(run_name="first") as run:
    model = Ridge(alpha=0.5).fit(features, target)
    mlflow.log_metric("extra", 1.5, step=3)
    mlflow.set_tag("team", "risk")
    logged = mlflow.sklearn.log_model(model, name="model", input_example=features.head(3))
run_id = run.info.run_id

registered = mlflow.register_model(logged.model_uri, "stock-model")
assert int(registered.version) == 1, registered.version
assert registered.run_id == run_id, registered.run_id

client = MlflowClient()
client.set_registered_model_alias("stock-model", "champion", 1)
client.set_model_version_tag("stock-model", "1", "reviewed", "yes")
found = client.get_model_version_by_alias("stock-model", "champion")
assert int(found.version) == 1, found
assert found.tags == {"reviewed": "yes"}, found.tags

expected = model.predict(features)
for uri in (
    "models:/stock-model@champion",
    "models:/stock-model/1",
    "models:/stock-model/latest",
    logged.model_uri,
    f"runs:/{run_id}/model",
):
    loaded = mlflow.pyfunc.load_model(uri)
    np.testing.assert_allclose(loaded.predict(features), expected)

runs = mlflow.search_runs(
    experiment_names=["stock"],
    filter_string="metrics.training_r2_score > 0.1 and params.alpha = '0.5' and tags.team = 'risk'",
)
assert list(runs["run_id"]) == [run_id], runs
assert runs["metrics.extra"][0] == 1.5, runs
assert runs["params.alpha"][0] == "0.5", runs
assert runs["status"][0] == "FINISHED", runs

fetched = mlflow.get_run(run_id)
assert fetched.data.tags["estimator_name"] == "Ridge", fetched.data.tags
assert fetched.inputs.dataset_inputs, "autolog records the data set"
assert [output.model_id for output in fetched.outputs.model_outputs].count(logged.model_id) == 1
assert mlflow.get_logged_model(logged.model_id).status == "READY"

with mlflow.start_run() as second:
    mlflow.log_text("hello", "notes/hello.txt")
    mlflow.log_dict({"a": 1}, "config.json")
    mlflow.log_params({"x": 1, "y": "two"})
    mlflow.log_metrics({"loss": 0.5, "acc": 0.9}, step=1)
assert mlflow.artifacts.load_text(f"runs:/{second.info.run_id}/notes/hello.txt") == "hello"
assert mlflow.artifacts.load_dict(f"runs:/{second.info.run_id}/config.json") == {"a": 1}
assert len(mlflow.search_runs(experiment_names=["stock"])) == 2
print("LIFECYCLE OK")
