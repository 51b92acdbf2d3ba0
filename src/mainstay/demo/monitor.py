"""Step 6: the inputs shift; an alert names the feature; nothing is rolled back for it."""

from __future__ import annotations

from mainstay.connect import connect
from mainstay.demo.stage import MODEL, Stage
from mainstay.demo.traffic import Answers, rows, send
from mainstay.entities.monitoring import Alert

TITLE = "Monitor: the inputs drift, and the alert says which one"
DEPLOYMENT = f"{MODEL}@champion"
SHIFTED = "mean texture"
"""A new microscope: this measurement comes out half as high again."""


def run(stage: Stage) -> None:
    """Send shifted rows while the monitor looks on."""
    stage.start("monitor", "monitor", "run", DEPLOYMENT, "--every", "1")
    answers = Answers()

    def drifted() -> Alert | None:
        batch = rows(150, seed=answers.count())
        for row in batch:
            row[SHIFTED] *= 1.5
        send(stage.serving_url, batch, answers)
        return firing(stage, "input_drift")

    alert = stage.wait("the drift alert", drifted, seconds=40)
    stage.check(alert.subject == SHIFTED, f"the alert names {alert.subject!r}, not {SHIFTED!r}")
    stage.say(f"alert: {alert.message}")
    stage.check(
        answers.count(status=200) == answers.count(), f"some answers were errors: {answers.seen}"
    )
    holder = stage.client.get_model_version_by_alias(MODEL, "champion")
    stage.check(holder.version == 1, "the alias moved because of input drift")
    stage.say("the alias stays: the version before would meet the same inputs")
    stage.done("monitor", f"drift of {alert.subject!r} found; nobody was rolled back for it")


def firing(stage: Stage, kind: str) -> Alert | None:
    """Return the firing alert of a kind, if there is one."""
    with connect(stage.url) as stores:
        alerts = stores.monitoring.list_alerts(deployment=DEPLOYMENT, firing=True)
    return next((alert for alert in alerts if alert.kind == kind), None)


def raised(stage: Stage, kind: str) -> Alert:
    """Return the last alert of a kind that fired, whether or not it still does."""
    with connect(stage.url) as stores:
        alerts = stores.monitoring.list_alerts(deployment=DEPLOYMENT)
    fired = [a for a in alerts if a.kind == kind and a.state in ("firing", "resolved")]
    stage.check(bool(fired), f"no {kind} alert ever fired")
    return fired[0]
