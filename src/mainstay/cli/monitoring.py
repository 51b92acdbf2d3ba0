"""``mainstay monitor``: judge served traffic once or in a loop, and read what was found."""

from __future__ import annotations

import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from mainstay.cli.output import json_option, print_json, print_table
from mainstay.connect import Stores, connect
from mainstay.entities.digests import canonical
from mainstay.entities.monitoring import Alert, Report
from mainstay.errors import Unavailable
from mainstay.monitoring.policy import DEFAULT, MonitorPolicy, parse
from mainstay.monitoring.reference import References
from mainstay.monitoring.tick import tick


@click.group()
def monitor() -> None:
    """Judge served traffic: one tick, or a loop."""


@monitor.command()
@click.argument("deployment")
@click.option("--every", type=click.FloatRange(min=0.1), help="Repeat after so many seconds.")
@click.option("--window", type=click.FloatRange(min=1), help="Seconds that a tick looks back.")
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file that says what to look for and what to do.",
)
@json_option
def run(
    deployment: str,
    every: float | None,
    window: float | None,
    policy_file: Path | None,
    as_json: bool,
) -> None:
    """Judge what DEPLOYMENT (<model>@<alias> or <model>/<version>) served, and act on it.

    Without --every this is one tick: let cron or Kubernetes be the clock. With it, ticks repeat
    until SIGINT or SIGTERM; a server that does not answer is asked again in the next one.
    """
    policy = parse(policy_file.read_bytes()) if policy_file else DEFAULT
    if window is not None:
        policy = msgspec.structs.replace(policy, window=window)
    with connect() as stores:
        if every is None:
            _show(stores, tick(stores, deployment, policy=policy, now=_now()), as_json)
        else:
            _loop(stores, deployment, policy, every, as_json)


@monitor.command()
@click.argument("deployment")
@click.option("--limit", type=click.IntRange(1, 1000), default=1, help="How many, newest first.")
@json_option
def report(deployment: str, limit: int, as_json: bool) -> None:
    """Show what the newest judged windows of DEPLOYMENT looked like."""
    with connect() as stores:
        reports = stores.monitoring.list_reports(deployment, limit=limit)
    if as_json:
        print_json(reports)
        return
    if not reports:
        click.echo(f"{deployment} has no reports yet; make one: mainstay monitor run {deployment}")
    for found in reports:
        _print_report(found)


@monitor.command()
@click.argument("deployment", required=False)
@click.option("--firing", is_flag=True, help="Only those that fire.")
@json_option
def alerts(deployment: str | None, firing: bool, as_json: bool) -> None:
    """List alerts, of DEPLOYMENT or of all, the last changed first."""
    with connect() as stores:
        found = stores.monitoring.list_alerts(deployment=deployment, firing=firing)
    if as_json:
        print_json(found)
    elif not found:
        click.echo("No alerts.")
    else:
        _print_alerts(found)


@monitor.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=50, help="How many, newest first.")
@json_option
def actions(limit: int, as_json: bool) -> None:
    """List what was done because of alerts, newest first."""
    with connect() as stores:
        found = stores.monitoring.list_actions(limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [[_time(a.at), a.kind, "done" if a.done else "open", a.detail] for a in found]
    print_table(["at", "action", "state", "detail"], rows)


def _loop(
    stores: Stores, deployment: str, policy: MonitorPolicy, every: float, as_json: bool
) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    references = References()
    while not stop.is_set():
        try:
            now = _now()
            found = tick(stores, deployment, policy=policy, now=now, references=references)
            _show_step(stores, found, as_json, now)
        except Unavailable as error:
            click.echo(f"Warning: {error.message}", err=True)
        stop.wait(every)


def _show(stores: Stores, found: Report, as_json: bool) -> None:
    """Tell all of one tick: the report, and what fires."""
    firing = stores.monitoring.list_alerts(deployment=found.deployment, firing=True)
    if as_json:
        print_json({"report": found, "firing": firing})
    else:
        _print_report(found)
        _print_alerts(firing)


def _show_step(stores: Stores, found: Report, as_json: bool, since: int) -> None:
    """Tell of a tick in a loop: one line, and the alerts that changed."""
    known = stores.monitoring.list_alerts(deployment=found.deployment)
    changed = [alert for alert in known if alert.updated_at >= since]
    if as_json:
        click.echo(canonical({"report": found, "changed": changed}))
        return
    click.echo(f"{_time(since)} {_summary(found)}")
    for alert in changed:
        click.echo(f"  {alert.state}: {alert.message}")


def _summary(found: Report) -> str:
    drifted = sum(feature.drifted for feature in found.features)
    judged = f", {drifted} of {len(found.features)} inputs drifted" if found.features else ""
    return (
        f"{found.deployment} v{found.version}: {found.requests} requests, "
        f"{found.errors} errors ({found.error_rate:.1%}), "
        f"p50 {found.latency_p50 * 1000:.3g} ms, p99 {found.latency_p99 * 1000:.3g} ms{judged}"
    )


def _print_report(found: Report) -> None:
    click.echo(_summary(found))
    features = [*found.features, *([found.predictions] if found.predictions else [])]
    rows: list[list[Any]] = [
        [
            feature.feature,
            "drifted" if feature.drifted else "ok",
            f"{feature.score:.4g}",
            f"{feature.threshold:.4g}",
            f"{feature.p_value:.2g}",
            feature.message,
        ]
        for feature in features
    ]
    if rows:
        print_table(["feature", "state", features[0].detector, "bound", "p", "change"], rows)


def _print_alerts(found: list[Alert]) -> None:
    rows = [
        [a.state, a.deployment, a.version, a.kind, a.subject, _time(a.since), a.message]
        for a in found
    ]
    if rows:
        print_table(["state", "deployment", "v", "kind", "subject", "since", "message"], rows)


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _now() -> int:
    return time.time_ns() // 1_000_000
