"""Step 2: run one recorded configuration again, as a project, and compare its metrics."""

from __future__ import annotations

from mainstay.cli.output import print_table
from mainstay.demo.stage import MODEL, Stage
from mainstay.demo.track import WANTED_PARAMS
from mainstay.projects.reproduce import compare

TITLE = "Reproduce: run one of them again as an MLproject"


def run(stage: Stage) -> None:
    """Run the project with the parameters of a recorded run."""
    client = stage.client
    before = next(
        found
        for found in (client.get_run(run_id) for run_id in stage.sweep)
        if found.data.params["model"] == "forest"
    )
    given = [f"{name}={before.data.params[name]}" for name in WANTED_PARAMS]
    arguments = [word for pair in given for word in ("-P", pair)]
    output = stage.command("run", "project", *arguments, "--experiment-name", MODEL)
    again = client.get_run(output.split("Run ")[-1].split()[0])
    differences = compare(before.data.metrics, again.data.metrics)
    names = [f"test_{name}" for name in ("accuracy", "f1", "roc_auc")]
    rows = [
        (found.metric, found.before, found.after, "same" if found.equal else "DIFFERS")
        for found in differences
        if found.metric in names
    ]
    print_table(["metric", before.info.run_name, again.info.run_name, ""], rows)
    unequal = [found.metric for found in differences if not found.equal]
    stage.check(not unequal, f"these metrics came out differently: {', '.join(unequal)}")
    stage.check(len(rows) == len(names), "the new run lacks metrics")
    stage.done("reproduce", f"{len(differences)} metrics equal to the last digit")
