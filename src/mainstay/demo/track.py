"""Step 1: start a server, train thirteen configurations, and see what was recorded."""

from __future__ import annotations

from mainstay.demo.stage import MODEL, Stage
from mainstay.entities.runs import Run

TITLE = "Track: train 13 configurations with one added line, mainstay.autolog()"
WANTED_PARAMS = ("model", "log_scale", "sampling", "seed")
WANTED_METRICS = ("test_accuracy", "test_f1", "test_roc_auc", "evaluation_latency_ms")
WANTED_TAGS = ("git_sha", "data_version", "pipeline_id", "owner", "candidate")


def run(stage: Stage) -> None:
    """Start the server, run the sweep, check every run."""
    stage.start(
        "server",
        *("server", "--host", stage.host, "--port", str(stage.port)),
    )
    stage.wait("the server", lambda: healthy(stage.url))
    for line in stage.script("sweep.py").splitlines():
        stage.say(line)
    runs = sweep_runs(stage)
    stage.check(len(runs) >= 12, f"only {len(runs)} runs were recorded")
    for found in runs:
        check_run(stage, found)
    stage.sweep = [found.info.run_id for found in runs]
    one = runs[0]
    digest = one.inputs.dataset_inputs[0].dataset.digest
    stage.say(
        f"{len(runs)} runs, each with {len(one.data.params)} parameters, {len(one.data.metrics)} "
        f"metrics, the model, a confusion matrix, the environment and the data set {digest}"
    )
    stage.done("track", f"{len(runs)} runs in experiment {MODEL!r}")


def sweep_runs(stage: Stage) -> list[Run]:
    """Return the finished runs of the experiment."""
    experiment = stage.client.get_experiment_by_name(MODEL)
    stage.check(experiment is not None, f"there is no experiment {MODEL!r}")
    assert experiment is not None
    return list(
        stage.client.search_runs([experiment.experiment_id], "attributes.status = 'FINISHED'")
    )


def check_run(stage: Stage, found: Run) -> None:
    """See that a run holds everything that the step promises."""
    run_id = found.info.run_id
    lacking = [
        *(name for name in WANTED_PARAMS if name not in found.data.params),
        *(name for name in WANTED_METRICS if name not in found.data.metrics),
        *(name for name in WANTED_TAGS if name not in found.data.tags),
    ]
    stage.check(not lacking, f"run {run_id} lacks {', '.join(lacking)}")
    stage.check(bool(found.inputs.dataset_inputs), f"run {run_id} names no data set")
    stage.check(bool(found.outputs.model_outputs), f"run {run_id} has no model")
    files = {file.path for file in stage.client.list_artifacts(run_id)}
    stage.check("confusion_matrix.json" in files, f"run {run_id} has no confusion matrix")
    stage.check("environment" in files, f"run {run_id} has no environment")


def healthy(url: str) -> bool:
    """Say whether a server answers on ``/health``."""
    import urllib3

    try:
        return urllib3.request("GET", f"{url}/health", timeout=2, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
