"""``mainstay sync``: send what waits in the spool."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import click

from mainstay import settings
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.spool.segment import Target
from mainstay.spool.sync import Synced, pending
from mainstay.spool.sync import sync as send


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--tracking-uri", help="Send to this server or database only.")
@click.option("--to", "other", help="Send to this address instead of the one in the records.")
@click.option("--dry-run", is_flag=True, help="Show what waits and send nothing.")
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    help="Look again every so often until stopped, as beside a server on the same machine.",
)
@json_option
def sync(
    folder: Path | None,
    tracking_uri: str | None,
    other: str | None,
    dry_run: bool,
    every: float | None,
    as_json: bool,
) -> None:
    """Send what offline, killed or cut-off runs left in the spool FOLDER.

    Records that arrive twice have no second effect, so it can be called at any time. The folder
    may have been copied from another machine. Exit code 1 if something could not be sent.
    """
    root = folder or settings.SPOOL_DIR.get()
    if folder is not None and not folder.is_dir():
        raise click.UsageError(f"there is no folder {str(folder)!r}")
    if dry_run:
        _show_waiting(root, as_json=as_json)
        return

    def connect(target: Target) -> object:
        from mainstay.connect import connect as open_stores

        return open_stores(other or target.uri, other or target.registry_uri)

    def once() -> list[Synced]:
        # Who looks again later leaves what another process's run is awaited for.
        patient = every is not None
        return send(
            root,
            connect,  # type: ignore[arg-type]
            uri=tracking_uri,
            patient=patient,
            instead=Target(uri=other) if other else None,
        )

    if every is not None:
        _go_on(once, every, as_json=as_json)
        return
    done = once()
    _show(done, root, as_json=as_json)
    if any(one.state == "failed" for one in done):
        sys.exit(1)


def _go_on(once: Callable[[], list[Synced]], every: float, *, as_json: bool) -> None:
    """Send again and again; say of each segment once what became of it, until that changes."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    told: dict[str, str] = {}
    with contextlib.suppress(KeyboardInterrupt):
        while not stop.is_set():
            done = [one for one in once() if one.state != "in use"]
            news = [one for one in done if told.get(one.segment) != one.state or one.refused]
            told |= {one.segment: one.state for one in done}
            if news:
                _show(news, Path(), as_json=as_json)
                sys.stdout.flush()
            stop.wait(every)


def _show(done: list[Synced], root: Path, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    if not done:
        click.echo(f"Nothing waits in {root}.")
        return
    print_table(
        ["segment", "to", "state", "refused", "message"],
        [[o.segment, o.uri, o.state, len(o.refused), o.message] for o in done],
    )
    for one in done:
        for refusal in one.refused:
            click.echo(f"refused: {refusal.where or one.segment}: {refusal.message}", err=True)


def _show_waiting(root: Path, *, as_json: bool) -> None:
    waiting = pending(root)
    if as_json:
        print_json(waiting)
        return
    if not waiting:
        click.echo(f"Nothing waits in {root}.")
        return
    print_table(
        ["segment", "to", "host", "process", "bytes", "in use"],
        [
            [
                one.segment,
                one.uri or "unknown: damaged",
                one.host,
                one.pid,
                one.size,
                _yes(one.in_use),
            ]
            for one in waiting
        ],
    )


def _yes(value: bool) -> str:
    return "yes" if value else ""
