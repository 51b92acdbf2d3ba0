"""Commands that move an alias, or say yes or no to a move."""

from __future__ import annotations

import click

from mainstay.cli.output import json_option, print_json, print_table
from mainstay.cli.who import operator
from mainstay.connect import connect
from mainstay.entities.release import ApprovalState
from mainstay.errors import BadInput
from mainstay.promotion import approvals, judgement
from mainstay.promotion import rollback as rollbacks
from mainstay.stores.base import RegistryStore

alias_option = click.option("--alias", default="champion", show_default=True, help="The alias.")
reason_option = click.option("--reason", default="", help="Why; it is kept in the history.")


@click.command()
@click.argument("model")
@click.argument("version")
@alias_option
@reason_option
@click.option("--request-approval", is_flag=True, help="Only ask that somebody approve the move.")
@json_option
def promote(
    model: str, version: str, alias: str, reason: str, request_approval: bool, as_json: bool
) -> None:
    """Move ALIAS of MODEL to VERSION (a number, or @alias) through its gate."""
    by = operator()
    with connect() as stores:
        number = read_version(stores.registry, model, version)
        if request_approval:
            asked = approvals.request(stores.registry, stores.release, model, alias, number, by=by)
            if as_json:
                print_json(asked)
                return
            click.echo(
                f"Asked for approval {asked.approval_id}: {model} v{number} as @{alias}. "
                f"Somebody else approves it: mainstay approve {asked.approval_id}"
            )
            return
        before = judgement.holder(stores.registry, model, alias)
        stores.registry.set_alias(model, alias, number, reason=reason, by=by)
        change = stores.registry.alias_history(model, alias)[-1]
    if as_json:
        print_json(change)
        return
    came = f" (verdict {change.verdict_id})" if change.verdict_id else " (no gate stands before it)"
    held = f"was v{before}" if before else "was held by nobody"
    click.echo(f"{model}@{alias} is v{number}, {held}{'' if before == number else came}")


@click.command()
@click.argument("approval_id", required=False)
@click.option("--list", "listing", is_flag=True, help="List the requests that wait.")
@reason_option
@json_option
def approve(approval_id: str | None, listing: bool, reason: str, as_json: bool) -> None:
    """Approve a requested promotion; nobody approves their own."""
    if listing or approval_id is None:
        _list(as_json)
        return
    _decide(approval_id, "approved", reason, as_json)


@click.command()
@click.argument("approval_id")
@reason_option
@json_option
def reject(approval_id: str, reason: str, as_json: bool) -> None:
    """Reject a requested promotion."""
    _decide(approval_id, "rejected", reason, as_json)


@click.command()
@click.argument("model")
@alias_option
@reason_option
@click.option("--expected", type=int, help="Only if this version holds the alias now.")
@json_option
def rollback(model: str, alias: str, reason: str, expected: int | None, as_json: bool) -> None:
    """Put ALIAS of MODEL back to its previous holder."""
    with connect() as stores:
        change = rollbacks.rollback(
            stores.registry,
            stores.release,
            model,
            alias,
            by=operator(),
            reason=reason or "rolled back by hand",
            expected=expected,
        )
    if as_json:
        print_json(change)
        return
    click.echo(f"{model}@{alias} is v{change.version} again, was v{change.previous}")


def read_version(registry: RegistryStore, model: str, version: str) -> int:
    """Read a version number, or the holder of ``@alias``. Raises: BadInput, NotFound."""
    if version.startswith("@"):
        return registry.get_version_by_alias(model, version[1:]).version
    if not version.isdigit() or int(version) < 1:
        raise BadInput(f"{version!r} is no version; write a number such as 3, or @alias")
    return int(version)


def _decide(approval_id: str, state: ApprovalState, reason: str, as_json: bool) -> None:
    with connect() as stores:
        decided = stores.release.decide_approval(approval_id, state, reason=reason, by=operator())
    if as_json:
        print_json(decided)
        return
    click.echo(
        f"{decided.state}: {decided.name} v{decided.version} as @{decided.alias}, "
        f"asked for by {decided.requested_by}"
    )


def _list(as_json: bool) -> None:
    with connect() as stores:
        waiting = stores.release.list_approvals(state="pending")
    if as_json:
        print_json({"approvals": waiting})
        return
    print_table(
        ("approval", "model", "version", "alias", "asked for by"),
        [
            (item.approval_id, item.name, item.version, item.alias, item.requested_by)
            for item in waiting
        ],
    )
