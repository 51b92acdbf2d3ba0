"""``mainstay deployments``: what is serving, as the servers last said."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from mainstay.cli.output import json_option, print_json, print_table
from mainstay.connect import connect
from mainstay.errors import NotFound


@click.group()
def deployments() -> None:
    """See what is serving which version."""


@deployments.command("list")
@json_option
def list_deployments(as_json: bool) -> None:
    """List every deployment."""
    with connect() as stores:
        found = stores.monitoring.list_deployments()
    if as_json:
        print_json({"deployments": found})
        return
    rows = [
        (item.deployment, item.state, item.serving_version, item.desired_version, item.url)
        for item in found
    ]
    print_table(("deployment", "state", "serves", "wants", "address"), rows)


@deployments.command()
@click.argument("deployment")
@json_option
def describe(deployment: str, as_json: bool) -> None:
    """Show one deployment with its alerts."""
    with connect() as stores:
        found = [
            item for item in stores.monitoring.list_deployments() if item.deployment == deployment
        ]
        if not found:
            raise NotFound(
                f"no deployment is called {deployment!r}; see: mainstay deployments list"
            )
        alerts = stores.monitoring.list_alerts(deployment=deployment)
    if as_json:
        print_json({"deployment": found[0], "alerts": alerts})
        return
    item = found[0]
    at = datetime.fromtimestamp(item.updated_at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    for label, value in (
        ("deployment", item.deployment),
        ("address", item.url),
        ("follows", item.uri),
        ("state", item.state),
        ("serves version", item.serving_version),
        ("wants version", item.desired_version),
        ("message", item.message),
        ("last heard (UTC)", at),
    ):
        click.echo(f"{label:<18}{'' if value is None else value}")
    if alerts:
        rows = [(alert.state, alert.kind, alert.subject, alert.message) for alert in alerts]
        print_table(("state", "alert", "subject", "message"), rows)
