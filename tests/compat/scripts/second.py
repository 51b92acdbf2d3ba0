"""Run by the last stock mlflow package of version 2: a model's way from training to loading."""

import sys

import mlflow
import mlflow.sklearn
import pandas as pd
from mlflow import MlflowClient, MlflowException
from sklearn.linear_model import LogisticRegression

assert mlflow.__version__.startswith("2."), mlflow.__version__
mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
mlflow.set_experiment("second")
frame = pd.DataFrame({"a": range(40), "b": [1.0, 2.0] * 20, "y": [0, 1] * 20})

runs = []
for number in range(3):
    with mlflow.start_run(run_name=f"try {number}", tags={"kind": "small"}) as run:
        runs.append(run.info.run_id)
        mlflow.log_params({"C": 10.0**-number, "seed": 1})
        for step in range(25):
            mlflow.log_metric("loss", 1 / (step + 1 + number), step=step)
        mlflow.log_metrics({"nan": float("nan"), "auc": 0.5 + number / 10})
        mlflow.log_input(mlflow.data.from_pandas(frame, name="rows"), context="training")
        mlflow.log_dict({"n": number}, "notes/n.json")
        model = LogisticRegression(C=10.0**-number).fit(frame[["a", "b"]], frame["y"])
        mlflow.sklearn.log_model(
            model,
            artifact_path="model",
            registered_model_name="net",
            input_example=frame[["a", "b"]].head(2),
        )

found = mlflow.search_runs(
    experiment_names=["second"],
    filter_string="metrics.auc >= 0.6 AND tags.kind = 'small'",
    order_by=["metrics.auc DESC"],
)
assert list(found["run_id"]) == [runs[2], runs[1]], found["run_id"]
history = client.get_metric_history(runs[0], "loss")
assert [point.step for point in history] == list(range(25))
best = client.get_run(runs[2])
assert best.data.params == {"C": "0.01", "seed": "1"}
assert [one.dataset.name for one in best.inputs.dataset_inputs] == ["rows"]
assert mlflow.artifacts.load_dict(f"runs:/{runs[2]}/notes/n.json") == {"n": 2}
assert "model" in [file.path for file in client.list_artifacts(runs[2])]

client.set_registered_model_alias("net", "champion", "3")
client.transition_model_version_stage("net", "2", "Staging")
assert client.get_model_version_by_alias("net", "champion").run_id == runs[2]
assert [one.version for one in client.get_latest_versions("net", ["Staging"])] == ["2"]
for address in ("models:/net@champion", "models:/net/3", f"runs:/{runs[2]}/model"):
    loaded = mlflow.pyfunc.load_model(address)
    assert len(loaded.predict(frame[["a", "b"]])) == 40

client.delete_run(runs[0])
assert len(client.search_runs([best.info.experiment_id])) == 2
client.restore_run(runs[0])
assert len(client.search_runs([best.info.experiment_id])) == 3
for wrong, code in (
    (lambda: client.get_run("none"), "RESOURCE_DOES_NOT_EXIST"),
    (lambda: client.log_param(runs[1], "C", "7"), "INVALID_PARAMETER_VALUE"),
    (lambda: client.create_registered_model("net"), "RESOURCE_ALREADY_EXISTS"),
):
    refused = None
    try:
        wrong()
    except MlflowException as error:
        refused = error.error_code
    assert refused == code, (refused, code)
print("SECOND OK")
