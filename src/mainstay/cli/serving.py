"""``mainstay models serve``: answer requests with what a model address means."""

from __future__ import annotations

import logging

import click

from mainstay import settings
from mainstay.errors import BadInput


@click.command("serve")
@click.option("-m", "--model-uri", required=True, help="models:/NAME@ALIAS, models:/NAME/3, …")
@click.option("-h", "--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "-p", "--port", default=5001, show_default=True, type=int, help="Port; 0 takes a free one."
)
@click.option("-w", "--workers", default=1, show_default=True, type=click.IntRange(1, 256))
@click.option(
    "--threads", default=4, show_default=True, type=click.IntRange(1, 256), help="A worker's."
)
@click.option(
    "-t", "--timeout", default=60.0, show_default=True, help="Seconds one request may take."
)
@click.option(
    "--env-manager",
    default="local",
    show_default=True,
    type=click.Choice(["local", "uv"]),
    help="Run workers in this environment, or in the one the model version asks for.",
)
@click.option("--trust", is_flag=True, help="Load models that run code, wherever they come from.")
@click.option(
    "--unregistered", is_flag=True, help="Serve a run's model or a folder, for trying it out."
)
@click.option("--no-conda", is_flag=True, hidden=True)
@click.option(
    "--poll", default=0.5, show_default=True, help="Seconds between two looks at the alias."
)
def serve(
    model_uri: str,
    host: str,
    port: int,
    workers: int,
    threads: int,
    timeout: float,
    env_manager: str,
    trust: bool,
    unregistered: bool,
    no_conda: bool,
    poll: float,
) -> None:
    """Serve a model on /invocations, and follow its alias: when it moves, the server swaps.

    The old version goes on answering until the new one is loaded, verified and warm; a version
    that cannot be loaded changes nothing. Every answer names the version that gave it.
    """
    from mainstay.serving.serve import Options, serve
    from mainstay.serving.target import deployment_name

    label = "" if deployment_name(model_uri) else " (unregistered)"
    if label and not unregistered:
        raise BadInput(
            f"{model_uri} is no registered version: runs and folders are not deployed. Register it "
            f"(mainstay models register {model_uri} --name NAME) and serve models:/NAME@ALIAS, or "
            "say --unregistered to try it out"
        )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    options = Options(
        host=host,
        port=port,
        workers=workers,
        threads=threads,
        timeout=timeout,
        poll=poll,
        env_manager="uv" if env_manager == "uv" and not no_conda else "local",
        tracking_uri=settings.TRACKING_URI.get(),
        registry_uri=settings.REGISTRY_URI.get(),
        trust=True if trust else None,
    )
    serve(
        model_uri,
        options,
        started=lambda url: click.echo(f"Serving {model_uri}{label} on {url} (Ctrl-C ends it)"),
    )
