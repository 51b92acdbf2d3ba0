"""``mainstay run`` and ``mainstay reproduce``."""

from __future__ import annotations

import sys

import click

from mainstay.cli.output import json_option, print_json, print_table
from mainstay.errors import BadInput

env_manager_option = click.option(
    "--env-manager",
    type=click.Choice(["local", "uv"]),
    default="local",
    show_default=True,
    help="local: this interpreter; uv: an environment built from the project's own file.",
)
parameter_option = click.option(
    "-P", "--param-list", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter."
)


def read_parameters(pairs: tuple[str, ...]) -> dict[str, str]:
    """Turn ``NAME=VALUE`` pairs into a mapping. Raises: BadInput on a bad or doubled pair."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (equals and name):
            raise BadInput(f"-P {pair!r} is not of the form NAME=VALUE")
        if name in found:
            raise BadInput(f"-P {name} is given twice")
        found[name] = value
    return found


@click.command()
@click.argument("uri")
@click.option("-e", "--entry-point", default="main", show_default=True, help="What to run.")
@click.option("-v", "--version", help="A commit, branch or tag of a git project.")
@parameter_option
@click.option("--experiment-name", help="The experiment of the run; made if it is new.")
@click.option("--experiment-id", help="The same, by id.")
@click.option("-b", "--backend", default="local", show_default=True, help="Where to run it.")
@click.option("--storage-dir", type=click.Path(), help="Where to put a fetched project.")
@click.option("--run-id", help="Join a run that exists.")
@click.option("--run-name", help="The name of the run.")
@env_manager_option
def run(
    uri: str,
    entry_point: str,
    version: str | None,
    parameters: tuple[str, ...],
    experiment_name: str | None,
    experiment_id: str | None,
    backend: str,
    storage_dir: str | None,
    run_id: str | None,
    run_name: str | None,
    env_manager: str,
) -> None:
    """Run a project: a folder, a zip file or a git address with an MLproject file."""
    from mainstay.projects import launch

    submitted = launch.run(
        uri,
        entry_point,
        version,
        read_parameters(parameters),
        experiment_name=experiment_name,
        experiment_id=experiment_id,
        backend=backend,
        storage_dir=storage_dir,
        run_id=run_id,
        run_name=run_name,
        env_manager=env_manager,
    )
    click.echo(f"Run {submitted.run_id} finished.")


@click.command()
@click.argument("run_id")
@click.option("--project", "uri", help="What to run, if the run was not started as a project.")
@click.option("-e", "--entry-point", help="The entry point, if it is another one.")
@parameter_option
@click.option("--tolerance", type=float, default=0.0, help="Relative difference that is allowed.")
@env_manager_option
@json_option
def reproduce(
    run_id: str,
    uri: str | None,
    entry_point: str | None,
    parameters: tuple[str, ...],
    tolerance: float,
    env_manager: str,
    as_json: bool,
) -> None:
    """Run a recorded run again and compare metrics; exit code 1 if they differ."""
    from mainstay.projects.reproduce import reproduce as run_again

    result = run_again(
        run_id,
        uri=uri,
        entry_point=entry_point,
        parameters=read_parameters(parameters) or None,
        tolerance=tolerance,
        env_manager=env_manager,
    )
    if as_json:
        print_json(result)
    else:
        rows = [
            (d.metric, d.before, d.after, "same" if d.equal else "DIFFERS") for d in result.metrics
        ]
        print_table(["metric", f"run {run_id[:8]}", f"run {result.again[:8]}", ""], rows)
    if not result.equal:
        sys.exit(1)
