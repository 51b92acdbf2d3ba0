"""``mainstay artifacts``: list, download, log."""

from __future__ import annotations

import click

from mainstay.cli import reading
from mainstay.cli.output import json_option, print_json, print_table

run_option = click.option("-r", "--run-id", help="A run, by id or name.")
path_option = click.option("-a", "--artifact-path", help="A path below the run's root.")


@click.group()
def artifacts() -> None:
    """List, download and log files of runs and models."""


@artifacts.command("list")
@click.argument("uri", required=False)
@run_option
@path_option
@reading.tracking_option
@json_option
def list_artifacts(
    uri: str | None,
    run_id: str | None,
    artifact_path: str | None,
    tracking_uri: str | None,
    as_json: bool,
) -> None:
    """List the files at an address (runs:/…, models:/…) or of a run."""
    from mainstay.artifacts import list_artifacts as listed

    _one_of(uri, run_id)
    found = listed(uri, _id(run_id, tracking_uri), artifact_path, tracking_uri)
    if as_json:
        print_json(found)
        return
    print_table(
        ["path", "bytes"],
        [[f"{one.path}/" if one.is_dir else one.path, one.file_size] for one in found],
    )


@artifacts.command()
@click.argument("uri", required=False)
@click.option("-u", "--artifact-uri", help="The same as URI.")
@run_option
@path_option
@click.option("-d", "--dst-path", default=".", show_default=True, help="Where to put it.")
@reading.tracking_option
def download(
    uri: str | None,
    artifact_uri: str | None,
    run_id: str | None,
    artifact_path: str | None,
    dst_path: str,
    tracking_uri: str | None,
) -> None:
    """Download a file or folder, by address or from a run."""
    from mainstay.artifacts import download_artifacts

    wanted = uri or artifact_uri
    _one_of(wanted, run_id)
    found = _id(run_id, tracking_uri)
    click.echo(download_artifacts(wanted, found, artifact_path, dst_path, tracking_uri))


@artifacts.command("log")
@click.argument("local", type=click.Path(exists=True))
@click.option("-r", "--run-id", required=True, help="The run, by id or name.")
@path_option
@reading.tracking_option
def log_artifact(
    local: str, run_id: str, artifact_path: str | None, tracking_uri: str | None
) -> None:
    """Log a file or folder with a run."""
    source = reading.client(tracking_uri)
    found = reading.find_run(source, run_id).info.run_id
    source.log_artifact(found, local, artifact_path)
    click.echo(f"Logged {local} with run {found}.")


def _one_of(uri: str | None, run: str | None) -> None:
    """Raises: UsageError: neither an address nor a run, or both."""
    if (uri is None) == (run is None):
        raise click.UsageError(
            "give an address (runs:/…, models:/…, a path) or a run with --run-id, one of the two"
        )


def _id(run: str | None, tracking_uri: str | None) -> str | None:
    """Return a run's id from its id or name."""
    return None if run is None else reading.find_run(reading.client(tracking_uri), run).info.run_id
