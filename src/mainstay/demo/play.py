"""The seven steps in order, and the closing table."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import click

from mainstay.cli.output import print_table
from mainstay.demo import deploy, gate, monitor, register, reproduce, rollback, track
from mainstay.demo.stage import Stage, prepare

STEPS = (track, reproduce, register, gate, deploy, monitor, rollback)


def play(folder: Path, *, host: str, port: int, keep: bool) -> None:
    """Run every step against servers of our own.

    Raises:
        DemoFailed: a step did not do what it says.
    """
    began = time.monotonic()
    stage = prepare(folder, host, port)
    try:
        for number, step in enumerate(STEPS, start=1):
            stage.step(number, step.TITLE)
            step.run(stage)
        click.echo()
        print_table(["step", "outcome"], stage.summary)
        seconds = time.monotonic() - began
        click.secho(f"Done in {seconds:.0f} s. Everything is in {stage.folder}.", bold=True)
        _close(stage, keep)
    finally:
        stage.stop()


def _close(stage: Stage, keep: bool) -> None:
    if not keep:
        database = stage.folder / "mainstay.db"
        click.echo("Look at it again: mainstay ui --backend-store-uri " + f"sqlite:///{database}")
        return
    click.echo(f"The UI is at {stage.url}, the model at {stage.serving_url}/invocations.")
    click.echo("Ctrl+C stops both.")
    # A shell may have started us with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        signal.pause()
    except KeyboardInterrupt:
        click.echo("Stopped.")
