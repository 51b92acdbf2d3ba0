"""The contract of account stores as tests: subclass, and give a fixture ``store``."""

from __future__ import annotations

from hashlib import sha256
from uuid import uuid4

import pytest

from mainstay.errors import AlreadyExists, BadInput, NotFound
from mainstay.stores.base import AccountStore

FAR = 4_000_000_000_000


def hashed(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


class AccountsContract:
    """What any account store does."""

    @pytest.fixture
    def user(self, store: AccountStore) -> str:
        """A user that no other test uses."""
        name = f"user-{uuid4().hex[:12]}"
        store.create_user(name, password_hash="$argon2$x", role="contributor")
        return name

    def test_a_user_reads_back(self, store: AccountStore, user: str) -> None:
        found = store.get_user(user)
        assert (found.name, found.role) == (user, "contributor")
        assert found in store.list_users()
        assert store.password_hash(user) == "$argon2$x"
        assert store.password_hash(user + "-nobody") is None

    def test_a_taken_or_reserved_or_odd_name_is_refused(
        self, store: AccountStore, user: str
    ) -> None:
        with pytest.raises(AlreadyExists):
            store.create_user(user, password_hash="x", role="viewer")
        for bad in ("", "anonymous", "Monitor", "a b", "a\nb", "x" * 200, "a/b"):
            with pytest.raises(BadInput):
                store.create_user(bad, password_hash="x", role="viewer")

    def test_an_unknown_role_is_refused(self, store: AccountStore) -> None:
        with pytest.raises(BadInput, match="viewer"):
            store.create_user(f"u-{uuid4().hex[:8]}", password_hash="x", role="king")  # type: ignore[arg-type]

    def test_an_unknown_user_is_not_found(self, store: AccountStore) -> None:
        with pytest.raises(NotFound):
            store.get_user("nobody-here")
        with pytest.raises(NotFound):
            store.create_token(
                "nobody-here", token_id=uuid4().hex, secret_hash=hashed("s"), expires_at=FAR
            )

    def test_a_token_stands_for_its_user_until_it_ends(
        self, store: AccountStore, user: str
    ) -> None:
        secret = uuid4().hex
        made = store.create_token(
            user, token_id=uuid4().hex, secret_hash=hashed(secret), expires_at=FAR, note="laptop"
        )
        assert store.list_tokens(user) == [made]
        principal = store.principal_of_token(hashed(secret), now=FAR - 1)
        assert principal is not None
        assert (principal.name, principal.role) == (user, "contributor")
        assert principal.authenticated
        assert store.principal_of_token(hashed(secret), now=FAR) is None
        assert store.principal_of_token(hashed("another"), now=0) is None

    def test_a_revoked_token_ends_at_once(self, store: AccountStore, user: str) -> None:
        secret, token_id = uuid4().hex, uuid4().hex
        store.create_token(user, token_id=token_id, secret_hash=hashed(secret), expires_at=FAR)
        store.revoke_token(token_id)
        assert store.principal_of_token(hashed(secret), now=0) is None
        assert store.list_tokens(user) == []
        with pytest.raises(NotFound):
            store.revoke_token(token_id)
