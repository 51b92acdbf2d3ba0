"""``mainstay audit``: read the audit trail, and prove that nobody changed it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from mainstay.cli.output import json_option, print_json, print_table
from mainstay.connect import connect
from mainstay.promotion import audit as trails


@click.group()
def audit() -> None:
    """Read and verify who changed what in registry and releases."""


@audit.command()
@click.option("--subject", help="Only this: model, model/version or model@alias.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
def log(subject: str | None, limit: int, as_json: bool) -> None:
    """Print the last links of the trail, newest last."""
    with connect() as stores:
        links = list(trails.read(stores.release, subject=subject))[-limit:]
    if as_json:
        print_json({"entries": links})
        return
    rows = [
        (
            link.sequence,
            datetime.fromtimestamp(link.at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            link.principal,
            link.action,
            link.subject,
            link.data.get("reason", ""),
        )
        for link in links
    ]
    print_table(("link", "when (UTC)", "who", "what", "about", "why"), rows)


@audit.command()
@click.option("--head", help="The head noted last time, to find what was cut off or rewritten.")
@json_option
def verify(head: str | None, as_json: bool) -> None:
    """Check every link of the trail. Exit code 0 if it is whole, 1 if not."""
    known = trails.read_head(head) if head else None
    with connect() as stores:
        found = trails.verify(trails.read(stores.release), head=known)
    if as_json:
        print_json(
            {"intact": found.intact, **{f: getattr(found, f) for f in found.__struct_fields__}}
        )
    elif found.intact:
        click.echo(f"the trail is whole: {found.links} links")
        if found.head:
            click.echo(f"keep its head elsewhere, and give it next time: --head {found.head}")
    else:
        click.echo("the trail was changed:")
        for problem in found.problems:
            click.echo(f"  {problem}")
    if not found.intact:
        sys.exit(1)
