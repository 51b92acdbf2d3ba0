"""``mainstay db backup`` and ``restore``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mainstay.cli.addresses import database_uri, destination_option, files_of
from mainstay.cli.output import json_option, print_json


@click.command()
@click.argument("destination", type=click.Path(path_type=Path))
@click.argument("url", required=False)
@click.option("--artifacts/--no-artifacts", default=False, help="Copy the files too.")
@destination_option
@json_option
def backup(
    destination: Path,
    url: str | None,
    artifacts: bool,
    artifacts_destination: str | None,
    as_json: bool,
) -> None:
    """Copy the database at URL to the new folder DESTINATION, while it is in use, and check it.

    The digests of all files go along, the files themselves with --artifacts. Exit code 1: files
    were lost or damaged already, and the back-up lists them.
    """
    from mainstay.connect import backups  # loads SQLAlchemy

    uri = database_uri(url)
    files = files_of(uri, artifacts_destination) if artifacts else None
    done = backups.back_up(uri, destination, files)
    rows = sum(table.rows for table in done.tables.values())
    if as_json:
        summary = {"rows": rows, "files": len(done.files), "missing": done.missing}
        print_json({"folder": str(destination), "sha256": done.sha256, **summary})
    else:
        kept = "copied" if artifacts else "listed"
        click.echo(
            f"{done.source} is in {destination}: {rows} rows, {done.size} bytes, checked; "
            f"{len(done.files)} files {kept}."
        )
        for location in done.missing:
            click.echo(f"lost or damaged before: {location}", err=True)
    if done.missing:
        sys.exit(1)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("url", required=False)
@click.option(
    "--verify", "only_verify", is_flag=True, help="Check the back-up and restore nothing."
)
@destination_option
@json_option
def restore(
    folder: Path,
    url: str | None,
    only_verify: bool,
    artifacts_destination: str | None,
    as_json: bool,
) -> None:
    """Put the back-up in FOLDER into the empty database at URL, with its files if it has them.

    What was restored is compared, row by row and file by file, with what was backed up. Exit code
    1: they differ, or with --verify: the back-up is damaged.
    """
    from mainstay.connect import backups  # loads SQLAlchemy
    from mainstay.stores.sql.database import shown

    if only_verify:
        problems = backups.verify(folder)
        said = f"{folder} is sound."
    else:
        uri = database_uri(url)
        about = backups.read(folder)
        files = files_of(uri, artifacts_destination) if about.with_files else None
        problems = backups.restore(folder, uri, files)
        said = f"{folder} is restored to {shown(uri)} and compared: no difference."
        if about.files and not about.with_files:
            said += (
                f" Its {len(about.files)} files are not in it: bring them back by their own means, "
                "then mainstay db check --artifacts."
            )
    if as_json:
        print_json({"folder": str(folder), "sound": not problems, "problems": problems})
    elif problems:
        for problem in problems:
            click.echo(problem, err=True)
    else:
        click.echo(said)
    if problems:
        sys.exit(1)
