"""``mainstay demo``: one model's whole life, on this machine, in about a minute."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("mainstay-demo"),
    show_default=True,
    help="The folder to work in; it must be new or empty.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the servers listen.")
@click.option("--port", type=int, default=5000, show_default=True, help="The UI's port, if free.")
@click.option("--keep", is_flag=True, help="Leave the servers up at the end, until Ctrl+C.")
def demo(folder: Path, host: str, port: int, keep: bool) -> None:
    """Track, reproduce, register, gate, deploy, monitor and roll back a real model.

    Starts a tracking server and a model server, runs every step as a user would, and says what
    happened. Exits with 1 if any step did not do what it says.
    """
    from mainstay.demo.play import play

    play(folder, host=host, port=port, keep=keep)
