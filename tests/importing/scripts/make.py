"""Run by the stock mlflow package: fill the store at argv[1] with something of everything."""

import inspect
import json
import sys

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

uri, count = sys.argv[1], int(sys.argv[2])
mlflow.set_tracking_uri(uri)
client = MlflowClient()

first = client.create_experiment("prices", tags={"team": "quant", "note": "two\nlines"})
second = client.create_experiment("ünïcode & co")
gone = client.create_experiment("given up")

runs = []
for number in range(count):
    run = client.create_run(first, start_time=1_700_000_000_000 + number, run_name=f"run {number}")
    runs.append(run.info.run_id)
    client.log_batch(
        runs[-1],
        metrics=[Metric("loss", 1 / (step + 1), 1000 + step, step) for step in range(60)]
        + [Metric("val/auc", 0.5 + number / 1000, 2000, 3)],
        params=[Param("rate", str(0.1 * number)), Param("deep/er", "x"), Param("empty", "")],
        tags=[RunTag("kind", "test"), RunTag("lines", "a\nb\n")],
    )
    client.log_text(runs[-1], f"text of {number}", "notes/a file.txt")
    client.set_terminated(runs[-1], "FINISHED" if number % 3 else "FAILED", 1_700_000_100_000)

odd = runs[0]
for value in (float("nan"), float("inf"), float("-inf"), -0.0, 5e-324, 1.5):
    client.log_metric(odd, "odd", value, timestamp=5, step=-3)
client.log_metric(odd, "odd", 1.5, timestamp=4, step=7)

running = client.create_run(second, run_name="still running").info.run_id
client.log_metric(running, "loss", 1.0, timestamp=1, step=1)
deleted = client.create_run(second).info.run_id
client.log_param(deleted, "was", "here")
client.delete_run(deleted)
lost = client.create_run(gone).info.run_id
client.log_metric(lost, "loss", 2.0, timestamp=1, step=0)
client.delete_experiment(gone)

frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
with mlflow.start_run(run_id=runs[-1]):
    mlflow.log_input(mlflow.data.from_pandas(frame, name="houses"), context="training")
    mlflow.log_input(mlflow.data.from_pandas(frame.head(1), name="houses"), context="test")
    if hasattr(mlflow, "initialize_logged_model"):
        mlflow.set_experiment("prices")
        model = mlflow.initialize_logged_model(
            "tree", params={"depth": "3"}, tags={"by": "hand"}, model_type="sklearn"
        )
        mlflow.log_metric("acc", 0.75, step=2, model_id=model.model_id)
        mlflow.log_metric("acc", float("nan"), step=3, model_id=model.model_id)
        mlflow.finalize_logged_model(model.model_id, "READY")
        rejected = mlflow.initialize_logged_model("rejected")
        client.delete_logged_model(rejected.model_id)
client.set_terminated(runs[-1], "FINISHED", 1_700_000_200_000)

client.create_registered_model("houses", tags={"tier": "1"}, description="prices of houses")
client.create_registered_model("empty")
for number in range(4):
    source = f"{client.get_run(runs[number]).info.artifact_uri}/notes"
    extra = (
        {"model_id": None}
        if "model_id" in inspect.signature(client.create_model_version).parameters
        else {}
    )
    client.create_model_version(
        "houses",
        source,
        run_id=runs[number],
        tags={"n": str(number)},
        description=f"version {number + 1}",
        run_link="https://example.org/run",
        **extra,
    )
client.transition_model_version_stage("houses", "1", "Archived")
client.transition_model_version_stage("houses", "3", "Production")
client.set_registered_model_alias("houses", "champion", "3")
client.set_registered_model_alias("houses", "challenger", "1")
client.delete_model_version("houses", "2")
client.delete_model_version("houses", "4")
print("MADE::" + json.dumps({"runs": runs, "running": running, "deleted": deleted}))
