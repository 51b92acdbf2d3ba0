"""``mainstay server`` and ``mainstay ui``."""

from __future__ import annotations

import gc
import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mainstay import settings
from mainstay.cli.output import print_json
from mainstay.errors import BadInput

DEFAULT_STORE = "sqlite:///mainstay.db"

Command = Callable[..., Any]

OPTIONS = (
    click.option(
        "--backend-store-uri",
        metavar="URI",
        default=lambda: settings.BACKEND_STORE_URI.get() or DEFAULT_STORE,
        show_default=DEFAULT_STORE,
        help="The database of experiments and runs: sqlite:///file.db or postgresql://….",
    ),
    click.option(
        "--registry-store-uri",
        metavar="URI",
        default=settings.REGISTRY_STORE_URI.get,
        help="The database of the registry, if it is another one.",
    ),
    click.option(
        "--default-artifact-root",
        metavar="URI",
        default=settings.DEFAULT_ARTIFACT_ROOT.get,
        help="Where files of new experiments go. Default: through this server.",
    ),
    click.option(
        "--artifacts-destination",
        metavar="URI",
        help="Where this server keeps files: a folder, s3://, gs:// or az://. "
        "Default: the folder mainstay-artifacts beside the database.",
    ),
    click.option(
        "--serve-artifacts/--no-serve-artifacts",
        default=True,
        show_default=True,
        help="Carry files through this server.",
    ),
    click.option(
        "--host", "-h", default="127.0.0.1", show_default=True, help="The address to listen on."
    ),
    click.option(
        "--port",
        "-p",
        type=click.IntRange(0, 65535),
        default=5000,
        show_default=True,
        help="The port to listen on; 0 takes a free one.",
    ),
    click.option(
        "--workers",
        "-w",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        help="Server processes. One serves many clients; several need PostgreSQL to be quick.",
    ),
    click.option(
        "--static-prefix",
        default=settings.STATIC_PREFIX.get,
        help="A path that the server is published under, as /ml.",
    ),
    click.option(
        "--allowed-hosts",
        metavar="NAMES",
        default=settings.SERVER_ALLOWED_HOSTS.get,
        help="Host names this server answers to, separated by commas; *.example.org covers "
        "subdomains. Addresses of this machine and of private networks always work.",
    ),
    click.option(
        "--cors-allowed-origins",
        metavar="ORIGINS",
        default=settings.SERVER_CORS_ALLOWED_ORIGINS.get,
        help="Origins of other web pages that may call the API, separated by commas.",
    ),
    click.option(
        "--allow-anonymous/--no-anonymous",
        "allow_anonymous",
        default=None,
        help="Let callers in without credentials. Default: only when --host is this machine.",
    ),
    click.option(
        "--forwarded-allow-ips",
        metavar="ADDRESSES",
        default="",
        help="Proxies, by address or network and separated by commas, whose X-Forwarded-Proto and "
        "X-Forwarded-For are believed. Default: none.",
    ),
    click.option(
        "--spool-dir",
        multiple=True,
        metavar="FOLDER",
        type=click.Path(file_okay=False, path_type=Path),
        default=settings.SERVER_SPOOL_DIR.get,
        help="A spool folder of this machine: what killed or offline trainings left there for "
        "this server is sent. May be given several times.",
    ),
    click.option(
        "--webhook-allow-private",
        is_flag=True,
        help="Let webhooks lead to private addresses and over http, for closed networks.",
    ),
)


def server_options(command: Command) -> Command:
    """Add the options that both commands share."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command(context_settings={"help_option_names": ["--help"]})
@server_options
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON.")
def server(as_json: bool, **options: Any) -> None:
    """Start the tracking and registry server, with its web UI."""
    _run(options, as_json=as_json)


@click.command(context_settings={"help_option_names": ["--help"]})
@server_options
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON.")
def ui(as_json: bool, **options: Any) -> None:
    """Show the web UI of what was logged here (the same as `server`)."""
    _run(options, as_json=as_json)


def _run(options: dict[str, Any], *, as_json: bool) -> None:
    # Imported here: the other commands need neither a web server nor a database. What is made on
    # the way is there to stay, so that the garbage collector would look at it in vain.
    gc.disable()
    from mainstay.server import requests, run
    from mainstay.server.workers import serve_many

    chosen = run.Options(
        **{
            **options,
            "allowed_hosts": _names(options["allowed_hosts"]),
            "cors_allowed_origins": _names(options["cors_allowed_origins"]),
            "forwarded_allow_ips": _networks(options["forwarded_allow_ips"]),
        }
    )
    requests.log_with_ids()
    run.stop_quietly()
    opened = run.check(chosen)
    door = run.bind(chosen.host, chosen.port)
    address = run.address(door, chosen.static_prefix)
    if as_json:
        print_json({"url": address})
    else:
        shown = address.replace("//127.0.0.1:", "//localhost:")
        click.echo(f"mainstay is at {shown} (stop it with Ctrl+C)")
    with door:
        if opened is not None:
            run.serve(chosen, door, opened)
        else:
            gc.enable()
            serve_many(chosen, door)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _networks(text: str) -> tuple[str, ...]:
    """Return addresses and networks. Raises: BadInput: a name, or all of the world."""
    found = _names(text)
    for one in found:
        try:
            network = ipaddress.ip_network(one)
        except ValueError:
            network = None
        if network is None or not network.prefixlen:
            raise BadInput(
                f"--forwarded-allow-ips {one!r} is no address or network of a proxy, such as "
                "10.0.0.7 or 10.0.0.0/24"
            )
    return found
