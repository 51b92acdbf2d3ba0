"""The accounts contract: users and their tokens, in their simplest form."""

from __future__ import annotations

from typing import Protocol

from mainstay.entities.accounts import ANONYMOUS, Principal, Role, Token, User


class AccountStore(Protocol):
    """Keeps who may ask. Secrets go in once and never come out; ``by`` goes into the audit."""

    def create_user(
        self, name: str, *, password_hash: str, role: Role, by: Principal = ANONYMOUS
    ) -> User:
        """Create a user. Raises: AlreadyExists, BadInput."""
        ...

    def list_users(self) -> list[User]:
        """Return users, by name."""
        ...

    def password_hash(self, name: str) -> str | None:
        """Return the stored hash of a user's password; None for an unknown or disabled user."""
        ...

    def get_user(self, name: str) -> User:
        """Return a user. Raises: NotFound."""
        ...

    def disable_user(self, name: str, *, disabled: bool, by: Principal = ANONYMOUS) -> User:
        """Keep a user out, tokens too, or let them in again. Raises: NotFound."""
        ...

    def create_token(
        self,
        user: str,
        *,
        token_id: str,
        secret_hash: str,
        expires_at: int,
        note: str = "",
        by: Principal = ANONYMOUS,
    ) -> Token:
        """Keep a token by the SHA-256 of its secret. Raises: NotFound (the user)."""
        ...

    def principal_of_token(self, secret_hash: str, *, now: int) -> Principal | None:
        """Return who holds a live token; None for an unknown or expired one, or a disabled user."""
        ...

    def list_tokens(self, user: str) -> list[Token]:
        """Return a user's tokens, newest first."""
        ...

    def revoke_token(self, token_id: str, *, by: Principal = ANONYMOUS) -> None:
        """End a token. Raises: NotFound."""
        ...
