"""``mainstay runs``: list, describe, compare, rank, export, delete, restore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import msgspec

from mainstay.cli import reading
from mainstay.cli.output import json_option, output_option, print_export, print_json, print_table
from mainstay.cli.summaries import every_run
from mainstay.client import Client
from mainstay.client.defaults import PagedList
from mainstay.entities.runs import Pulse, Run
from mainstay.errors import BadInput

experiment_option = click.option("--experiment", "--experiment-name", help="Experiment, by name.")
id_option = click.option("--experiment-id", help="Experiment, by id.")


@click.group()
def runs() -> None:
    """List, describe, compare, rank and export runs."""


def _search(
    tracking_uri: str | None,
    experiment: str | None,
    experiment_id: str | None,
    filter_string: str = "",
    order_by: tuple[str, ...] = (),
    limit: int = 1000,
    view: str = "active_only",
) -> PagedList[Run]:
    source = reading.client(tracking_uri)
    found = reading.find_experiment(source, experiment, experiment_id)
    ids = [found.experiment_id]
    return source.search_runs(ids, filter_string, reading.VIEWS[view], limit, order_by)


@runs.command("list")
@experiment_option
@id_option
@click.option("--filter", "filter_string", default="", help='E.g. "metrics.auc > 0.9".')
@click.option("--order-by", multiple=True, help='E.g. "metrics.auc DESC".')
@click.option("--metric", "metrics", multiple=True, help="A metric to show; default: up to four.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@reading.view_option
@reading.tracking_option
@json_option
def list_runs(
    experiment: str | None,
    experiment_id: str | None,
    filter_string: str,
    order_by: tuple[str, ...],
    metrics: tuple[str, ...],
    limit: int,
    view: str,
    tracking_uri: str | None,
    as_json: bool,
) -> None:
    """List the runs of an experiment, newest first."""
    found = _search(tracking_uri, experiment, experiment_id, filter_string, order_by, limit, view)
    lost = _lost(reading.client(tracking_uri), found)
    if as_json:
        print_json([_summary(run, lost) for run in found])
        return
    shown = list(metrics) or sorted({key for run in found for key in run.data.metrics})[:4]
    print_table(
        ["run", "name", "status", "started (UTC)", "took", *shown],
        [
            [
                run.info.run_id,
                run.info.run_name,
                "LOST" if run.info.run_id in lost else run.info.status,
                reading.when(run.info.start_time),
                reading.took(run),
                *(_metric(run, key) for key in shown),
            ]
            for run in found
        ],
    )
    if found.token:
        click.echo(f"Only the first {len(found)} are shown; --limit shows more.", err=True)


@runs.command()
@click.argument("run", required=False)
@click.option("--run-id", help="The same as RUN.")
@reading.tracking_option
@json_option
def describe(run: str | None, run_id: str | None, tracking_uri: str | None, as_json: bool) -> None:
    """Show one run (by id or name): parameters, metrics, tags, inputs, models."""
    source = reading.client(tracking_uri)
    found = reading.find_run(source, _one(run, run_id))
    lost = _lost(source, [found])
    if as_json:
        print_json(_summary(found, lost))
        return
    info = found.info
    home = source.get_experiment(info.experiment_id)
    head = [
        ("run", info.run_id),
        ("name", info.run_name),
        ("experiment", f"{info.experiment_id}, {home.name}"),
        ("status", _status(found, lost)),
        ("user", info.user_id),
        ("started (UTC)", reading.when(info.start_time)),
        ("took", reading.took(found)),
        ("artifacts", info.artifact_uri),
    ]
    print_table(["", ""], head)
    _print_pairs("parameters", sorted(found.data.params.items()))
    _print_pairs("metrics", [(k, reading.short(v)) for k, v in sorted(found.data.metrics.items())])
    _print_pairs("tags", sorted(found.data.tags.items()))
    data = [item.dataset for item in found.inputs.dataset_inputs]
    _print_pairs("data sets", [(one.name, one.digest) for one in data])
    models = [(output.model_id, f"step {output.step}") for output in found.outputs.model_outputs]
    _print_pairs("models", models)


@runs.command()
@click.argument("names", nargs=-1, required=True, metavar="RUN RUN...")
@click.option("--all", "everything", is_flag=True, help="Also what is equal in all of them.")
@reading.tracking_option
@json_option
def compare(
    names: tuple[str, ...], everything: bool, tracking_uri: str | None, as_json: bool
) -> None:
    """Show runs side by side: metrics, and the parameters that differ."""
    if len(names) < 2:
        raise BadInput("give at least two runs to compare")
    source = reading.client(tracking_uri)
    found = [reading.find_run(source, name) for name in names]
    if as_json:
        print_json(found)
        return
    heads = [run.info.run_name or run.info.run_id[:8] for run in found]
    metrics = sorted({key for run in found for key in run.data.metrics})
    rows = [[key, *(_metric(run, key) for run in found)] for key in metrics]
    print_table(["metric", *heads], rows)
    params = sorted({key for run in found for key in run.data.params})
    values = {key: [run.data.params.get(key, "") for run in found] for key in params}
    differ = [[key, *row] for key, row in values.items() if everything or len(set(row)) > 1]
    print_table(["parameter", *heads], differ)


@runs.command()
@experiment_option
@id_option
@click.option(
    "--scorecard",
    "path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file: criteria with metric, weight, floor, target, veto.",
)
@click.option("--filter", "filter_string", default="", help="Rank only runs that match.")
@reading.tracking_option
@json_option
def rank(
    experiment: str | None,
    experiment_id: str | None,
    path: Path,
    filter_string: str,
    tracking_uri: str | None,
    as_json: bool,
) -> None:
    """Rank the finished runs of an experiment by a scorecard: several measures, not one."""
    from mainstay.promotion import scorecard

    card = scorecard.parse(path.read_text())
    wanted = "attributes.status = 'FINISHED'"
    wanted = f"{wanted} AND {filter_string}" if filter_string else wanted
    found = _search(tracking_uri, experiment, experiment_id, wanted)
    names = {run.info.run_id: run.info.run_name for run in found}
    ranked = scorecard.rank({run.info.run_id: run.data.metrics for run in found}, card)
    if as_json:
        print_json(ranked)
        return
    rows = []
    for score in ranked:
        run_id, *rest = scorecard.row(score, card)
        rows.append([run_id, names[score.candidate], *rest])
    print_table(["run", "name", "score", *scorecard.columns(card), "verdict"], rows)


@runs.command()
@experiment_option
@id_option
@click.option("--filter", "filter_string", default="", help="Export only runs that match.")
@output_option
@reading.tracking_option
@json_option
def export(
    experiment: str | None,
    experiment_id: str | None,
    filter_string: str,
    output: Path | None,
    tracking_uri: str | None,
    as_json: bool,
) -> None:
    """Write all active runs of an experiment as CSV, a row a run, or with --json as JSON."""
    source = reading.client(tracking_uri)
    home = reading.find_experiment(source, experiment, experiment_id)
    found = list(every_run(source, home.experiment_id, filter_string))
    print_export(found, _as_rows, output, as_json=as_json, noun="run")


def _as_rows(found: Sequence[Run]) -> tuple[list[str], list[list[object]]]:
    """Return heads and rows of runs, a column for each metric, parameter and tag."""
    metrics = sorted({key for run in found for key in run.data.metrics})
    params = sorted({key for run in found for key in run.data.params})
    tags = sorted({key for run in found for key in run.data.tags})
    head = ["run_id", "run_name", "status", "start_time", "end_time"]
    heads = [f"metrics.{k}" for k in metrics] + [f"params.{k}" for k in params]
    rows: list[list[object]] = []
    for run in found:
        info, data = run.info, run.data
        row: list[object] = [info.run_id, info.run_name, info.status]
        row += [info.start_time, info.end_time]
        row += [data.metrics.get(key, "") for key in metrics]
        row += [data.params.get(key, "") for key in params]
        rows.append([*row, *(data.tags.get(key, "") for key in tags)])
    return [*head, *heads, *(f"tags.{key}" for key in tags)], rows


@runs.command()
@click.argument("run", required=False)
@click.option("--run-id", help="The same as RUN.")
@reading.tracking_option
def delete(run: str | None, run_id: str | None, tracking_uri: str | None) -> None:
    """Mark a run deleted; `restore` brings it back."""
    source = reading.client(tracking_uri)
    found = reading.find_run(source, _one(run, run_id)).info.run_id
    source.delete_run(found)
    click.echo(f"Run {found} is deleted; `mainstay runs restore {found}` brings it back.")


@runs.command()
@click.argument("run", required=False)
@click.option("--run-id", help="The same as RUN.")
@reading.tracking_option
def restore(run: str | None, run_id: str | None, tracking_uri: str | None) -> None:
    """Bring a deleted run back."""
    wanted = _one(run, run_id)
    reading.client(tracking_uri).restore_run(wanted)
    click.echo(f"Run {wanted} is restored.")


def _lost(source: Client, found: Sequence[Run]) -> dict[str, Pulse]:
    """Return those of the runs whose process has fallen silent."""
    running = [run.info.run_id for run in found if run.info.status == "RUNNING"]
    pulses = source.get_pulses(running) if running else {}
    return {run_id: pulse for run_id, pulse in pulses.items() if pulse.lost}


def _summary(run: Run, lost: Mapping[str, Pulse]) -> dict[str, object]:
    """Return a run for a script: the record, and whether it is lost."""
    plain: dict[str, object] = msgspec.to_builtins(run)
    return {**plain, "lost": run.info.run_id in lost}


def _status(run: Run, lost: Mapping[str, Pulse]) -> str:
    pulse = lost.get(run.info.run_id)
    if pulse is None:
        return run.info.status
    return f"LOST (says RUNNING; last heard of {reading.when(pulse.at)} UTC)"


def _one(argument: str | None, option: str | None) -> str:
    """Return what was given in one of two ways. Raises: BadInput if none or both were."""
    if (argument is None) == (option is None):
        raise BadInput("give the run once, as RUN or with --run-id")
    return argument or option or ""


def _metric(run: Run, key: str) -> str:
    value = run.data.metrics.get(key)
    return "" if value is None else reading.short(value)


def _print_pairs(title: str, pairs: list[tuple[str, str]]) -> None:
    if pairs:
        print_table([title, ""], pairs)
