"""``mainstay db``: look after the database of a server."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click
import msgspec

from mainstay.cli.addresses import database_uri, destination_option, files_of
from mainstay.cli.backups import backup, restore
from mainstay.cli.output import json_option, print_json, print_table


@click.group()
def db() -> None:
    """Upgrade, check, back up and restore the database."""


db.add_command(backup)
db.add_command(restore)


@db.command()
@click.argument("url", required=False)
@click.option(
    "--backup/--no-backup",
    "with_backup",
    default=True,
    show_default=True,
    help="Make a checked back-up first.",
)
@click.option("--plan", "only_plan", is_flag=True, help="Say what would be done; change nothing.")
@json_option
def upgrade(url: str | None, with_backup: bool, only_plan: bool, as_json: bool) -> None:
    """Bring the database at URL (default: sqlite:///mainstay.db) to this version's schema.

    One transaction: if it fails or is killed, nothing has changed. A checked back-up is made first:
    on SQLite beside the file, on PostgreSQL (with pg_dump) in the current folder.
    """
    from mainstay.stores.sql import upkeep  # loads SQLAlchemy
    from mainstay.stores.sql.database import shown

    chosen = database_uri(url)
    if only_plan:
        _say_plan(upkeep.plan(chosen), with_backup=with_backup, as_json=as_json)
        return
    copy = _copy_before(chosen) if with_backup else None
    before, after = upkeep.upgrade(chosen)
    if as_json:
        said = {"uri": shown(chosen), "before": before, "after": after}
        print_json({**said, "backup": str(copy)} if copy else said)
    elif before == after:
        click.echo(f"{shown(chosen)} has schema {after} already.")
    elif before is None:
        click.echo(f"{shown(chosen)} was empty; it has schema {after} now.")
    else:
        click.echo(f"{shown(chosen)} went from schema {before} to {after}.")
    if copy and not as_json:
        click.echo(
            f"As it was: {copy}. To go back: stop the server, move the database away, then "
            f"mainstay db restore {copy} {shown(chosen)}, with the mainstay of before."
        )


def _say_plan(plan: Any, *, with_backup: bool, as_json: bool) -> None:
    backed_up = with_backup and bool(plan.steps) and plan.before is not None
    if as_json:
        print_json({**msgspec.structs.asdict(plan), "backup": backed_up})
        return
    if not plan.steps:
        click.echo(f"{plan.uri} has schema {plan.after} already; nothing would be done.")
        return
    click.echo(f"{plan.uri} would go from schema {plan.before or '(none)'} to {plan.after}:")
    if backed_up:
        click.echo(f"  a back-up of its {plan.rows} rows, checked")
    for step in plan.steps:
        click.echo(f"  {step}")
    click.echo("  in one transaction. Nothing was changed.")


def _copy_before(uri: str) -> Path | None:
    """Back up a database that will change. None: there is nothing to copy, or nothing to do.

    Raises: BadInput (PostgreSQL, and there is no pg_dump).
    """
    from mainstay.connect import backups
    from mainstay.stores.sql import driver, upkeep
    from mainstay.stores.sql.database import find_path

    url = driver.parse(uri)
    beside = find_path(url) if url.drivername == "sqlite" else Path.cwd() / (url.database or "db")
    if beside is None or (url.drivername == "sqlite" and not beside.exists()):
        return None
    if not upkeep.needs_upgrade(uri):
        return None
    folder = beside.with_name(f"{beside.name}.before-upgrade-{time.strftime('%Y%m%d-%H%M%S')}")
    backups.back_up(uri, folder)
    return folder


@db.command()
@click.argument("url", required=False)
@click.option(
    "--artifacts", is_flag=True, help="Read every file again and compare it with its SHA-256."
)
@destination_option
@json_option
def check(
    url: str | None, artifacts: bool, artifacts_destination: str | None, as_json: bool
) -> None:
    """Check schema and content of the database at URL; change nothing. Exit code 1: not well."""
    from mainstay.stores.sql import upkeep  # loads SQLAlchemy

    uri = database_uri(url)
    found = upkeep.check(uri)
    problems = [*found.problems]
    scrubbed = 0
    if artifacts:
        from mainstay.connect import scrub
        from mainstay.stores.sql import backup as copies

        files = copies.look(uri).files
        scrubbed = len(files)
        problems += scrub.scrub(files_of(uri, artifacts_destination), files)
    if as_json:
        about = {**msgspec.structs.asdict(found), "problems": problems, "files": scrubbed}
        print_json({**about, "healthy": not problems})
    elif problems:
        for problem in problems:
            click.echo(f"{found.uri}: {problem}")
    else:
        click.echo(f"{found.uri} is well: schema {found.schema}.")
        if artifacts:
            click.echo(f"{scrubbed} files are what was uploaded.")
    if problems:
        sys.exit(1)


@db.command()
@click.argument("url", required=False)
@json_option
def stats(url: str | None, as_json: bool) -> None:
    """Show how much the database at URL holds: tables, and what each experiment keeps."""
    from mainstay.stores.sql import stats as measures
    from mainstay.stores.sql import upkeep

    uri = database_uri(url)
    upkeep.require(uri)
    with upkeep.open_connection(uri, writer=False) as connection, connection.begin():
        found = measures.collect(connection)
    if as_json:
        print_json(found)
        return
    title = f"{found.size} bytes, {found.free} of them free for reuse"
    filled = [one for one in found.tables if one.rows]
    if any(one.size is not None for one in filled):
        sizes = [(one.name, one.rows, one.size) for one in filled]
        print_table(("table", "rows", "bytes with indexes"), sizes, title=title)
    else:  # this build of SQLite does not tell the sizes of tables
        print_table(("table", "rows"), [(one.name, one.rows) for one in filled], title=title)
    print_table(
        ("experiment", "name", "runs", "models", "points", "of metrics", "files", "of files"),
        [
            (
                e.experiment_id,
                e.name,
                e.runs,
                e.models,
                e.points,
                e.metric_bytes,
                e.files,
                e.file_bytes,
            )
            for e in found.experiments
        ],
        title="bytes of metrics and of files; files elsewhere than behind a server are not known",
    )
