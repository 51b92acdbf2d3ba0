"""``mainstay webhooks``: who is told of what happens to models, and what became of it."""

from __future__ import annotations

import sys

import click

from mainstay.cli import reading
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.cli.who import operator
from mainstay.connect import connect
from mainstay.entities.webhooks import Attempt, Delivery, Webhook, WebhookStatus
from mainstay.errors import BadInput, NotFound
from mainstay.stores.base import WebhookStore
from mainstay.webhooks.kinds import KINDS, MLFLOW

webhook_argument = click.argument("webhook")


@click.group()
def webhooks() -> None:
    """List, create, test and resend webhooks. Needs the role maintainer."""


@webhooks.command("list")
@reading.tracking_option
@json_option
def list_webhooks(tracking_uri: str | None, as_json: bool) -> None:
    """List webhooks, newest first."""
    with connect(tracking_uri) as stores:
        found = _all(stores.webhooks)
    if as_json:
        print_json(found)
        return
    print_table(
        ["id", "name", "url", "status", "signed", "events"],
        [
            [
                one.webhook_id,
                one.name,
                one.url,
                one.status,
                "yes" if one.signed else "no",
                "\n".join(one.events),
            ]
            for one in found
        ],
    )


@webhooks.command()
def events() -> None:
    """List the events there are; those above the line are MLflow's."""
    click.echo("\n".join([*MLFLOW, "-", *(kind for kind in KINDS if kind not in MLFLOW)]))


@webhooks.command()
@click.argument("name")
@click.argument("url")
@click.option(
    "-e",
    "--event",
    "wanted",
    multiple=True,
    required=True,
    callback=lambda _context, _option, given: _named(given),
    help="E.g. model_version.created; `mainstay webhooks events` lists them.",
)
@click.option("--description", default="", help="What it is for.")
@click.option("--secret-stdin", is_flag=True, help="Read the signing secret from standard input.")
@click.option("--disabled", is_flag=True, help="Create it, and deliver nothing yet.")
@reading.tracking_option
@json_option
def create(
    name: str,
    url: str,
    wanted: tuple[str, ...],
    description: str,
    secret_stdin: bool,
    disabled: bool,
    tracking_uri: str | None,
    as_json: bool,
) -> None:
    """Tell URL of events from now on. The secret is never taken from the command line."""
    secret = sys.stdin.readline().rstrip("\r\n") if secret_stdin else None
    with connect(tracking_uri) as stores:
        made = stores.webhooks.create_webhook(
            name,
            url,
            list(wanted),
            description=description,
            secret=secret,
            status="DISABLED" if disabled else "ACTIVE",
            by=operator(),
        )
    if as_json:
        print_json(made)
    else:
        click.echo(f"Created the webhook {made.name} with id {made.webhook_id}.")


@webhooks.command("set")
@webhook_argument
@click.option("--url", help="Where it leads from now on.")
@click.option(
    "-e",
    "--event",
    "wanted",
    multiple=True,
    callback=lambda _context, _option, given: _named(given),
    help="All its events from now on.",
)
@click.option("--description", help="What it is for.")
@click.option("--enable/--disable", "active", default=None, help="Deliver, or only keep it.")
@click.option("--secret-stdin", is_flag=True, help="Read a new secret from standard input.")
@reading.tracking_option
@json_option
def change(
    webhook: str,
    url: str | None,
    wanted: tuple[str, ...],
    description: str | None,
    active: bool | None,
    secret_stdin: bool,
    tracking_uri: str | None,
    as_json: bool,
) -> None:
    """Change WEBHOOK (an id or name); what is not given stays."""
    secret = sys.stdin.readline().rstrip("\r\n") if secret_stdin else None
    status: WebhookStatus | None = None
    if active is not None:
        status = "ACTIVE" if active else "DISABLED"
    with connect(tracking_uri) as stores:
        found = _find(stores.webhooks, webhook)
        done = stores.webhooks.update_webhook(
            found.webhook_id,
            url=url,
            events=wanted,
            description=description,
            secret=secret,
            status=status,
            by=operator(),
        )
    if as_json:
        print_json(done)
    else:
        click.echo(f"{done.name} is {done.status}, leads to {done.url}")


@webhooks.command()
@click.option("--after", default=0, show_default=True, help="Only events after this number.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@reading.tracking_option
@json_option
def feed(after: int, limit: int, tracking_uri: str | None, as_json: bool) -> None:
    """List what happened, in order: the feed that deliveries are made from."""
    with connect(tracking_uri) as stores:
        found = stores.release.list_events(after=after, limit=limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ["event", "when (UTC)", "what", "about", "who"],
        [
            [one.event_id, reading.when(one.at), one.kind, one.subject, one.data.get("principal")]
            for one in found
        ],
    )


@webhooks.command()
@webhook_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@reading.tracking_option
def delete(webhook: str, yes: bool, tracking_uri: str | None) -> None:
    """Delete WEBHOOK (an id or name) with its deliveries."""
    with connect(tracking_uri) as stores:
        found = _find(stores.webhooks, webhook)
        if not yes:
            click.confirm(f"Delete the webhook {found.name} and its deliveries?", abort=True)
        stores.webhooks.delete_webhook(found.webhook_id, by=operator())
    click.echo(f"Deleted the webhook {found.name}.")


@webhooks.command()
@webhook_argument
@click.option("-e", "--event", help="Which event to send a sample of; default: its first.")
@reading.tracking_option
@json_option
def test(webhook: str, event: str | None, tracking_uri: str | None, as_json: bool) -> None:
    """Send a sample to WEBHOOK (an id or name) now. Exit code 1: it was not taken."""
    with connect(tracking_uri) as stores:
        found = _find(stores.webhooks, webhook)
        result = stores.webhooks.test_webhook(found.webhook_id, event)
    if as_json:
        print_json(result)
    elif result.success:
        click.echo(f"{found.name} took the sample (status {result.response_status}).")
    else:
        click.echo(f"{found.name} did not take the sample: {result.error_message}.", err=True)
    if not result.success:
        sys.exit(1)


@webhooks.command()
@webhook_argument
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@reading.tracking_option
@json_option
def attempts(webhook: str, limit: int, tracking_uri: str | None, as_json: bool) -> None:
    """Show what became of the deliveries to WEBHOOK (an id or name), newest first."""
    with connect(tracking_uri) as stores:
        found = _find(stores.webhooks, webhook)
        deliveries = stores.webhooks.list_deliveries(found.webhook_id, limit=limit)
    if as_json:
        print_json(deliveries)
        return
    print_table(
        ["delivery", "event", "made (UTC)", "state", "tries", "last answer", "next try (UTC)"],
        [_row(one) for one in deliveries],
    )


@webhooks.command()
@click.argument("delivery_id")
@reading.tracking_option
def resend(delivery_id: str, tracking_uri: str | None) -> None:
    """Send a delivery again, under the same id."""
    with connect(tracking_uri) as stores:
        done = stores.webhooks.resend(delivery_id, by=operator())
    click.echo(f"Delivery {done.delivery_id} ({done.event}) is in the queue again.")


def _row(delivery: Delivery) -> list[object]:
    last = delivery.attempts[-1] if delivery.attempts else Attempt(at=0)
    return [
        delivery.delivery_id,
        delivery.event,
        reading.when(delivery.created_at),
        delivery.state,
        len(delivery.attempts),
        last.error or last.status,
        reading.when(delivery.next_at),
    ]


def _all(store: WebhookStore) -> list[Webhook]:
    page = store.list_webhooks(max_results=1000)
    found = page.items
    while page.token:
        page = store.list_webhooks(max_results=1000, token=page.token)
        found += page.items
    return found


def _find(store: WebhookStore, given: str) -> Webhook:
    """Return a webhook by id, or by name if exactly one has it. Raises: NotFound, BadInput."""
    found = [one for one in _all(store) if given in (one.webhook_id, one.name)]
    exact = [one for one in found if one.webhook_id == given]
    if exact or len(found) == 1:
        return (exact or found)[0]
    if found:
        raise BadInput(f"several webhooks are called {given!r}; give the id of one")
    raise NotFound(f"there is no webhook {given!r}; `mainstay webhooks list` shows those there are")


def _named(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the events. Raises: BadInput for a word that is none; the server knows the others."""
    for event in given:
        if "." not in event:
            raise BadInput(f"{event!r} is no event; `mainstay webhooks events` lists them")
    return given
