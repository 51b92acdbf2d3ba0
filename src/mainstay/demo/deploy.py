"""Step 5: a server that follows the alias, and a batch of rows scored to Parquet."""

from __future__ import annotations

import pyarrow.parquet as pq

from mainstay.demo.gate import EVALUATION_DATA
from mainstay.demo.stage import MODEL, Stage, free_port
from mainstay.demo.track import healthy
from mainstay.demo.traffic import Answers, rows, send

TITLE = "Deploy: serve the alias, score a batch"


def run(stage: Stage) -> None:
    """Start the model server, call it, and score a file with the same model."""
    port = free_port(stage.host, 5001)
    stage.serving_url = f"http://{stage.host}:{port}"
    stage.start(
        "serving",
        *("models", "serve", "-m", f"models:/{MODEL}@champion"),
        *("--host", stage.host, "--port", str(port), "--env-manager", "local"),
    )
    stage.wait("the model server", lambda: healthy(stage.serving_url))
    answers = Answers()
    send(stage.serving_url, rows(50), answers)
    stage.check(answers.count(version="1", status=200) == 50, f"not all answered: {answers}")
    stage.say("50 requests to /invocations, 50 answers, each with X-Mainstay-Version: 1")
    stage.command(
        *("score", "-m", f"models:/{MODEL}@champion"),
        *("-i", EVALUATION_DATA, "-o", "scores.parquet"),
    )
    scored = pq.read_table(stage.folder / "scores.parquet")
    expected = pq.read_metadata(stage.folder / EVALUATION_DATA).num_rows
    stage.check(scored.num_rows == expected, f"{scored.num_rows} of {expected} rows were scored")
    stage.done("deploy", f"serving @champion; {scored.num_rows} rows scored to scores.parquet")
