"""``mainstay gate``: set, show, lint, check and explain."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mainstay.cli.moves import read_version
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.cli.who import operator
from mainstay.connect import connect
from mainstay.entities.release import Verdict
from mainstay.errors import BadInput, NotFound
from mainstay.promotion import judgement
from mainstay.promotion import policy as policies

policy_argument = click.argument(
    "policy_file", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.group()
def gate() -> None:
    """Say what a version must prove before it may hold an alias."""


@gate.command("set")
@click.argument("model")
@click.argument("alias")
@click.argument(
    "policy_file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--remove", is_flag=True, help="Take the gate away.")
def set_gate(model: str, alias: str, policy_file: Path | None, remove: bool) -> None:
    """Put POLICY_FILE before ALIAS of MODEL ('*': of every model)."""
    if remove == (policy_file is not None):
        raise click.UsageError("give either a policy file or --remove")
    text = "" if policy_file is None else _read(policy_file)
    checks = policies.parse(text).checks if text else ()
    with connect() as stores:
        stores.release.set_policy(model, alias, text, digest=policies.digest(text), by=operator())
    if remove:
        click.echo(f"{model}@{alias} has no gate any more")
        return
    names = ", ".join(check.label for check in checks)
    click.echo(f"a gate stands before {model}@{alias}: {names}")


@gate.command()
@click.argument("model", required=False)
@click.argument("alias", required=False)
@json_option
def show(model: str | None, alias: str | None, as_json: bool) -> None:
    """Show the policy before ALIAS of MODEL; without arguments, list every gate."""
    with connect() as stores:
        if model is None or alias is None:
            found = [item for item in stores.release.list_policies() if model in (None, item.name)]
            if as_json:
                print_json({"policies": found})
                return
            rows = [(item.name, item.alias, item.digest[:12], item.principal) for item in found]
            print_table(("model", "alias", "digest", "set by"), rows)
            return
        policy = stores.release.get_policy(model, alias)
    if policy is None:
        raise NotFound(f"no gate stands before {model}@{alias}")
    if as_json:
        print_json(policy)
        return
    click.echo(policy.text.rstrip())


@gate.command()
@policy_argument
@json_option
def lint(policy_file: Path, as_json: bool) -> None:
    """Read POLICY_FILE and say what it demands, without any server."""
    policy = policies.parse(_read(policy_file))
    if as_json:
        checks = [{"check": check.label, "kind": check.kind} for check in policy.checks]
        print_json({"digest": policy.digest, "checks": checks, "waivers": policy.waivers})
        return
    print_table(("check", "kind"), [(check.label, check.kind) for check in policy.checks])
    click.echo(f"checks: {len(policy.checks)}, waivers: {len(policy.waivers)}; nothing is wrong")


@gate.command()
@click.argument("model")
@click.argument("alias")
@click.argument("version")
@json_option
def check(model: str, alias: str, version: str, as_json: bool) -> None:
    """Decide whether VERSION of MODEL may hold ALIAS, keep the verdict, move nothing.

    Exit code 0 if it may, 1 if not.
    """
    with connect() as stores:
        number = read_version(stores.registry, model, version)
        verdict = judgement.judge(stores.registry, stores.release, model, alias, number)
        if verdict is None:
            raise NotFound(
                f"no gate stands before {model}@{alias}; "
                f"set one: mainstay gate set {model} {alias} policy.yaml"
            )
        verdict = stores.release.record_verdict(verdict)
    _show(verdict, as_json)
    if not verdict.passed:
        sys.exit(1)


@gate.command()
@click.argument("model")
@click.argument("verdict_id", required=False)
@click.option("--alias", help="Only decisions about this alias.")
@json_option
def explain(model: str, verdict_id: str | None, alias: str | None, as_json: bool) -> None:
    """Show the last decision about MODEL, or the one called VERDICT_ID, check by check."""
    with connect() as stores:
        verdicts = stores.release.list_verdicts(model, alias=alias)
    found = [item for item in verdicts if verdict_id in (None, item.verdict_id)]
    if not found:
        which = f"verdict {verdict_id}" if verdict_id else "verdict"
        raise NotFound(f"there is no {which} about {model}{'@' + alias if alias else ''} yet")
    _show(found[0], as_json)


def _read(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not a text file in UTF-8: {error.reason}") from error
    if not text.strip():
        raise BadInput(f"{file} is empty; to take a gate away use --remove")
    return text


def _show(verdict: Verdict, as_json: bool) -> None:
    if as_json:
        print_json(verdict)
        return
    rows = [(item.outcome, item.check, item.message) for item in verdict.checks]
    word = "passed" if verdict.passed else "refused"
    beside = f", beside v{verdict.baseline_version}" if verdict.baseline_version else ""
    title = (
        f"verdict {verdict.verdict_id}: {verdict.name} v{verdict.version} as "
        f"@{verdict.alias} {word}{beside}"
    )
    print_table(("outcome", "check", "what was found"), rows, title=title)
