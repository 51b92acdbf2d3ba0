"""Step 7: a version that passed its gate does harm in life; the alias goes back by itself."""

from __future__ import annotations

from mainstay.demo.gate import evaluate
from mainstay.demo.monitor import raised
from mainstay.demo.stage import MODEL, Stage, commit
from mainstay.demo.traffic import Answers, Callers

TITLE = "Promote and roll back: a new version goes live under load, does harm, and is taken back"


def run(stage: Stage) -> None:
    """Promote while callers call; wait for the alert and the rollback."""
    commit(stage.project, "Evaluation data and a leaner pipeline")
    stage.script("lean.py")
    version = max(v.version for v in stage.client.search_model_versions(f"name = '{MODEL}'"))
    new = str(version)
    evaluate(stage, version, quiet=True)
    with Callers(stage.serving_url, gaps=0.25) as callers:
        answers = callers.answers
        stage.wait("answers of version 1", lambda: answers.count(version="1", status=200) > 50)
        stage.command("promote", MODEL, new, "--alias", "champion", "--reason", "leaner")
        stage.wait("the swap", lambda: answers.count(version=new, status=200) > 0)
        stage.say(f"version {new} answers now; rows without a measurement make it fail")
        stage.wait("the rollback", lambda: rolled(stage))
        stage.say(f"alert: {raised(stage, 'error_rate').message}")
        before = answers.count(version="1", status=200, gap=True)
        stage.wait(
            "version 1 to answer again",
            lambda: answers.count(version="1", status=200, gap=True) > before + 10,
        )
    judge(stage, answers, new)
    stage.command("models", "alias", "history", MODEL, "champion")
    stage.command("audit", "verify")
    stage.done("roll back", f"version {new} live under load, alias back on 1; no request was lost")


def rolled(stage: Stage) -> bool:
    """Say whether the alias is back on version 1."""
    return stage.client.get_model_version_by_alias(MODEL, "champion").version == 1


def judge(stage: Stage, answers: Answers, new: str) -> None:
    """See that the swap itself cost nobody an answer, and that every answer names its version."""
    stage.check(not answers.lost, f"{len(answers.lost)} requests got no answer: {answers.lost[:3]}")
    nameless = sum(n for (version, _, _), n in answers.seen.items() if version not in ("1", new))
    stage.check(nameless == 0, f"{nameless} answers name no version: {answers.seen}")
    harmed = answers.count(version=new, status=500, gap=True)
    stage.check(harmed > 0, "the new version harmed nobody")
    good = answers.count(status=200)
    stage.check(
        good + harmed == answers.count(), f"other answers came than expected: {answers.seen}"
    )
    stage.say(
        f"{answers.count()} requests during promotion and rollback: {good} answered, "
        f"{harmed} failed inside version {new}, none lost"
    )
