"""``mainstay models predict``, ``verify`` and ``lock``: commands that use a model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from mainstay.cli.output import json_option, print_json
from mainstay.connect import connect
from mainstay.errors import NotFound

uri_option = click.option(
    "-m", "--model-uri", required=True, help="models:/NAME@ALIAS, runs:/RUN/NAME, a path, …"
)
env_option = click.option(
    "--env-manager",
    default="local",
    show_default=True,
    type=click.Choice(["local", "uv"]),
    help="Use this environment, or build the one the model asks for.",
)
trust_option = click.option(
    "--trust", is_flag=True, help="Load it though it runs code, wherever it comes from."
)


@click.command()
@uri_option
@click.option("-i", "--input-path", help="A file; '-': standard input; left out: its own example.")
@click.option("-o", "--output-path", type=click.Path(path_type=Path), help="Write here.")
@click.option(
    "-t",
    "--content-type",
    default="json",
    show_default=True,
    type=click.Choice(["json", "csv"]),
    help="What the input is: one of MLflow's JSON shapes, or CSV with a header.",
)
@env_option
@trust_option
def predict(
    model_uri: str,
    input_path: str | None,
    output_path: Path | None,
    content_type: str,
    env_manager: str,
    trust: bool,
) -> None:
    """Ask a model for predictions; prints JSON {"predictions": …}.

    With --env-manager uv it answers in an environment built from its own lock, with this mainstay
    in it: proof that what is recorded is enough.
    """
    if env_manager != "local":
        _elsewhere(model_uri, env_manager, sys.argv)
    from mainstay.models.loading import load_model
    from mainstay.serving import answers, bodies

    with connect() as stores:
        model = load_model(model_uri, trust=True if trust else None, stores=stores)
    body = _example(model) if input_path is None else _read(input_path)
    media = bodies.CSV if content_type == "csv" and input_path is not None else bodies.JSON
    decoded = bodies.decode(model.decoder, media, body)
    written = answers.encode(model.predict(decoded.data, decoded.params)) + b"\n"
    if output_path is None:
        click.echo(written, nl=False)
        return
    output_path.write_bytes(written)


@click.command()
@click.argument("model_uri")
@env_option
@trust_option
@json_option
def verify(model_uri: str, env_manager: str, trust: bool, as_json: bool) -> None:
    """Check a model for real: files against their digest, load, and its answers to its example.

    Exit code 1 if an answer is not the one recorded when the model was saved.
    """
    if env_manager != "local":
        _elsewhere(model_uri, env_manager, sys.argv)
    from mainstay.models.verifying import verify as check

    with connect() as stores:
        found = check(model_uri, trust=True if trust else None, stores=stores)
    if as_json:
        print_json(found)
    else:
        kept = "as registered" if found.digest_recorded else "no digest is registered"
        click.echo(f"{found.model}: {found.files} files, {found.size:,} bytes")
        click.echo(f"digest   {found.digest} ({kept})")
        click.echo(f"load     {found.load_seconds:.3f} s, {found.memory >> 20} MiB of memory")
        click.echo(f"example  {found.example}{': ' + found.message if found.message else ''}")
    if not found.passed:
        raise click.exceptions.Exit(1)


@click.command()
@uri_option
def lock(model_uri: str) -> None:
    """Print the exact pins of everything the model needs, as recorded when it was saved."""
    from mainstay.environments import requirements
    from mainstay.models.loading import download
    from mainstay.packaging import environment_files

    with connect() as stores:
        environment = environment_files.read(download(model_uri, stores))
    for line in environment.lock or requirements.lock(environment.requirements):
        click.echo(line)


COMMANDS = (predict, verify, lock)


def _elsewhere(model_uri: str, manager: str, arguments: list[str]) -> None:
    """Run this very command in the model's own environment, and end as it ends."""
    from mainstay.environments import managers
    from mainstay.models.loading import download

    with connect() as stores:
        python = managers.python_for_model(download(model_uri, stores), manager)
    again = [*arguments[1:], "--env-manager", "local"]
    done = subprocess.run([str(python), "-m", "mainstay", *again], check=False)
    raise click.exceptions.Exit(done.returncode)


def _example(model: Any) -> bytes:
    from mainstay.models import examples

    body = examples.serving_body(model.path, model.metadata)
    if body is None:
        raise NotFound("the model has no input example; give --input-path")
    return body


def _read(path: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFound(f"there is no file {path!r} to read rows from") from error
