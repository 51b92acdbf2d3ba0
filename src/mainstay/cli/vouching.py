"""``mainstay models vouch``."""

from __future__ import annotations

import click

from mainstay.cli.moves import read_version
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.cli.who import operator
from mainstay.connect import connect
from mainstay.entities.accounts import Recorder
from mainstay.entities.pages import Search
from mainstay.stores.base import RegistryStore

_MOST = 1000


@click.command()
@click.argument("name")
@click.argument("version", required=False)
@json_option
def vouch(name: str, version: str | None, as_json: bool) -> None:
    """Stand for VERSION (a number or @alias) of a model, or for all imported ones if left out.

    Models that run code when they load are loaded from a server only if somebody known there
    recorded them. This puts your name in that place; it asks for a maintainer, and is audited.
    """
    with connect() as stores:
        registry = stores.registry
        if version is not None:
            numbers = [read_version(registry, name, version)]
        else:
            numbers = _imported(registry, name)
        done = {
            number: registry.vouch_model_version(name, number, by=operator()) for number in numbers
        }
    if as_json:
        print_json({"name": name, "vouched": [_row(*one) for one in done.items()]})
    elif not done:
        click.echo(f"{name} has no imported version that nobody stands for")
    else:
        print_table(("version", "stands for it"), [(n, r.principal) for n, r in done.items()])


def _imported(registry: RegistryStore, name: str) -> list[int]:
    """Return the versions that nobody here recorded, oldest first. Raises: NotFound."""
    registry.get_registered_model(name)
    quoted = name.replace("'", "''")
    search = Search(filter=f"name = '{quoted}'", max_results=_MOST)
    found: list[int] = []
    while True:
        page = registry.search_model_versions(search)
        found += [
            item.version
            for item in page.items
            if registry.get_version_recorder(name, item.version).standing == "nobody"
        ]
        if page.token is None:
            return sorted(found)
        search = Search(filter=search.filter, max_results=_MOST, token=page.token)


def _row(version: int, recorder: Recorder) -> dict[str, object]:
    return {"version": version, "recorder": recorder}
