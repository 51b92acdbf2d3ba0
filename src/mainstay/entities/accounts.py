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

Standing = Literal["account", "database", "anonymous", "nobody"]
"""How somebody came in: as a user of the server, with the database itself in hand, without
credentials; or nobody did, since the record was imported."""


class Recorder(msgspec.Struct, frozen=True, kw_only=True):
    """Who recorded a version, a logged model or a run, and whether that is somebody known here.

    ``why`` says in words why not.
    """

    principal: str | None = None
    standing: Standing = "nobody"
    known: bool = False
    why: str = ""

    @classmethod
    def of(cls, principal: str | None) -> Recorder:
        """Read a principal as records keep it; nothing is judged yet.

        >>> Recorder.of("ada").standing, Recorder.of("ada (on build-7)").standing
        ('account', 'database')
        """
        if principal is None:
            return cls()
        name, claim, _ = principal.partition(" (")
        if name == ANONYMOUS.name:
            return cls(principal=principal, standing="anonymous")
        # The name of a user has no blank, so what has one came from the operating system.
        return cls(principal=principal, standing="database" if claim else "account")


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user, as others may see them."""

    name: str
    role: Role
    created_at: int
    disabled: bool = False


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token's public half; its secret is shown once and stored as a hash."""

    token_id: str
    user: str
    created_at: int
    expires_at: int
    note: str = ""
