"""``mainstay models lineage``, ``diff``, ``card`` and ``copy``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mainstay.cli.moves import read_version
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.cli.reading import when
from mainstay.cli.who import operator
from mainstay.connect import connect
from mainstay.entities.provenance import Difference
from mainstay.errors import BadInput


@click.command()
@click.argument("name", required=False)
@click.argument("version", required=False)
@click.option("--dataset", metavar="NAME|DIGEST", help="What was built from this data set?")
@click.option("--commit", metavar="SHA", help="What was built from this commit?")
@click.option("--derived", is_flag=True, help="And what was built from that; reads all runs.")
@click.option("--openlineage", is_flag=True, help="Print OpenLineage events, one a line.")
@json_option
def lineage(
    name: str | None,
    version: str | None,
    dataset: str | None,
    commit: str | None,
    derived: bool,
    openlineage: bool,
    as_json: bool,
) -> None:
    """Show where VERSION (a number, or @alias) of NAME comes from and what became of it.

    With --dataset or --commit it goes forward: every run, version and deployment built from that.
    """
    if (dataset or commit) and name:
        raise click.UsageError("give a version, or --dataset, or --commit")
    if dataset or commit:
        _forward(dataset, commit, derived, as_json)
        return
    if name is None or version is None:
        raise click.UsageError("give NAME and VERSION, or --dataset, or --commit")
    from mainstay.provenance import openlineage as events
    from mainstay.provenance.lineage import lineage as trace
    from mainstay.provenance.records import opener

    with connect() as stores:
        number = read_version(stores.registry, name, version)
        if openlineage:
            for event in events.of_version(stores, name, number, namespace=stores.uri):
                click.echo(events.encode(event))
            return
        found = trace(stores, name, number, open_files=opener(stores))
    if as_json:
        print_json(found)
        return
    _tell(found)


@click.command()
@click.argument("name")
@click.argument("version")
@click.argument("other")
@click.option("--other-name", help="The model of OTHER, if it is another one.")
@json_option
def diff(name: str, version: str, other: str, other_name: str | None, as_json: bool) -> None:
    """Show how OTHER differs from VERSION of NAME (numbers, or @alias).

    Exit code 0 whatever differs; the last line says whether a caller of VERSION can call OTHER.
    """
    from mainstay.provenance.difference import compare
    from mainstay.provenance.records import opener

    with connect() as stores:
        before = (name, read_version(stores.registry, name, version))
        after = (other_name or name, read_version(stores.registry, other_name or name, other))
        found = compare(stores, opener(stores), before, after)
    if as_json:
        print_json(found)
        return
    _differences(found)


@click.command()
@click.argument("name")
@click.argument("version")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "html"]),
    default="markdown",
    show_default=True,
    help="How to write it.",
)
@click.option("-o", "--output-path", type=click.Path(path_type=Path), help="Write here.")
@click.option(
    "--set",
    "written",
    multiple=True,
    metavar="PART=TEXT",
    help="Write a part: intended_use, limitations, contact; @FILE reads the text from a file.",
)
@json_option
def card(
    name: str,
    version: str,
    form: str,
    output_path: Path | None,
    written: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write the model card of VERSION (a number, or @alias): what is known, and what was written.

    Parts that people write are kept when the card is made anew, and go along with copies.
    """
    from mainstay.provenance import card as cards
    from mainstay.provenance import rendering
    from mainstay.provenance.records import opener

    parts = dict(_part(text) for text in written)
    with connect() as stores:
        number = read_version(stores.registry, name, version)
        for key, text in parts.items():
            stores.registry.set_model_version_tag(
                name, number, cards.TAG + key, text, by=operator()
            )
        made = cards.make(stores, opener(stores), name, number)
    if as_json:
        print_json(made)
        return
    text = rendering.markdown(made) if form == "markdown" else rendering.html(made)
    if output_path is None:
        click.echo(text, nl=False)
        return
    output_path.write_text(text, encoding="utf-8")
    click.echo(f"wrote {output_path}")


@click.command()
@click.argument("model_uri")
@click.argument("name")
@click.option("--from", "source_uri", metavar="URI", help="The server or database it is at.")
@click.option("--to", "target_uri", metavar="URI", help="The server or database it goes to.")
@json_option
def copy(
    model_uri: str, name: str, source_uri: str | None, target_uri: str | None, as_json: bool
) -> None:
    """Make MODEL_URI (models:/CHURN/3, models:/CHURN@champion) the next version of NAME.

    Both places are the configured address unless --from or --to say otherwise. Files are checked by
    digest; tags, description and signatures come along, aliases and evidence do not.
    """
    from mainstay.client.copying import copy_version

    with connect(source_uri, source_uri) as source, connect(target_uri, target_uri) as target:
        made = copy_version(source, target, model_uri, name)
    if as_json:
        print_json(made)
        return
    digest = f", digest {made.digest[:12]}…" if made.digest else ""
    click.echo(f"{model_uri} is copied: {made.name} version {made.version}{digest}")


COMMANDS = (lineage, diff, card, copy)


def _forward(dataset: str | None, commit: str | None, derived: bool, as_json: bool) -> None:
    from mainstay.provenance.forward import forward

    with connect() as stores:
        found = forward(stores, dataset=dataset, commit=commit, derived=derived)
    if as_json:
        print_json(found)
        return
    if not found["runs"] and not found["versions"]:
        asked = f"the data set {dataset}" if dataset is not None else f"the commit {commit}"
        click.echo(f"Nothing that is recorded here was built from {asked}.")
        return
    rows = [(run["run_id"], run["run_name"], run["commit"]) for run in found["runs"]]
    print_table(("run", "name", "commit"), rows)
    print_table(
        ("version", "aliases", "stage", "run"),
        [
            (one["uri"], ", ".join(f"@{a}" for a in one["aliases"]), one["stage"], one["run_id"])
            for one in found["versions"]
        ],
    )
    for item in found["deployments"]:
        click.echo(f"served as {item.deployment} at {item.url}: v{item.serving_version}")
    if not found["complete"]:
        click.echo("There are more runs than were looked through.", err=True)


def _part(text: str) -> tuple[str, str]:
    from mainstay.provenance.card import EDITABLE

    key, sign, value = text.partition("=")
    if not sign or key not in EDITABLE:
        raise BadInput(f"--set {text[:80]!r}: write PART=TEXT; parts are {', '.join(EDITABLE)}")
    if not value.startswith("@"):
        return key, value
    try:
        return key, Path(value[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--set {key}: the file {value[1:]!r} cannot be read: {error}") from error


def _differences(found: Difference) -> None:
    same = {True: "the same files", False: "the files differ", None: "not hashed yet"}
    click.echo(f"{found.before} → {found.after}: {same[found.same_files]}")
    for title, listed in (
        ("params", found.params),
        ("metrics", found.metrics),
        ("data", found.data),
        ("code", found.code),
        (f"packages ({found.environment})", found.packages),
    ):
        if listed:
            rows = [(one.key, one.before, one.after) for one in listed]
            print_table((title, found.before, found.after), rows)
    for note in found.notes:
        click.echo(note, err=True)
    if found.compatible is None:
        click.echo(f"Whether a caller of {found.before} can call {found.after} is not known.")
    elif found.compatible:
        click.echo(f"Whoever calls {found.before} can call {found.after}.")
    else:
        click.echo(f"A caller of {found.before} would break: {'; '.join(found.breaks)}")


def _tell(found: dict[str, Any]) -> None:
    click.echo(f"{found['name']} version {found['version']}  digest {found['digest'] or 'open'}")
    if found["copied_from"]:
        origin = found["copied_from"]
        click.echo(f"copy of  {origin.get('uri')} at {origin.get('server')}")
    run = found["run"]
    if run is not None:
        code = run["code"]
        click.echo(f"run      {run['run_id']} ({run['run_name']}, {run['status']})")
        click.echo(
            f"code     {code['source'] or 'unknown'} at commit {code['commit'] or 'unknown'}"
        )
        for item in run["data"]:
            job = f", made by {item['job']}" if item["job"] else ""
            parents = ", ".join(f"{p.get('name')}@{p.get('digest')}" for p in item["parents"])
            click.echo(
                f"data     {item['name']} digest {item['digest']}{job}"
                f"{f' from {parents}' if parents else ''}"
            )
    for parent in found["parents"]:
        versions = ", ".join(parent["versions"]) or "not registered"
        click.echo(f"parent   {parent['model_id']} ({versions})")
    environment = found["environment"] or {}
    if environment.get("problem"):
        click.echo(f"packages {environment['problem']}")
    elif environment:
        listed = environment["lock"] or environment["requirements"]
        click.echo(f"packages {len(listed)} on Python {environment['python']}")
    for one in found["aliases_held"]:
        until = when(one["to"]) if one["to"] else "now"
        click.echo(
            f"alias    @{one['alias']} from {when(one['from'])} to {until} by {one['set_by']}"
        )
    for verdict in found["verdicts"]:
        said = "passed" if verdict.passed else "refused"
        click.echo(f"verdict  @{verdict.alias}: {said} ({verdict.verdict_id})")
    kinds = sorted({item.kind for item in found["evidence"]})
    click.echo(f"evidence {', '.join(kinds) or 'none'}")
    for item in found["deployments"]:
        click.echo(f"served   {item.deployment} at {item.url} ({item.state})")
