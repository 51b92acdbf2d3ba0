"""``mainstay experiments``: list, describe, compare, export, create, rename, delete, standard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mainstay.cli import reading
from mainstay.cli.output import json_option, output_option, print_export, print_json, print_table
from mainstay.cli.retention import holding, retention
from mainstay.cli.standard import standard
from mainstay.cli.summaries import STATES, Range, Summary, summarise, tried
from mainstay.client import Client
from mainstay.errors import BadInput

given_option = click.option("--experiment-id", help="By id.")


@click.group()
def experiments() -> None:
    """List, describe, compare, export and change experiments."""


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
@click.argument("names", nargs=-1, required=True, metavar="EXPERIMENT EXPERIMENT...")
@click.option("--metric", "metrics", multiple=True, help="A metric to show; default: all.")
@click.option("--all", "everything", is_flag=True, help="Also parameters with equal values.")
@reading.tracking_option
@json_option
def compare(
    names: tuple[str, ...],
    metrics: tuple[str, ...],
    everything: bool,
    tracking_uri: str | None,
    as_json: bool,
) -> None:
    """Show experiments side by side: runs by state, metrics from low to high, what was tried."""
    if len(names) < 2:
        raise BadInput("give at least two experiments to compare, by name or id")
    source = reading.client(tracking_uri)
    found = [summarise(source, reading.find_experiment(source, name, None)) for name in names]
    if as_json:
        print_json(found)
        return
    heads = [one.experiment.name for one in found]
    rows: list[list[object]] = [["runs", *(one.runs for one in found)]]
    rows += [[s.lower(), *(one.states.get(s, 0) for one in found)] for s in _present(found)]
    print_table(["", *heads], [*rows, ["last start (UTC)", *map(_last_start, found)]])
    keys = metrics or sorted({key for one in found for key in one.metrics})
    spans = [[key, *(_span(one.metrics.get(key)) for one in found)] for key in keys]
    print_table(["metric: low, median, high (runs)", *heads], spans)
    params = sorted({key for one in found for key in one.params})
    values = {key: [tried(one.params.get(key, [])) for one in found] for key in params}
    differ = [[key, *row] for key, row in values.items() if everything or len(set(row)) > 1]
    if differ:
        print_table(["parameter", *heads], differ)


@experiments.command()
@click.argument("names", nargs=-1, metavar="[EXPERIMENT]...")
@reading.view_option
@click.option("--filter", "filter_string", default="", help="Export only those that match.")
@output_option
@reading.tracking_option
@json_option
def export(
    names: tuple[str, ...],
    view: str,
    filter_string: str,
    output: Path | None,
    tracking_uri: str | None,
    as_json: bool,
) -> None:
    """Write experiments as CSV, a row an experiment, or with --json as JSON.

    Those named, else all: with tags, runs by state, and the lowest, median and highest last value
    of each metric. `mainstay runs export` writes their runs, `mainstay export` everything.
    """
    source = reading.client(tracking_uri)
    if names and filter_string:
        raise BadInput("give experiments by name or by --filter, not both")
    chosen = (
        [reading.find_experiment(source, name, None) for name in names]
        if names
        else reading.every_experiment(source, reading.VIEWS[view], filter_string)
    )
    found = [summarise(source, one) for one in chosen]
    print_export(found, _as_rows, output, as_json=as_json, noun="experiment")


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


def _present(found: Sequence[Summary]) -> list[str]:
    """Return the states that runs are in, and FINISHED always."""
    return [s for s in STATES if s == "FINISHED" or any(one.states.get(s) for one in found)]


def _last_start(one: Summary) -> str:
    return reading.when(one.last_start)


def _span(found: Range | None) -> str:
    if found is None:
        return ""
    low, middle, high = map(reading.short, (found.low, found.median, found.high))
    return f"{low}, {middle}, {high} ({found.runs})"


def _as_rows(found: Sequence[Summary]) -> tuple[list[str], list[list[object]]]:
    metrics = sorted({key for one in found for key in one.metrics})
    tags = sorted({key for one in found for key in one.experiment.tags})
    head = ["experiment_id", "name", "lifecycle_stage", "creation_time", "last_update_time"]
    head += ["artifact_location", "runs", *(state.lower() for state in STATES)]
    head += [f"metrics.{key}.{end}" for key in metrics for end in ("low", "median", "high")]
    rows: list[list[object]] = []
    for one in found:
        about = one.experiment
        row: list[object] = [about.experiment_id, about.name, about.lifecycle_stage]
        row += [about.creation_time, about.last_update_time, about.artifact_location, one.runs]
        row += [one.states.get(state, 0) for state in STATES]
        for key in metrics:
            span = one.metrics.get(key)
            row += ["", "", ""] if span is None else [span.low, span.median, span.high]
        rows.append([*row, *(about.tags.get(key, "") for key in tags)])
    return [*head, *(f"tags.{key}" for key in tags)], rows
