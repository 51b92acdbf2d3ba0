"""Users and tokens of a server. Passwords and secrets cross the wire; the server hashes them."""

from __future__ import annotations

from mainstay.entities.accounts import Principal, Role, Token, User
from mainstay.stores.http.client import HttpClient
from mainstay.wire import accounts as messages
from mainstay.wire.base import Done
from mainstay.wire.endpoints import accounts as rows


class HttpAccounts:
    """A server's accounts, as an administrator handles them."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client

    def whoami(self) -> Principal:
        """Return who we are to the server. Raises: Unauthenticated."""
        return self.client.call(rows.WHOAMI, messages.WhoAmI(), messages.PrincipalAnswer).principal

    def add_user(self, name: str, password: str, role: Role) -> User:
        """Create a user. Raises: AlreadyExists, BadInput, PermissionDenied."""
        request = messages.CreateUser(name=name, password=password, role=role)
        return self.client.call(rows.CREATE_USER, request, messages.UserAnswer).user

    def list_users(self) -> list[User]:
        """Return users, by name. Raises: PermissionDenied."""
        return self.client.call(rows.LIST_USERS, messages.ListUsers(), messages.UserList).users

    def disable_user(self, name: str, *, disabled: bool) -> User:
        """Keep a user out, or let them in again. Raises: NotFound, PermissionDenied."""
        request = messages.DisableUser(name=name, disabled=disabled)
        return self.client.call(rows.DISABLE_USER, request, messages.UserAnswer).user

    def add_token(self, user: str, days: int, note: str) -> tuple[Token, str]:
        """Make a token; the second value is its secret, never shown again. Raises: NotFound."""
        request = messages.CreateToken(user=user, days=days, note=note)
        made = self.client.call(rows.CREATE_TOKEN, request, messages.TokenCreated)
        return made.token, made.secret

    def list_tokens(self, user: str) -> list[Token]:
        """Return a user's tokens, newest first."""
        request = messages.ListTokens(user=user)
        return self.client.call(rows.LIST_TOKENS, request, messages.TokenList).tokens

    def revoke_token(self, token_id: str) -> None:
        """End a token. Raises: NotFound."""
        self.client.call(rows.REVOKE_TOKEN, messages.RevokeToken(token_id=token_id), Done)
