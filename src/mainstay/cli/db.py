"""``mainstay db``: upgrade and check the database of a server."""

from __future__ import annotations

import sys

import click
import msgspec

from mainstay import settings
from mainstay.cli.output import json_option, print_json
from mainstay.errors import BadInput

DEFAULT = "sqlite:///mainstay.db"


@click.group()
def db() -> None:
    """Upgrade and check the database."""


@db.command()
@click.argument("url", required=False)
@json_option
def upgrade(url: str | None, as_json: bool) -> None:
    """Bring the database at URL (default: sqlite:///mainstay.db) to this version's schema.

    Make a backup first. One transaction: if it fails, nothing has changed.
    """
    from mainstay.stores.sql import upkeep  # loads SQLAlchemy
    from mainstay.stores.sql.database import shown

    chosen = _url(url)
    before, after = upkeep.upgrade(chosen)
    if as_json:
        print_json({"uri": shown(chosen), "before": before, "after": after})
    elif before == after:
        click.echo(f"{shown(chosen)} has schema {after} already.")
    elif before is None:
        click.echo(f"{shown(chosen)} was empty; it has schema {after} now.")
    else:
        click.echo(f"{shown(chosen)} went from schema {before} to {after}.")


@db.command()
@click.argument("url", required=False)
@json_option
def check(url: str | None, as_json: bool) -> None:
    """Check schema and content of the database at URL; change nothing. Exit code 1: not well."""
    from mainstay.stores.sql import upkeep  # loads SQLAlchemy

    found = upkeep.check(_url(url))
    if as_json:
        print_json({**msgspec.structs.asdict(found), "healthy": found.healthy})
    elif found.healthy:
        click.echo(f"{found.uri} is well: schema {found.schema}.")
    else:
        for problem in found.problems:
            click.echo(f"{found.uri}: {problem}")
    if not found.healthy:
        sys.exit(1)


def _url(given: str | None) -> str:
    chosen = given or settings.TRACKING_URI.get() or DEFAULT
    if chosen.startswith(("http:", "https:")):
        raise BadInput(
            f"{chosen} is a server; run this where the server runs and give its database, "
            f"for example: mainstay db upgrade {DEFAULT}"
        )
    return chosen
