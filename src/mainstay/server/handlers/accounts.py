"""Users and tokens. Everybody may see and end tokens of their own; the rest is for admins."""

from __future__ import annotations

import secrets
import time

from mainstay.errors import BadInput, PermissionDenied
from mainstay.server.auth import passwords
from mainstay.server.context import Context
from mainstay.wire.accounts import (
    CreateToken,
    CreateUser,
    DisableUser,
    ListTokens,
    ListUsers,
    PrincipalAnswer,
    RevokeToken,
    TokenCreated,
    TokenList,
    UserAnswer,
    UserList,
    WhoAmI,
)
from mainstay.wire.base import Done

DAY = 24 * 3600 * 1000
LONGEST_DAYS = 365


def whoami(context: Context, request: WhoAmI) -> PrincipalAnswer:
    """Return who asks."""
    return PrincipalAnswer(principal=context.principal)


def create_user(context: Context, request: CreateUser) -> UserAnswer:
    """Create a user."""
    hashed = passwords.hash_password(request.password)
    made = context.accounts.create_user(
        request.name, password_hash=hashed, role=request.role, by=context.principal
    )
    return UserAnswer(user=made)


def disable_user(context: Context, request: DisableUser) -> UserAnswer:
    """Keep a user out, or let them in again."""
    done = context.accounts.disable_user(
        request.name, disabled=request.disabled, by=context.principal
    )
    return UserAnswer(user=done)


def list_users(context: Context, request: ListUsers) -> UserList:
    """Return users."""
    return UserList(users=context.accounts.list_users())


def create_token(context: Context, request: CreateToken) -> TokenCreated:
    """Make a token; its secret is in this answer and nowhere else."""
    if not 1 <= request.days <= LONGEST_DAYS:
        raise BadInput(f"days={request.days}: a token is good for 1 to {LONGEST_DAYS} days")
    secret = passwords.new_token()
    token = context.accounts.create_token(
        _whose(context, request.user),
        token_id=secrets.token_hex(8),
        secret_hash=passwords.hash_token(secret),
        expires_at=int(time.time() * 1000) + request.days * DAY,
        note=request.note,
        by=context.principal,
    )
    return TokenCreated(token=token, secret=secret)


def list_tokens(context: Context, request: ListTokens) -> TokenList:
    """Return a user's tokens."""
    return TokenList(tokens=context.accounts.list_tokens(_whose(context, request.user)))


def revoke_token(context: Context, request: RevokeToken) -> Done:
    """End a token."""
    if context.principal.role != "admin":
        own = context.accounts.list_tokens(_whose(context, None))
        if request.token_id not in {token.token_id for token in own}:
            raise PermissionDenied(f"the token {request.token_id} is not yours")
    context.accounts.revoke_token(request.token_id, by=context.principal)
    return Done()


def _whose(context: Context, user: str | None) -> str:
    """Return the user a token request is about. Raises: PermissionDenied, BadInput."""
    if user and user != context.principal.name:
        if context.principal.role != "admin":
            raise PermissionDenied(f"only administrators handle the tokens of {user}")
        return user
    if not context.principal.authenticated:
        raise BadInput("name a user: an anonymous caller has no tokens of its own")
    return context.principal.name
