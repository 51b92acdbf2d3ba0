"""Step 3: rank the candidates, refuse the one that is too poor, register the winner."""

from __future__ import annotations

import mainstay
from mainstay.demo.stage import MODEL, Stage

TITLE = "Package and register: a scorecard chooses, not one metric"


def run(stage: Stage) -> None:
    """Rank, refuse, register, and look at what was packaged."""
    ranking = stage.command(
        *("runs", "rank", "--experiment", MODEL, "--scorecard", "project/scorecard.yaml")
    )
    client = stage.client
    runs = {run_id: client.get_run(run_id) for run_id in stage.sweep}
    stump = next(r for r in runs.values() if r.data.params["model"] == "stump").info.run_id
    refused = stage.command(
        *("models", "register", f"runs:/{stump}/model", "--name", MODEL),
        *("--scorecard", "project/scorecard.yaml"),
        expect=1,
    )
    stage.check("test_roc_auc" in refused, "the refusal does not name the metric")
    stage.winner = next(
        word for line in ranking.splitlines() for word in line.split() if word in runs
    )
    stage.command(
        *("models", "register", f"runs:/{stage.winner}/model", "--name", MODEL),
        *("--scorecard", "project/scorecard.yaml"),
    )
    version = client.get_model_version(MODEL, 1)
    stage.check(version.run_id == stage.winner, "version 1 is not the winner's model")
    stage.check(version.digest is not None, "version 1 has no digest")
    model = mainstay.pyfunc.load_model(f"models:/{MODEL}/1", tracking_uri=stage.url)
    stage.check(model.signature is not None, "version 1 has no signature")
    stage.check(model.metadata.saved_input_example_info is not None, "it has no input example")
    stage.check((model.path / "requirements.txt").read_text().count("==") > 1, "nothing is pinned")
    stage.check(model.profile is not None, "version 1 has no profile")
    name = runs[stage.winner].info.run_name
    stage.say(
        f"version 1 is {name}: imputing and scaling inside it, signature, input example, pinned "
        f"requirements, digest {str(version.digest)[:12]}…"
    )
    stage.done("register", f"{MODEL} version 1 from run {name!r}; the stump was refused")
