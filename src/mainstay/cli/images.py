"""``mainstay models build-docker`` and ``generate-dockerfile``: a model version as an image."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mainstay.cli.output import json_option, print_json
from mainstay.connect import connect

Command = Callable[..., Any]

_OPTIONS = (
    click.option("-m", "--model-uri", required=True, help="models:/NAME@ALIAS, models:/NAME/3, …"),
    click.option(
        "--env-manager",
        default="uv",
        show_default=True,
        type=click.Choice(["uv", "virtualenv", "conda", "local"]),
        help="uv: an environment from the model's lock; local: the base image has the packages.",
    ),
    click.option(
        "--base-image",
        metavar="IMAGE",
        help="An image with the model's version of Python. Default: the official slim one.",
    ),
    click.option(
        "--platform",
        type=click.Choice(["linux/amd64", "linux/arm64"]),
        help="The kind of machine that will run it. Default: as this one.",
    ),
    click.option(
        "--unregistered",
        is_flag=True,
        help="Take runs:/…, models:/m-… or a folder, and label the image so.",
    ),
    click.option(
        "--trust", is_flag=True, help="Take a model that runs code, wherever it comes from."
    ),
)


def _shared(command: Command) -> Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command("generate-dockerfile")
@_shared
@click.option(
    "-d",
    "--output-directory",
    default="mainstay-dockerfile",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A new folder.",
)
@json_option
def generate_dockerfile(output_directory: Path, as_json: bool, **given: Any) -> None:
    """Write a folder with a Dockerfile, the model and its packages, ready for any builder.

    Building it needs no network: docker build DIRECTORY
    """
    card = _write(output_directory, given)
    if as_json:
        print_json({"directory": str(output_directory), "card": card})
        return
    click.echo(f"{card.uri} is in {output_directory}: docker build -t NAME {output_directory}")


@click.command("build-docker")
@_shared
@click.option("-n", "--name", help="The image's name. Default: MODEL:VERSION.")
@click.option(
    "--engine",
    type=click.Choice(["docker", "podman"]),
    help="What builds it. Default: whichever answers.",
)
@json_option
def build_docker(name: str | None, engine: str | None, as_json: bool, **given: Any) -> None:
    """Build an image that serves one model version on port 8080, as a user that is not root.

    It serves that version for ever; the alias is read now. Runs and folders are not deployed:
    register them, or say --unregistered.
    """
    from mainstay.images import engine as engines

    builder = engines.find(engine)
    with tempfile.TemporaryDirectory(prefix="mainstay-image-") as place:
        folder = Path(place) / "context"
        card = _write(folder, given)
        tag = name or _tag(card.name, card.version)
        builder.build(folder, tag, platform=given["platform"])
    if as_json:
        print_json({"image": tag, "engine": builder.name, "card": card})
        return
    click.echo(f"{card.uri} is the image {tag}; run it: {builder.name} run --rm -p 5001:8080 {tag}")


COMMANDS = (build_docker, generate_dockerfile)


def _write(folder: Path, given: dict[str, Any]) -> Any:
    from mainstay.images import context, subject

    with connect() as stores:
        chosen = subject.choose(
            given["model_uri"],
            stores=stores,
            unregistered=given["unregistered"],
            trust=True if given["trust"] else None,
        )
        context.write(
            chosen,
            folder,
            base_image=given["base_image"],
            env_manager=given["env_manager"],
            platform=given["platform"],
        )
    return chosen.card


def _tag(name: str, version: int | None) -> str:
    """Return a name that every engine takes.

    >>> _tag("Churn Model", 3)
    'churn-model:3'
    """
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "model"
    return f"{plain}:{version or 'unregistered'}"
