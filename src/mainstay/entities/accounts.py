"""Who is asking: users, tokens and the principal that every request carries."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["viewer", "contributor", "maintainer", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "contributor", "maintainer", "admin")


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something. ``claimed`` is what an anonymous caller says of itself; no proof."""

    name: str = "anonymous"
    role: Role = "admin"
    authenticated: bool = False
    claimed: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.claimed})" if self.claimed else self.name


ANONYMOUS = Principal()


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user, as others may see them."""

    name: str
    role: Role
    created_at: int


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token's public half; its secret is shown once and stored as a hash."""

    token_id: str
    user: str
    created_at: int
    expires_at: int
    note: str = ""
