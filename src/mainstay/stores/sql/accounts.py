"""Accounts on SQL: users and the hashes of their tokens."""

from __future__ import annotations

import re
from typing import Any, get_args

from sqlalchemy import Connection, Row, delete, select, update

from mainstay.entities.accounts import ANONYMOUS, Principal, Role, Token, User
from mainstay.errors import AlreadyExists, BadInput, NotFound
from mainstay.stores.sql import journal, rules, upsert
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tables.accounts import tokens, users

RESERVED = ("anonymous", "mainstay", "monitor")
_NAME = re.compile(r"[\w][\w.@+\-]{0,127}\Z")


class SqlAccounts:
    """Fulfils ``AccountStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def create_user(
        self, name: str, *, password_hash: str, role: Role, by: Principal = ANONYMOUS
    ) -> User:
        """Create a user."""
        if not isinstance(name, str) or not _NAME.match(name):
            raise BadInput(
                f"{name!r} is no user name; use at most 128 letters, digits and . _ - + @"
            )
        if name.lower() in RESERVED:
            raise BadInput(f"the user name {name!r} is reserved; choose another")
        if role not in get_args(Role):
            raise BadInput(f"{role!r} is no role; there are: {', '.join(get_args(Role))}")
        row = {"name": name, "role": role, "password_hash": password_hash, "created_at": now()}

        def work(connection: Connection) -> User:
            if not upsert.add(connection, users, row, key=["name"]):
                raise AlreadyExists(f"the user {name!r} exists already")
            data = {"name": name, "role": role}
            journal.record(connection, "user.created", name, data, by=by)
            return _user(connection, name)

        return self.database.write(work)

    def list_users(self) -> list[User]:
        """Return users, by name."""
        with self.database.read() as connection:
            return [
                _record(row) for row in connection.execute(select(users).order_by(users.c.name))
            ]

    def password_hash(self, name: str) -> str | None:
        """Return the stored hash; None for an unknown or disabled user."""
        if "\x00" in name:
            return None
        with self.database.read() as connection:
            found: str | None = connection.execute(
                select(users.c.password_hash).where(
                    users.c.name == name, users.c.disabled_at.is_(None)
                )
            ).scalar()
            return found

    def get_user(self, name: str) -> User:
        """Return a user."""
        with self.database.read() as connection:
            return _user(connection, name)

    def disable_user(self, name: str, *, disabled: bool, by: Principal = ANONYMOUS) -> User:
        """Keep a user out, tokens too, or let them in again."""

        def work(connection: Connection) -> User:
            user = _row(connection, name)
            if (user.disabled_at is not None) != disabled:
                change = update(users).where(users.c.id == user.id)
                connection.execute(change.values(disabled_at=now() if disabled else None))
                event = "user.disabled" if disabled else "user.enabled"
                journal.record(connection, event, name, {"name": name}, by=by)
            return _user(connection, name)

        return self.database.write(work)

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
        """Keep a token by the SHA-256 of its secret."""
        rules.plain(note, "note")

        def work(connection: Connection) -> Token:
            owner = _row(connection, user)
            row = {
                "token_id": rules.plain(token_id, "token_id"),
                "user_id": owner.id,
                "secret_hash": rules.plain(secret_hash, "secret_hash"),
                "created_at": now(),
                "expires_at": rules.millis(expires_at, "expires_at"),
                "note": note,
            }
            if not upsert.add(connection, tokens, row, key=["token_id"]):
                raise AlreadyExists(f"the token {token_id!r} exists already")
            data = {"user": user, "token_id": token_id, "expires_at": expires_at, "note": note}
            journal.record(connection, "token.created", user, data, by=by)
            return _token(row, user)

        return self.database.write(work)

    def principal_of_token(self, secret_hash: str, *, now: int) -> Principal | None:
        """Return who holds a live token."""
        if "\x00" in secret_hash:
            return None
        query = (
            select(users.c.name, users.c.role)
            .join(tokens)
            .where(
                tokens.c.secret_hash == secret_hash,
                tokens.c.expires_at > now,
                users.c.disabled_at.is_(None),
            )
        )
        with self.database.read() as connection:
            row = connection.execute(query).first()
        return Principal(name=row.name, role=row.role, authenticated=True) if row else None

    def list_tokens(self, user: str) -> list[Token]:
        """Return a user's tokens, newest first."""
        with self.database.read() as connection:
            owner = connection.execute(
                select(users.c.id).where(users.c.name == rules.plain(user, "user"))
            ).scalar()
            query = select(tokens).where(tokens.c.user_id == owner)
            query = query.order_by(tokens.c.created_at.desc(), tokens.c.id.desc())
            return [_token(dict(row._mapping), user) for row in connection.execute(query)]

    def revoke_token(self, token_id: str, *, by: Principal = ANONYMOUS) -> None:
        """End a token."""
        rules.plain(token_id, "token id")

        def work(connection: Connection) -> None:
            mine = select(users.c.name).join(tokens).where(tokens.c.token_id == token_id)
            user = connection.execute(mine).scalar()
            gone = connection.execute(delete(tokens).where(tokens.c.token_id == token_id))
            if user is None or not gone.rowcount:
                raise NotFound(f"there is no token {token_id!r}")
            data = {"user": user, "token_id": token_id}
            journal.record(connection, "token.revoked", user, data, by=by)

        self.database.write(work)


def _row(connection: Connection, name: str) -> Row[Any]:
    row = connection.execute(select(users).where(users.c.name == rules.plain(name, "name"))).first()
    if row is None:
        raise NotFound(f"there is no user {name!r}; list them: mainstay users list")
    return row


def _user(connection: Connection, name: str) -> User:
    return _record(_row(connection, name))


def _record(row: Row[Any]) -> User:
    return User(
        name=row.name,
        role=row.role,
        created_at=row.created_at,
        disabled=row.disabled_at is not None,
    )


def _token(row: dict[str, Any], user: str) -> Token:
    return Token(
        token_id=row["token_id"],
        user=user,
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        note=row["note"],
    )
