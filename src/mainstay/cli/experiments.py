"""``mainstay experiments``: list, describe, create, rename, delete, restore, standard."""

from __future__ import annotations

import click

from mainstay.cli import reading
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.cli.retention import holding, retention
from mainstay.cli.standard import standard
from mainstay.client import Client

given_option = click.option("--experiment-id", help="By id.")


@click.group()
def experiments() -> None:
    """List, describe and change experiments."""


experiments.add_command(standard)
experiments.add_command(retention)
experiments.add_command(holding)


@experiments.command("list")
@reading.view_option
@click.option("--filter", "filter_string", default="", help="E.g. \"name LIKE 'churn%'\".")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1))
@reading.tracking_option
@json_option
def list_experiments(
    view: str, filter_string: str, limit: int, tracking_uri: str | None, as_json: bool
) -> None:
    """List experiments, newest first."""
    source = reading.client(tracking_uri)
    found = source.search_experiments(reading.VIEWS[view], limit, filter_string)
    if as_json:
        print_json(found)
        return
    print_table(
        ["id", "name", "state", "created (UTC)", "artifacts"],
        [
            [
                one.experiment_id,
                one.name,
                one.lifecycle_stage,
                reading.when(one.creation_time),
                one.artifact_location,
            ]
            for one in found
        ],
    )


experiments.add_command(list_experiments, "search")


@experiments.command()
@click.argument("name", required=False)
@given_option
@reading.tracking_option
@json_option
def describe(
    name: str | None, experiment_id: str | None, tracking_uri: str | None, as_json: bool
) -> None:
    """Show one experiment, by name or id."""
    found = reading.find_experiment(reading.client(tracking_uri), name, experiment_id)
    if as_json:
        print_json(found)
        return
    print_table(
        ["", ""],
        [
            ("id", found.experiment_id),
            ("name", found.name),
            ("state", found.lifecycle_stage),
            ("created (UTC)", reading.when(found.creation_time)),
            ("changed (UTC)", reading.when(found.last_update_time)),
            ("artifacts", found.artifact_location),
            *((f"tag {key}", value) for key, value in sorted(found.tags.items())),
        ],
    )


@experiments.command()
@click.argument("name", required=False)
@click.option("-n", "--experiment-name", help="The same as NAME.")
@click.option("-l", "--artifact-location", help="Where files of its runs go.")
@reading.tracking_option
def create(
    name: str | None,
    experiment_name: str | None,
    artifact_location: str | None,
    tracking_uri: str | None,
) -> None:
    """Create an experiment."""
    wanted = name or experiment_name
    if not wanted:
        raise click.UsageError("give the name of the experiment")
    made = reading.client(tracking_uri).create_experiment(wanted, artifact_location)
    click.echo(f"Created experiment {wanted!r} with id {made}.")


@experiments.command()
@click.argument("name", required=False)
@given_option
@click.option("--new-name", required=True, help="Its new name.")
@reading.tracking_option
def rename(
    name: str | None, experiment_id: str | None, new_name: str, tracking_uri: str | None
) -> None:
    """Rename an experiment."""
    source = reading.client(tracking_uri)
    found = _given(source, name, experiment_id)
    source.rename_experiment(found, new_name)
    click.echo(f"Experiment {found} is now called {new_name!r}.")


@experiments.command()
@click.argument("name", required=False)
@given_option
@reading.tracking_option
def delete(name: str | None, experiment_id: str | None, tracking_uri: str | None) -> None:
    """Mark an experiment and its runs deleted; `restore` brings them back."""
    source = reading.client(tracking_uri)
    found = _given(source, name, experiment_id)
    source.delete_experiment(found)
    click.echo(f"Experiment {found} is deleted.")


@experiments.command()
@click.argument("name", required=False)
@given_option
@reading.tracking_option
def restore(name: str | None, experiment_id: str | None, tracking_uri: str | None) -> None:
    """Bring a deleted experiment back."""
    source = reading.client(tracking_uri)
    found = _given(source, name, experiment_id)
    source.restore_experiment(found)
    click.echo(f"Experiment {found} is restored.")


def _given(source: Client, name: str | None, experiment_id: str | None) -> str:
    """Return the id of an experiment that must be named: nothing is changed by default."""
    if name is None and experiment_id is None:
        raise click.UsageError("give the experiment, by name or with --experiment-id")
    return reading.find_experiment(source, name, experiment_id).experiment_id
