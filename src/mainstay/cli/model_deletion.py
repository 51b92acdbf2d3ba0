"""``mainstay models delete``, ``restore`` and ``deleted``."""

from __future__ import annotations

import click

from mainstay.cli.moves import read_version
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.cli.reading import when
from mainstay.cli.who import operator
from mainstay.connect import connect

version_option = click.option("-v", "--version", help="This version only (a number, or @alias).")


@click.command()
@click.argument("name")
@version_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def delete(name: str, version: str | None, yes: bool, as_json: bool) -> None:
    """Delete a model with its versions, or one version; `restore` brings it back until `gc`.

    Aliases go with it. What holds an alias that stands before a gate is not deleted.
    """
    with connect() as stores:
        number = None if version is None else read_version(stores.registry, name, version)
        what = name if number is None else f"{name} version {number}"
        if number is None:
            stores.registry.get_registered_model(name)
        else:
            stores.registry.get_model_version(name, number)
        if not yes:
            click.confirm(f"Delete {what}?", abort=True)
        if number is None:
            stores.registry.delete_registered_model(name, by=operator())
        else:
            stores.registry.delete_model_version(name, number, by=operator())
    if as_json:
        print_json({"deleted": {"name": name, "version": number}})
        return
    again = f"mainstay models restore {name}{'' if number is None else f' -v {number}'}"
    click.echo(f"{what} is deleted; {again} brings it back until mainstay gc deletes it for good")


@click.command()
@click.argument("name")
@click.option("-v", "--version", type=int, help="This version only.")
@click.option("--as", "new_name", help="Bring the model back under another name.")
@json_option
def restore(name: str, version: int | None, new_name: str | None, as_json: bool) -> None:
    """Bring back a deleted model with its versions, or one version; aliases stay away."""
    if version is not None and new_name is not None:
        raise click.UsageError("--as is for models; a version keeps its number")
    with connect() as stores:
        if version is not None:
            found = stores.registry.restore_model_version(name, version, by=operator())
            if as_json:
                print_json(found)
                return
            click.echo(f"{name} version {version} is back")
            return
        model = stores.registry.restore_registered_model(name, new_name=new_name, by=operator())
    if as_json:
        print_json(model)
        return
    click.echo(f"{model.name} is back")


@click.command()
@click.argument("name", required=False)
@json_option
def deleted(name: str | None, as_json: bool) -> None:
    """List the deleted models and versions that can be restored."""
    with connect() as stores:
        found = stores.registry.list_deleted(name)
    if as_json:
        print_json({"deleted": found})
        return
    rows = []
    for item in found:
        numbers = [item.version] if item.version is not None else ["all:", *item.versions]
        rows.append((item.name, " ".join(map(str, numbers)), when(item.deleted_at)))
    print_table(("model", "version", "deleted (UTC)"), rows)


COMMANDS = (delete, restore, deleted)
