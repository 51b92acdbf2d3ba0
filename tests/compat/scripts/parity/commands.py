"""The mlflow command line, pointed at a server."""

import os
import re

from click.testing import CliRunner
from mlflow import MlflowClient
from mlflow.cli import cli
from recording import PREFIX, URL, experiment, step

client = MlflowClient(URL)
one = experiment(client.create_experiment(f"{PREFIX}-commands"), "C")
os.environ["MLFLOW_TRACKING_URI"] = URL


def mlflow_command(*arguments):
    """Run the command in this process: starting one takes the stock package seconds each time."""
    done = CliRunner().invoke(cli, arguments)
    text = done.stdout + (done.stderr if done.exit_code else "")
    text = "\n".join(line for line in text.splitlines() if PREFIX in line or not line[:4].isdigit())
    text = re.sub(r"[-]{3,}", "---", re.sub(r" {2,}", "  ", text))
    return [done.exit_code, text]


run = client.create_run(one, run_name="first")
run_id = run.info.run_id
client.log_metric(run_id, "m", 0.5, timestamp=7)
client.log_param(run_id, "p", "x")
client.log_text(run_id, "hello", "notes/a.txt")
client.set_terminated(run_id)
step(
    "experiments create", lambda: mlflow_command("experiments", "create", "-n", f"{PREFIX}-made")[0]
)
step(
    "experiments create again",
    lambda: mlflow_command("experiments", "create", "-n", f"{PREFIX}-made")[0],
)
step(
    "experiments search", lambda: f"{PREFIX}-commands" in mlflow_command("experiments", "search")[1]
)
step(
    "experiments rename",
    lambda: mlflow_command("experiments", "rename", "-x", one, "--new-name", f"{PREFIX}-named")[0],
)
step(
    "experiments csv",
    lambda: mlflow_command("experiments", "csv", "-x", one)[1].splitlines()[0].split(","),
)
step("runs list", lambda: mlflow_command("runs", "list", "--experiment-id", one))
step(
    "runs describe",
    lambda: sorted(
        __import__("json").loads(mlflow_command("runs", "describe", "--run-id", run_id)[1])
    ),
)
step("runs delete", lambda: mlflow_command("runs", "delete", "--run-id", run_id))
step("runs restore", lambda: mlflow_command("runs", "restore", "--run-id", run_id))
step("artifacts list", lambda: mlflow_command("artifacts", "list", "--run-id", run_id))
step(
    "artifacts download",
    lambda: mlflow_command(
        "artifacts", "download", "--run-id", run_id, "-a", "notes", "-d", "down"
    )[0],
)
step("downloaded", lambda: open("down/notes/a.txt").read())
step(
    "artifacts log",
    lambda: mlflow_command(
        "artifacts",
        "log-artifact",
        "--local-file",
        "down/notes/a.txt",
        "--run-id",
        run_id,
        "-a",
        "more",
    )[0],
)
step("logged", lambda: [info.path for info in client.list_artifacts(run_id, "more")])
step("experiments delete", lambda: mlflow_command("experiments", "delete", "-x", one)[0])
step("experiments restore", lambda: mlflow_command("experiments", "restore", "-x", one)[0])
