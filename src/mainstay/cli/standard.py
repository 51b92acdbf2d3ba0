"""``mainstay experiments standard``: what runs of an experiment must log."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mainstay.cli import reading
from mainstay.cli.output import json_option, print_json
from mainstay.cli.who import operator
from mainstay.connect import connect
from mainstay.entities.standards import StandardReport

experiment_argument = click.argument("experiment")


@click.group()
def standard() -> None:
    """Set, show and check the logging standard of an experiment."""


@standard.command("set")
@experiment_argument
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@reading.tracking_option
def set_standard(experiment: str, file: Path, tracking_uri: str | None) -> None:
    """Give EXPERIMENT (a name or id) the standard in FILE, a YAML file."""
    found = _experiment(tracking_uri, experiment)
    with connect(tracking_uri) as stores:
        done = stores.standards.set_standard(found, file.read_text("utf-8"), by=operator())
    click.echo(f"Experiment {found} has the standard {done.digest[:12]}.")


@standard.command()
@experiment_argument
@reading.tracking_option
@json_option
def show(experiment: str, tracking_uri: str | None, as_json: bool) -> None:
    """Show the standard of EXPERIMENT."""
    found = _experiment(tracking_uri, experiment)
    with connect(tracking_uri) as stores:
        kept = stores.standards.get_standard(found)
    if as_json:
        print_json(kept)
    elif kept is None:
        click.echo(f"Experiment {found} has no logging standard.")
    else:
        click.echo(f"# set by {kept.principal}, {reading.when(kept.at)} UTC")
        click.echo(kept.text.rstrip())


@standard.command()
@experiment_argument
@reading.tracking_option
def remove(experiment: str, tracking_uri: str | None) -> None:
    """Take the standard off EXPERIMENT."""
    found = _experiment(tracking_uri, experiment)
    with connect(tracking_uri) as stores:
        stores.standards.delete_standard(found, by=operator())
    click.echo(f"Experiment {found} has no logging standard.")


@standard.command()
@click.argument("run")
@reading.tracking_option
@json_option
def check(run: str, tracking_uri: str | None, as_json: bool) -> None:
    """Judge RUN (an id or name) now. Exit code 1: something is missing."""
    run_id = reading.find_run(reading.client(tracking_uri), run).info.run_id
    with connect(tracking_uri) as stores:
        report = stores.standards.check_run(run_id)
    if as_json:
        print_json({"report": report, "complete": report is None or report.complete})
    else:
        click.echo(_sentence(run_id, report))
    if report is not None and not report.complete:
        sys.exit(1)


def _sentence(run_id: str, report: StandardReport | None) -> str:
    if report is None:
        return f"Run {run_id}: its experiment has no logging standard."
    if report.complete:
        return f"Run {run_id} has all that the standard of experiment {report.experiment_id} asks."
    ends = "cannot be registered" if report.mode == "enforce" else "can be registered all the same"
    return f"Run {run_id} is incomplete and {ends}; missing: {', '.join(report.missing)}."


def _experiment(tracking_uri: str | None, given: str) -> str:
    return reading.find_experiment(reading.client(tracking_uri), given, None).experiment_id
