"""``mainstay models predict``, ``verify`` and ``lock``: commands that use a model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from mainstay.cli.moves import read_version
from mainstay.cli.output import json_option, print_json
from mainstay.connect import connect
from mainstay.errors import BadInput, NotFound, Unavailable

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
    # Read before an environment is built for nothing; standard input is for who answers.
    body = _read(input_path) if input_path not in (None, "-") else None
    if env_manager != "local":
        _elsewhere(model_uri, env_manager, sys.argv)
    from mainstay.models.loading import load_model
    from mainstay.serving import answers, bodies

    with connect() as stores:
        model = load_model(model_uri, trust=True if trust else None, stores=stores)
    if body is None:
        body = sys.stdin.buffer.read() if input_path == "-" else _example(model)
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
@click.option("--offline", is_flag=True, help="Do not look up the lock's hashes.")
@json_option
def verify(model_uri: str, env_manager: str, trust: bool, offline: bool, as_json: bool) -> None:
    """Check a model for real: files against their digest, load, and its answers to its example.

    The first time it also adds hashes to the model's lock, if a package index answers.

    Exit code 1 if an answer is not the one recorded when the model was saved.
    """
    if env_manager != "local":
        _elsewhere(model_uri, env_manager, sys.argv)
    from mainstay.models.verifying import verify as check

    with connect() as stores:
        found = check(model_uri, trust=True if trust else None, stores=stores)
        lock_state = "" if offline else _first_lock(model_uri, stores)
    if as_json:
        print_json({**msgspec.structs.asdict(found), "lock": lock_state})
    else:
        kept = "as registered" if found.digest_recorded else "no digest is registered"
        click.echo(f"{found.model}: {found.files} files, {found.size:,} bytes")
        click.echo(f"digest   {found.digest} ({kept})")
        click.echo(f"load     {found.load_seconds:.3f} s, {found.memory >> 20} MiB of memory")
        click.echo(f"example  {found.example}{': ' + found.message if found.message else ''}")
        if lock_state:
            click.echo(f"lock     {lock_state}")
    if not found.passed:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("model_uri", required=False)
@click.option("-m", "--model-uri", "given_uri", help="The same, as the other commands take it.")
@click.option("--offline", is_flag=True, help="Ask no index; print what is known.")
@json_option
def lock(model_uri: str | None, given_uri: str | None, offline: bool, as_json: bool) -> None:
    """Print the exact pins of everything a model needs, with hashes, and keep the hashes.

    Pins are recorded when a model is saved; hashes come from the package index that uv is
    configured with. Without an index the pins are printed as they are.
    """
    from mainstay.models import loading, locks

    uri = model_uri or given_uri
    if uri is None:
        raise click.UsageError("give MODEL_URI")
    with connect() as stores:
        opened = loading.open_model(uri, stores=stores)
        try:
            if offline:
                found = locks.read(opened.folder, opened.resolved, stores)
            else:
                found = locks.add_hashes(opened.folder, opened.resolved, stores)
        except (Unavailable, BadInput) as error:
            click.echo(f"No hashes were added: {error.message}", err=True)
            found = locks.read(opened.folder, opened.resolved, stores)
    if as_json:
        print_json(found)
        return
    for line in found.lines:
        click.echo(line.replace(" --hash=", " \\\n    --hash="))


@click.command("hash")
@click.argument("name")
@click.argument("version")
@json_option
def hash_files(name: str, version: str, as_json: bool) -> None:
    """Hash the files of a VERSION that is pending, and fix its digest for good.

    A server does it by itself where it can read the files; this is for those that came later, or
    that only this machine can read.
    """
    from mainstay.models.loading import download
    from mainstay.packaging import manifest

    with connect() as stores:
        number = read_version(stores.registry, name, version)
        found = stores.registry.get_model_version(name, number)
        entries = manifest.build(download(found.uri, stores))
        stores.registry.set_version_digest(name, number, manifest.digest(entries))
        found = stores.registry.get_model_version(name, number)
    if as_json:
        print_json(found)
        return
    click.echo(f"{name} version {number} has the digest {found.digest}")


COMMANDS = (predict, verify, lock, hash_files)


def _elsewhere(model_uri: str, manager: str, arguments: list[str]) -> None:
    """Run this very command in the model's own environment, and end as it ends."""
    from mainstay.environments import managers, uv
    from mainstay.models import loading, locks

    managers.check(manager)
    with connect() as stores:
        opened = loading.open_model(model_uri, stores=stores)
        wanted = locks.environment(opened.folder, opened.resolved, stores)
    python = uv.build(wanted)
    again = [*arguments[1:], "--env-manager", "local"]
    done = subprocess.run([str(python), "-m", "mainstay", *again], check=False)
    raise click.exceptions.Exit(done.returncode)


def _first_lock(model_uri: str, stores: Any) -> str:
    """Add hashes to a model's lock if they are missing; say what became of it."""
    from mainstay.models import loading, locks

    opened = loading.open_model(model_uri, stores=stores)
    try:
        if locks.read(opened.folder, opened.resolved, stores).hashed:
            return "hashed"
        added = locks.add_hashes(opened.folder, opened.resolved, stores)
    except (Unavailable, BadInput) as error:
        return f"not hashed: {error.message}"
    return f"hashed now, kept in {added.where}"


def _example(model: Any) -> bytes:
    from mainstay.models import examples

    body = examples.serving_body(model.path, model.metadata)
    if body is None:
        raise NotFound("the model has no input example; give --input-path")
    return body


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFound(f"there is no file {path!r} to read rows from") from error
