"""``mainstay users``: who may ask, on a database or through a server."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol, cast

import click

from mainstay import settings
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.cli.who import operator
from mainstay.connect import DEFAULT_URI, connect
from mainstay.connect.address import kind_of
from mainstay.entities.accounts import ROLES, Role, Token, User
from mainstay.errors import BadInput
from mainstay.server.auth.passwords import hash_password, hash_token, new_token
from mainstay.stores.base import AccountStore
from mainstay.stores.http import HttpClient
from mainstay.stores.http.accounts import HttpAccounts

DAY = 24 * 3600 * 1000
LONGEST_DAYS = 365


class Desk(Protocol):
    """Handles accounts; a server's desk is ``HttpAccounts``."""

    def add_user(self, name: str, password: str, role: Role) -> User:
        """Create a user."""
        ...

    def list_users(self) -> list[User]:
        """Return users, by name."""
        ...

    def disable_user(self, name: str, *, disabled: bool) -> User:
        """Keep a user out, or let them in again."""
        ...

    def add_token(self, user: str, days: int, note: str) -> tuple[Token, str]:
        """Make a token and return it with its secret."""
        ...

    def list_tokens(self, user: str) -> list[Token]:
        """Return a user's tokens."""
        ...

    def revoke_token(self, token_id: str) -> None:
        """End a token."""
        ...


@click.group()
def users() -> None:
    """Add users and make tokens.

    Works on the database or the server that MAINSTAY_TRACKING_URI names (default:
    sqlite:///mainstay.db). On a server this needs an administrator's token.
    """


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="contributor", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--exist-ok", is_flag=True, help="A user of that name is left as is: for scripts.")
@json_option
def add(name: str, role: str, password_stdin: bool, exist_ok: bool, as_json: bool) -> None:
    """Add the user NAME. The password is asked for, and never taken from the command line."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask_password(name)
    with _desk() as desk:
        there = [user for user in desk.list_users() if user.name == name] if exist_ok else []
        if there:
            click.echo(f"{name} is there already, as {there[0].role}", err=True)
            return
        made = desk.add_user(name, password, cast(Role, role))
    if as_json:
        print_json({"user": made})
    else:
        click.echo(f"Added {made.name} as {made.role}. A token: mainstay users token {made.name}")


@users.command("list")
@json_option
def list_users(as_json: bool) -> None:
    """List users."""
    with _desk() as desk:
        found = desk.list_users()
    if as_json:
        print_json({"users": found})
    else:
        print_table(
            ("user", "role", "since", "disabled"),
            [(u.name, u.role, _day(u.created_at), "yes" if u.disabled else "") for u in found],
        )


@users.command()
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let the user in again.")
@json_option
def disable(name: str, undo: bool, as_json: bool) -> None:
    """Keep the user NAME out, with all tokens. What the user did stays theirs.

    Models that run code and that this user registered need somebody else's word to load
    (mainstay models vouch).
    """
    with _desk() as desk:
        done = desk.disable_user(name, disabled=not undo)
    if as_json:
        print_json({"user": done})
    else:
        click.echo(f"{done.name} is {'disabled' if done.disabled else 'let in again'}.")


@users.command()
@click.argument("name")
@click.option("--days", type=click.IntRange(1, LONGEST_DAYS), default=90, show_default=True)
@click.option("--note", default="", help="What the token is for.")
@json_option
def token(name: str, days: int, note: str, as_json: bool) -> None:
    """Make a token for the user NAME and print it, this once.

    Clients send it when MAINSTAY_TRACKING_TOKEN or MLFLOW_TRACKING_TOKEN holds it.
    """
    with _desk() as desk:
        made, secret = desk.add_token(name, days, note)
    if as_json:
        print_json({"token": made, "secret": secret})
        return
    click.echo(secret)
    click.echo(f"Good until {_day(made.expires_at)}; it is not shown again.", err=True)


@users.command()
@click.argument("name")
@json_option
def tokens(name: str, as_json: bool) -> None:
    """List the tokens of the user NAME, without their secrets."""
    with _desk() as desk:
        found = desk.list_tokens(name)
    if as_json:
        print_json({"tokens": found})
    else:
        rows = [(t.token_id, _day(t.created_at), _day(t.expires_at), t.note) for t in found]
        print_table(("token", "made", "good until", "note"), rows)


@users.command()
@click.argument("token_id")
def revoke(token_id: str) -> None:
    """End the token TOKEN_ID (see: mainstay users tokens NAME)."""
    with _desk() as desk:
        desk.revoke_token(token_id)
    click.echo(f"The token {token_id} is ended.")


class DatabaseDesk:
    """Accounts in a database that this command opens itself."""

    def __init__(self, accounts: AccountStore) -> None:
        self._accounts = accounts

    def add_user(self, name: str, password: str, role: Role) -> User:
        """Create a user; the password is hashed here. Raises: BadInput, AlreadyExists."""
        return self._accounts.create_user(
            name, password_hash=hash_password(password), role=role, by=operator()
        )

    def list_users(self) -> list[User]:
        """Return users, by name."""
        return self._accounts.list_users()

    def disable_user(self, name: str, *, disabled: bool) -> User:
        """Keep a user out, or let them in again. Raises: NotFound."""
        return self._accounts.disable_user(name, disabled=disabled, by=operator())

    def add_token(self, user: str, days: int, note: str) -> tuple[Token, str]:
        """Make a token. Raises: NotFound."""
        secret = new_token()
        made = self._accounts.create_token(
            user,
            token_id=secrets.token_hex(8),
            secret_hash=hash_token(secret),
            expires_at=int(time.time() * 1000) + days * DAY,
            note=note,
            by=operator(),
        )
        return made, secret

    def list_tokens(self, user: str) -> list[Token]:
        """Return a user's tokens. Raises: NotFound."""
        self._accounts.get_user(user)
        return self._accounts.list_tokens(user)

    def revoke_token(self, token_id: str) -> None:
        """End a token. Raises: NotFound."""
        self._accounts.revoke_token(token_id, by=operator())


@contextmanager
def _desk() -> Iterator[Desk]:
    """Open the accounts behind the tracking address."""
    uri = settings.TRACKING_URI.get() or settings.BACKEND_STORE_URI.get() or DEFAULT_URI
    if kind_of(uri) == "http":
        client = HttpClient(uri)
        try:
            yield HttpAccounts(client)
        finally:
            client.close()
        return
    with connect(uri) as stores:
        if stores.accounts is None:
            raise BadInput(f"{stores.uri} keeps no accounts")
        yield DatabaseDesk(stores.accounts)


def _ask_password(name: str) -> str:
    entered: str = click.prompt(
        f"Password of {name}", hide_input=True, confirmation_prompt="The same again"
    )
    return entered


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d")
