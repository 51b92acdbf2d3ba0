"""Messages about users and tokens. A secret is in one answer only: that which made it."""

from __future__ import annotations

from mainstay.entities.accounts import Principal, Role, Token, User
from mainstay.wire.base import Answer, Int64, Own, Text


class WhoAmI(Own, frozen=True, kw_only=True):
    """Ask who one is to the server."""


class PrincipalAnswer(Answer, frozen=True, kw_only=True):
    """Who asks."""

    principal: Principal


class CreateUser(Own, frozen=True, kw_only=True):
    """Create a user."""

    name: Text
    password: Text
    role: Role = "contributor"


class DisableUser(Own, frozen=True, kw_only=True):
    """Keep a user out, tokens too, or let them in again."""

    name: Text
    disabled: bool = True


class UserAnswer(Answer, frozen=True, kw_only=True):
    """One user."""

    user: User


class ListUsers(Own, frozen=True, kw_only=True):
    """Ask for users."""


class UserList(Answer, frozen=True, kw_only=True):
    """Users, by name."""

    users: list[User]


class CreateToken(Own, frozen=True, kw_only=True):
    """Make a token for a user (left out: for oneself), good for ``days`` days."""

    user: str | None = None
    days: Int64 = 90
    note: str = ""


class TokenCreated(Answer, frozen=True, kw_only=True):
    """A new token with its secret, which is never shown again."""

    token: Token
    secret: str


class ListTokens(Own, frozen=True, kw_only=True):
    """Ask for a user's tokens (left out: one's own)."""

    user: str | None = None


class TokenList(Answer, frozen=True, kw_only=True):
    """Tokens, newest first."""

    tokens: list[Token]


class RevokeToken(Own, frozen=True, kw_only=True):
    """End a token."""

    token_id: Text
