"""``mainstay experiments retention`` and ``holding``: what is kept how long, and how much it is."""

from __future__ import annotations

import click

from mainstay.cli import reading
from mainstay.cli.gc import seconds
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.cli.who import operator
from mainstay.connect import connect
from mainstay.entities.retention import Retention

experiment_argument = click.argument("experiment")
DAY = 86_400


@click.group()
def retention() -> None:
    """Say how long an experiment keeps what nobody needs; `mainstay gc` applies it."""


def _age(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    return None if text is None else seconds(text) / DAY


@retention.command("set")
@experiment_argument
@click.option("--deleted", callback=_age, help="What was deleted can be restored this long: 30d.")
@click.option(
    "--unregistered",
    callback=_age,
    help="Runs that no version needs are deleted this long after their end: 180d.",
)
@click.option(
    "--files",
    callback=_age,
    help="Files of runs that no version needs go this long after the run's end: 90d.",
)
@reading.tracking_option
def set_retention(
    experiment: str,
    deleted: float | None,
    unregistered: float | None,
    files: float | None,
    tracking_uri: str | None,
) -> None:
    """Give EXPERIMENT (a name or id) a rule, instead of the one that it has."""
    found = _experiment(tracking_uri, experiment)
    rule = Retention(experiment_id=found, deleted=deleted, unregistered=unregistered, files=files)
    with connect(tracking_uri) as stores:
        done = stores.retention.set_retention(rule, by=operator())
    click.echo(f"Experiment {found}: {_sentence(done)}.")


@retention.command()
@experiment_argument
@reading.tracking_option
@json_option
def show(experiment: str, tracking_uri: str | None, as_json: bool) -> None:
    """Show the rule of EXPERIMENT."""
    found = _experiment(tracking_uri, experiment)
    with connect(tracking_uri) as stores:
        kept = stores.retention.get_retention(found)
    if as_json:
        print_json(kept)
    elif kept is None:
        click.echo(f"Experiment {found} keeps everything; what is deleted, as `mainstay gc` says.")
    else:
        set_by = f"set by {kept.principal}, {reading.when(kept.at)} UTC"
        click.echo(f"Experiment {found}: {_sentence(kept)} ({set_by}).")


@retention.command()
@experiment_argument
@reading.tracking_option
def remove(experiment: str, tracking_uri: str | None) -> None:
    """Take the rule off EXPERIMENT."""
    found = _experiment(tracking_uri, experiment)
    with connect(tracking_uri) as stores:
        stores.retention.delete_retention(found, by=operator())
    click.echo(f"Experiment {found} keeps everything.")


@click.command()
@experiment_argument
@reading.tracking_option
@json_option
def holding(experiment: str, tracking_uri: str | None, as_json: bool) -> None:
    """Show how much EXPERIMENT holds: runs, points, bytes of metrics and of files."""
    found = _experiment(tracking_uri, experiment)
    with connect(tracking_uri) as stores:
        held = stores.retention.get_holding(found)
    if as_json:
        print_json(held)
        return
    elsewhere = "not known: clients write elsewhere"
    print_table(
        ("what", "how much"),
        [
            ("runs", f"{held.runs} ({held.deleted_runs} of them deleted)"),
            ("logged models", held.models),
            ("points", held.points),
            ("bytes of metrics", held.metric_bytes),
            ("files", elsewhere if held.files is None else held.files),
            ("bytes of files", elsewhere if held.file_bytes is None else held.file_bytes),
        ],
        title=f"experiment {held.experiment_id}, {held.name}",
    )


def _sentence(rule: Retention) -> str:
    parts = [
        (rule.deleted, "what is deleted can be restored for {} days"),
        (rule.unregistered, "runs that no version needs are deleted {} days after their end"),
        (rule.files, "files of runs that no version needs go {} days after the run's end"),
    ]
    return "; ".join(text.format(f"{days:g}") for days, text in parts if days is not None)


def _experiment(tracking_uri: str | None, given: str) -> str:
    return reading.find_experiment(reading.client(tracking_uri), given, None).experiment_id
