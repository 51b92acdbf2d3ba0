"""Step 4: put a gate before the alias; a poor version meets it, then the good one."""

from __future__ import annotations

import mainstay
from mainstay.demo.stage import MODEL, Stage
from mainstay.errors import GateRefused

TITLE = "Gate: measured evidence, then a verdict"
EVALUATION_DATA = "project/evaluation.parquet"


def run(stage: Stage) -> None:
    """Measure both versions; see one refused and one promoted."""
    stage.script("export.py", "evaluation.parquet")
    stage.command("gate", "set", MODEL, "champion", "project/gate.yaml")
    evaluate(stage, 1)
    refuse_a_poor_version(stage)
    stage.command("models", "alias", "set", MODEL, "candidate", "1")
    stage.command("gate", "check", MODEL, "champion", "1")
    stage.command("promote", MODEL, "1", "--alias", "champion", "--reason", "best scorecard")
    holder = stage.client.get_model_version_by_alias(MODEL, "champion")
    stage.check(holder.version == 1, "version 1 did not become champion")
    stage.done("gate", "version 2 refused with its failed checks named; version 1 is @champion")


def evaluate(stage: Stage, version: int, *, quiet: bool = False) -> None:
    """Measure a version on rows that no model has seen, beside the champion if there is one."""
    stage.command(
        *("evaluate", "-m", f"models:/{MODEL}/{version}"),
        *("--data", EVALUATION_DATA, "--targets", "malignant"),
        *("--baseline", f"models:/{MODEL}@champion"),
        quiet=quiet,
    )


def refuse_a_poor_version(stage: Stage) -> None:
    """Register the stump past the scorecard; the gate still stands before the alias."""
    client = stage.client
    runs = [client.get_run(run_id) for run_id in stage.sweep]
    stump = next(found for found in runs if found.data.params["model"] == "stump")
    mainstay.set_tracking_uri(stage.url)
    poor = mainstay.register_model(f"runs:/{stump.info.run_id}/model", MODEL)
    evaluate(stage, poor.version, quiet=True)
    refused = stage.command("promote", MODEL, str(poor.version), "--alias", "champion", expect=1)
    stage.check("roc_auc" in refused, "the refusal does not name the failed check")
    try:
        # MLflow's own call meets the same gate.
        client.set_registered_model_alias(MODEL, "champion", poor.version)
    except GateRefused as refusal:
        stage.say(f"MLflow's call is refused alike, with status {refusal.status}")
    else:
        stage.check(False, "the gate let a poor version through MLflow's call")
