"""``mainstay models``: the registry's models and versions, and what is done with them."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.cli import (
    images,
    model_deletion,
    model_use,
    provenance,
    scorecards,
    signing,
    vouching,
)
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.cli.reading import when
from mainstay.cli.serving import serve
from mainstay.cli.who import operator
from mainstay.client import Client
from mainstay.connect import connect
from mainstay.entities.pages import Search
from mainstay.entities.registry import ModelVersion
from mainstay.errors import BadInput
from mainstay.models.sources import is_local
from mainstay.packaging import mlmodel
from mainstay.stores.base import RegistryStore
from mainstay.uris import STAGES

filter_option = click.option("--filter", "filter_string", default="", help="name LIKE 'churn%', …")
_MANY = 1000


@click.group()
def models() -> None:
    """Register, describe, serve and verify models."""


@models.command()
@click.argument("model_uri")
@click.option("-n", "--name", required=True, help="The registered model; made if it is not there.")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="A tag of the version.")
@click.option("--description", default="", help="A text about the version.")
@click.option(
    "--scorecard",
    "card",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Refuse a run that this scorecard refuses.",
)
@json_option
def register(
    model_uri: str,
    name: str,
    tags: tuple[str, ...],
    description: str,
    card: Path | None,
    as_json: bool,
) -> None:
    """Make MODEL_URI (runs:/RUN/NAME, models:/m-…, a path) the next version of a model."""
    pairs = dict(_pair(tag) for tag in tags)
    folder = is_local(model_uri)
    if folder is not None:
        mlmodel.read(folder)
        model_uri = str(folder.resolve())
    with connect() as stores:
        client = Client(stores=stores)
        if card is not None:
            scorecards.require_score(client, model_uri, card)
        made = client.register(model_uri, name, pairs)
        if description:
            made = client.update_model_version(name, made.version, description)
    if as_json:
        print_json(made)
        return
    digest = f", digest {made.digest[:12]}…" if made.digest else ""
    click.echo(f"{model_uri} is {name} version {made.version}{digest}")


@models.command("list")
@filter_option
@json_option
def list_models(filter_string: str, as_json: bool) -> None:
    """List registered models."""
    with connect() as stores:
        found = stores.registry.search_registered_models(
            Search(filter=filter_string, max_results=_MANY)
        ).items
    if as_json:
        print_json({"registered_models": found})
        return
    rows = []
    for model in found:
        newest = max((version.version for version in model.latest_versions), default=None)
        held = ", ".join(f"@{alias} v{number}" for alias, number in sorted(model.aliases.items()))
        rows.append((model.name, newest, held, model.description))
    print_table(("model", "newest", "aliases", "description"), rows)


@models.command()
@click.argument("name")
@click.option("-v", "--version", help="A version (a number, or @alias) instead of the model.")
@json_option
def describe(name: str, version: str | None, as_json: bool) -> None:
    """Show a registered model, or one of its versions."""
    with connect() as stores:
        if version is not None:
            _show_version(_version(stores.registry, name, version), as_json)
            return
        model = stores.registry.get_registered_model(name)
        versions = _versions(stores.registry, name)
    if as_json:
        print_json({"registered_model": model, "versions": versions})
        return
    click.echo(f"{model.name}  {model.description}".rstrip())
    for key, value in sorted(model.tags.items()):
        click.echo(f"  {key} = {value}")
    _table(versions)


@models.command()
@click.argument("name")
@click.option("--filter", "wanted", default="", help="tags.data = '2026-01', run_id = '…', …")
@json_option
def versions(name: str, wanted: str, as_json: bool) -> None:
    """List the versions of a model, newest first."""
    with connect() as stores:
        stores.registry.get_registered_model(name)
        found = _versions(stores.registry, name, wanted)
    if as_json:
        print_json({"model_versions": found})
        return
    _table(found)


@models.group()
def alias() -> None:
    """Point names such as champion at versions; gates are asked."""


@alias.command("set")
@click.argument("name")
@click.argument("alias_name", metavar="ALIAS")
@click.argument("version")
@click.option("--reason", default="", help="Why; it is kept in the history.")
@json_option
def set_alias(name: str, alias_name: str, version: str, reason: str, as_json: bool) -> None:
    """Point ALIAS of a model at VERSION (a number, or @alias), through its gate."""
    with connect() as stores:
        number = _version(stores.registry, name, version).version
        stores.registry.set_alias(name, alias_name, number, reason=reason, by=operator())
    if as_json:
        print_json({"name": name, "alias": alias_name, "version": number})
        return
    click.echo(f"{name}@{alias_name} is version {number}")


@alias.command("delete")
@click.argument("name")
@click.argument("alias_name", metavar="ALIAS")
@click.option("--reason", default="", help="Why; it is kept in the history.")
@json_option
def delete_alias(name: str, alias_name: str, reason: str, as_json: bool) -> None:
    """Take ALIAS away from a model."""
    with connect() as stores:
        stores.registry.delete_alias(name, alias_name, reason=reason, by=operator())
    if as_json:
        print_json({"name": name, "alias": alias_name, "version": None})
        return
    click.echo(f"{name}@{alias_name} is gone")


@alias.command("get")
@click.argument("name")
@click.argument("alias_name", metavar="ALIAS")
@json_option
def get_alias(name: str, alias_name: str, as_json: bool) -> None:
    """Show which version holds ALIAS."""
    with connect() as stores:
        _show_version(stores.registry.get_version_by_alias(name, alias_name), as_json)


@alias.command("history")
@click.argument("name")
@click.argument("alias_name", metavar="ALIAS", required=False)
@json_option
def alias_history(name: str, alias_name: str | None, as_json: bool) -> None:
    """Show who moved an alias (or any of them), when and why, oldest first."""
    with connect() as stores:
        stores.registry.get_registered_model(name)
        changes = stores.registry.alias_history(name, alias_name)
    if as_json:
        print_json({"changes": changes})
        return
    rows = [
        (when(c.at), f"@{c.alias}", c.previous, c.version, c.kind, c.principal, c.reason)
        for c in changes
    ]
    print_table(("when (UTC)", "alias", "from", "to", "how", "who", "reason"), rows)


@models.command()
@click.argument("name")
@click.argument("version")
@click.argument("stage_name", metavar="STAGE", type=click.Choice(STAGES, case_sensitive=False))
@click.option("--archive-existing-versions", is_flag=True, help="Archive those that hold STAGE.")
@json_option
def stage(
    name: str, version: str, stage_name: str, archive_existing_versions: bool, as_json: bool
) -> None:
    """Move a version to a stage: None, Staging, Production or Archived."""
    with connect() as stores:
        number = _version(stores.registry, name, version).version
        chosen = next(known for known in STAGES if known.lower() == stage_name.lower())
        moved = stores.registry.transition_stage(
            name,
            number,
            chosen,  # type: ignore[arg-type]
            archive_existing=archive_existing_versions,
            by=operator(),
        )
    if as_json:
        print_json(moved)
        return
    click.echo(f"{name} version {number} is in {moved.current_stage}")


@models.group()
def tag() -> None:
    """Set and delete tags of models and versions."""


@tag.command("set")
@click.argument("name")
@click.argument("key")
@click.argument("value")
@click.option("-v", "--version", help="Tag this version (a number, or @alias), not the model.")
@json_option
def set_tag(name: str, key: str, value: str, version: str | None, as_json: bool) -> None:
    """Set the tag KEY to VALUE."""
    with connect() as stores:
        if version is None:
            stores.registry.set_registered_model_tag(name, key, value, by=operator())
        else:
            number = _version(stores.registry, name, version).version
            stores.registry.set_model_version_tag(name, number, key, value, by=operator())
    if as_json:
        print_json({"name": name, "version": version, "key": key, "value": value})
        return
    click.echo(f"{name}{'' if version is None else ' ' + version}: {key} = {value}")


@tag.command("delete")
@click.argument("name")
@click.argument("key")
@click.option("-v", "--version", help="Of this version (a number, or @alias), not of the model.")
@json_option
def delete_tag(name: str, key: str, version: str | None, as_json: bool) -> None:
    """Take the tag KEY off."""
    with connect() as stores:
        if version is None:
            stores.registry.delete_registered_model_tag(name, key, by=operator())
        else:
            number = _version(stores.registry, name, version).version
            stores.registry.delete_model_version_tag(name, number, key, by=operator())
    if as_json:
        print_json({"name": name, "version": version, "key": key, "value": None})
        return
    click.echo(f"{name}{'' if version is None else ' ' + version}: {key} is gone")


def _version(registry: RegistryStore, name: str, text: str) -> ModelVersion:
    """Return the version that a number or ``@alias`` names. Raises: BadInput, NotFound."""
    if text.startswith("@"):
        return registry.get_version_by_alias(name, text[1:])
    if not text.isdecimal():
        raise BadInput(f"{text!r} is no version: give a number, or @alias")
    return registry.get_model_version(name, int(text))


def _versions(registry: RegistryStore, name: str, wanted: str = "") -> list[ModelVersion]:
    quoted = name.replace("'", "''")
    text = f"name = '{quoted}'" + (f" AND {wanted}" if wanted.strip() else "")
    search = Search(filter=text, max_results=_MANY)
    found: list[ModelVersion] = []
    while True:
        page = registry.search_model_versions(search)
        found += page.items
        if page.token is None:
            return sorted(found, key=lambda version: -version.version)
        search = Search(filter=search.filter, max_results=_MANY, token=page.token)


def _show_version(found: ModelVersion, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for label, value in (
        ("model", found.name),
        ("version", found.version),
        ("aliases", ", ".join(f"@{name}" for name in found.aliases)),
        ("stage", found.current_stage),
        ("status", f"{found.status} {found.status_message}".rstrip()),
        ("digest", found.digest or "not hashed yet: pending for gates"),
        ("source", found.source),
        ("run", found.run_id),
        ("created (UTC)", when(found.creation_timestamp)),
        ("description", found.description),
        *((f"tag {key}", text) for key, text in sorted(found.tags.items())),
    ):
        if value not in (None, ""):
            click.echo(f"{label:<16}{value}")


def _table(found: list[ModelVersion]) -> None:
    rows = [
        (
            version.version,
            ", ".join(f"@{name}" for name in version.aliases),
            version.current_stage,
            version.status,
            (version.digest or "pending")[:12],
            version.run_id,
            when(version.creation_timestamp),
        )
        for version in found
    ]
    heads = ("version", "aliases", "stage", "status", "digest", "run", "created (UTC)")
    print_table(heads, rows)


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise BadInput(f"--tag {text!r} is not KEY=VALUE")
    return key, value


for _command in (
    serve,
    vouching.vouch,
    *images.COMMANDS,
    *model_use.COMMANDS,
    *model_deletion.COMMANDS,
    *signing.COMMANDS,
    *provenance.COMMANDS,
):
    models.add_command(_command)
