"""``mainstay gc``: delete for good what was deleted, and what nothing needs any more."""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack, closing
from typing import Any

import click

from mainstay.cli.addresses import database_uri, destination_option, files_of
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.cli.who import operator

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_AGE = re.compile(
    r"(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?"
)


def seconds(text: str) -> float:
    """Read an age as MLflow writes it, days to seconds.

    >>> seconds("1d2h")
    93600.0

    Raises: BadParameter.
    """
    found = _AGE.fullmatch(text.strip())
    if found is None or not text.strip():
        raise click.BadParameter(f"{text!r} is no age; write days, hours, minutes, seconds: 7d12h")
    parts = zip(found.groups(), _UNITS.values(), strict=True)
    return sum(float(number) * unit for number, unit in parts if number)


def _ids(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    return tuple(one.strip() for one in text.split(",") if one.strip())


@click.command()
@click.option("--backend-store-uri", metavar="URI", help="The database of the server.")
@click.option("--registry-store-uri", metavar="URI", help="That of models, if it is another one.")
@click.option(
    "--older-than",
    default="7d",
    show_default=True,
    callback=lambda _, __, text: seconds(text),
    help="Deleted this long ago: 7d12h.",
)
@click.option("--run-ids", metavar="IDS", help="Only these runs, separated by commas.")
@click.option("--experiment-ids", metavar="IDS", help="Only these experiments, with their runs.")
@click.option("--logged-model-ids", metavar="IDS", help="Only these logged models.")
@click.option("--yes", is_flag=True, help="Delete; without it, only show what would go.")
@destination_option
@json_option
def gc(
    backend_store_uri: str | None,
    registry_store_uri: str | None,
    older_than: float,
    run_ids: str | None,
    experiment_ids: str | None,
    logged_model_ids: str | None,
    yes: bool,
    artifacts_destination: str | None,
    as_json: bool,
) -> None:
    """Delete for good what was deleted: runs, logged models, experiments, versions, and files.

    Before that, what the retention of experiments says is done (`mainstay experiments retention`).
    What a model version, a lineage edge or a fresh upload needs is kept, and said so. Without --yes
    nothing is changed. It may run while the server does; what was deleted is in the audit.
    """
    from mainstay.connect import expiry, sweep  # loads SQLAlchemy
    from mainstay.stores.sql import upkeep
    from mainstay.stores.sql.database import Database

    uri = database_uri(backend_store_uri)
    # A misspelt address must not be made a new database: nothing would ever go, or, were it that
    # of the registry, what versions need.
    for address in (uri, registry_store_uri or uri):
        upkeep.require(address)
    wanted = sweep.wanted(
        older_than=older_than,
        run_ids=_ids(run_ids),
        experiment_ids=_ids(experiment_ids),
        logged_model_ids=_ids(logged_model_ids),
    )
    with ExitStack() as stack:
        database = stack.enter_context(closing(Database(uri)))
        registry = None
        if registry_store_uri not in (None, uri):
            registry = stack.enter_context(closing(Database(registry_store_uri or "")))
        place = sweep.Place(
            database, lambda: files_of(uri, artifacts_destination), registry=registry
        )
        expired = None
        if wanted.everything:
            expired = expiry.expire(place, by=operator()) if yes else expiry.plan(place)
        done = sweep.sweep(place, wanted, by=operator()) if yes else sweep.plan(place, wanted)
    if expired is not None and not as_json:
        _say_expired(expired, yes=yes)
    _say(done, expired, yes=yes, as_json=as_json)
    if done.failed or (expired is not None and expired.failed):
        sys.exit(1)


def _say_expired(expired: Any, *, yes: bool) -> None:
    for items, title in (
        (_going(expired.items), "deleted, restorably," if yes else "would be deleted, restorably,"),
        (_going(expired.files), "lost their files" if yes else "would lose their files"),
    ):
        if items:
            going = [(item.kind, item.identity) for item in items]
            print_table(
                ("what", "id"), going, title=f"{title} by the retention of their experiment"
            )
    stays = {item.identity: item for item in [*expired.items, *expired.files] if item.kept_by}
    if stays:
        rows = [(item.kind, item.identity, item.kept_by) for item in stays.values()]
        title = "due by the retention of their experiment, and kept"
        print_table(("what", "id", "needed by"), rows, title=title)
    for identity, reason in expired.failed.items():
        click.echo(f"files of {identity} could not be deleted now: {reason}", err=True)


def _going(items: Any) -> list[Any]:
    return [item for item in items if item.kept_by is None]


def _say(done: Any, expired: Any, *, yes: bool, as_json: bool) -> None:
    if as_json:
        said = {"deleted": done.deleted, "kept": done.kept, "failed": done.failed}
        said["registry"] = done.restorable
        if expired is not None:
            said["expired"] = {"deleted": expired.items, "files": expired.files}
            said["failed"] = {**done.failed, **expired.failed}
        print_json({"dry_run": not yes, **said, "partials": done.partials})
        return
    if done.deleted:
        rows = [(item.kind, item.identity) for item in done.deleted]
        title = "deleted for good" if yes else "would be deleted for good"
        print_table(("what", "id"), rows, title=title)
    if done.kept:
        kept = [(item.kind, item.identity, item.kept_by) for item in done.kept]
        print_table(("what", "id", "needed by"), kept, title="deleted before, and kept")
    for gone in done.restorable:
        what = f"model {gone.name}" if gone.version is None else f"{gone.name} v{gone.version}"
        click.echo(f"{what} {'is' if yes else 'would be'} gone for good.")
    for identity, reason in done.failed.items():
        click.echo(f"{identity} is marked, and could not be deleted now: {reason}", err=True)
    if done.partials:
        click.echo(f"{done.partials} half-written files of broken uploads are gone.")
    goes = [] if expired is None else _going([*expired.items, *expired.files])
    if not goes and not done.deleted and not done.failed and not done.restorable:
        click.echo("Nothing to delete.")
    elif not yes:
        click.echo("Nothing was changed; --yes deletes.")
