"""``mainstay import`` and ``mainstay export``: move in from MLflow, and out again."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click
import msgspec

from mainstay import settings
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.connect import DEFAULT_URI, connect
from mainstay.errors import BadInput

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from mainstay.importing.importer import Outcome

SHORT = 12

artifacts_option = click.option(
    "--artifacts-destination",
    help="Where mlflow-artifacts:/ is kept; default: mainstay-artifacts beside a SQLite file.",
)


@click.command("import")
@click.argument("source")
@click.option("--into", help="The database to bring it into; default: the tracking address.")
@click.option(
    "--artifacts",
    type=click.Choice(["copy", "reference"]),
    default="copy",
    show_default=True,
    help="Copy files, or leave them and keep their addresses.",
)
@click.option(
    "--artifact-root",
    "roots",
    multiple=True,
    metavar="DIR",
    help="Where artifacts are now: a server's artifacts destination, or OLD=NEW. Repeatable.",
)
@artifacts_option
@click.option("--experiment", "only", multiple=True, help="Only this experiment. Repeatable.")
@json_option
def import_(
    source: str,
    into: str | None,
    artifacts: str,
    roots: tuple[str, ...],
    artifacts_destination: str | None,
    only: tuple[str, ...],
    as_json: bool,
) -> None:
    """Bring in SOURCE: an MLflow database (file or URL) or an mlruns folder.

    Nothing is written to SOURCE. Stopped half-way, start it again; a second import adds only what
    is new. At the end both sides are compared, record by record; exit code 1: they differ.
    """
    from mainstay.importing import moving  # loads SQLAlchemy
    from mainstay.stores.sql.database import Database

    uri = _database_uri(into)
    with (
        closing(moving.open_source(source)) as opened,
        connect(uri, uri, artifacts_destination=artifacts_destination) as stores,
        closing(Database(uri)) as database,
        _Bar() as bar,
    ):
        outcome = moving.bring(
            opened,
            database,
            artifacts_at=stores.artifacts_at,
            copied=artifacts == "copy",
            roots=roots,
            only=only,
            progress=bar,
        )
        shown = stores.uri
    _report(outcome, shown, as_json=as_json)
    if not outcome.equal:
        sys.exit(1)


def _report(outcome: Outcome, into: str, *, as_json: bool) -> None:
    if as_json:
        rows = [{**msgspec.structs.asdict(row), "equal": row.equal} for row in outcome.rows]
        values = {**msgspec.structs.asdict(outcome), "rows": rows, "equal": outcome.equal}
        print_json({**values, "into": into})
        return
    print_table(
        ["what", "in the source", "here", "hash in the source", "hash here", ""],
        [
            (
                row.kind,
                f"{row.source:,}",
                f"{row.imported:,}",
                row.source_hash[:SHORT],
                row.imported_hash[:SHORT],
                "equal" if row.equal else "DIFFERENT",
            )
            for row in outcome.rows
        ],
        title=f"{outcome.source} ({outcome.about}) → {into}",
    )
    for note in outcome.notes:
        click.echo(f"Note: {note}", err=True)
    if outcome.missing:
        click.echo(
            f"Note: files of {outcome.missing} runs, models or versions are missing.", err=True
        )
    for difference in outcome.differences:
        click.echo(f"Different: {difference}", err=True)
    more = outcome.different - len(outcome.differences)
    if more > 0:
        click.echo(f"Different: and {more} more.", err=True)


def _database_uri(given: str | None) -> str:
    uri = given or settings.TRACKING_URI.get() or DEFAULT_URI
    if uri.startswith(("http:", "https:")):
        raise BadInput(
            f"{uri} is a server; give the database behind it (its --backend-store-uri) with "
            "--into, and its --artifacts-destination. The server may keep running"
        )
    if uri in ("sqlite://", "sqlite:///:memory:"):
        raise BadInput("a database in memory is gone at once; give a file: sqlite:///mainstay.db")
    return uri


@click.command()
@click.argument("destination")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["mlflow", "parquet"]),
    default="mlflow",
    show_default=True,
    help="A store that MLflow opens, or Parquet tables.",
)
@click.option("--from", "origin", help="The database to write out; default: the tracking address.")
@click.option(
    "--artifacts",
    type=click.Choice(["copy", "reference"]),
    default="copy",
    show_default=True,
    help="For MLflow: copy what mainstay keeps, or keep the addresses.",
)
@artifacts_option
@json_option
def export(
    destination: str,
    kind: str,
    origin: str | None,
    artifacts: str,
    artifacts_destination: str | None,
    as_json: bool,
) -> None:
    """Write everything into the new folder DESTINATION, for MLflow or as Parquet.

    MLflow opens sqlite:///DESTINATION/mlflow.db.
    """
    from mainstay.importing import moving  # loads SQLAlchemy
    from mainstay.stores.sql import upkeep
    from mainstay.stores.sql.database import Database

    uri = _database_uri(origin)
    upkeep.require(uri)  # opening it would make it
    with (
        connect(uri, uri, artifacts_destination=artifacts_destination) as stores,
        closing(Database(uri)) as database,
        _Bar() as bar,
    ):
        done = moving.write_out(
            database,
            destination,
            kind=kind,
            artifacts_at=stores.artifacts_at if artifacts == "copy" else None,
            progress=bar,
        )
    if as_json:
        print_json(done)
        return
    rows = [(table, f"{count:,}") for table, count in done.counts.items() if count]
    print_table(["table", "rows"], rows, title=f"{stores.uri} → {done.folder}")
    for sentence in done.missing[:20]:
        click.echo(f"Note: {sentence}", err=True)
    if len(done.missing) > 20:
        click.echo(f"Note: and {len(done.missing) - 20} more.", err=True)


class _Bar:
    """A progress bar on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> _Bar:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            self._progress = Progress(console=Console(stderr=True), transient=True)
            self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def stage(self, name: str, total: int | None) -> None:
        """Show the stage instead of the one before."""
        if self._progress is None:
            return
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(name, total=total)

    def advance(self, steps: int = 1) -> None:
        """Move the bar."""
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, steps)
