"""Passwords (argon2id) and tokens (SHA-256 of a long random secret)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from functools import cache
from typing import TYPE_CHECKING

from mainstay.errors import BadInput

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 12
LONGEST = 1024
TOKEN_PREFIX = "mst_"
_COMMON = ("password", "123456789012", "qwertyuiop", "letmein", "administrator", "mainstay")
_REMEMBERED = 1000

_at_once = threading.Semaphore(2)
"""A hash takes 64 MiB; a flood of logins must not take all memory."""

_key = secrets.token_bytes(32)
_seen: OrderedDict[bytes, bool] = OrderedDict()
_seen_lock = threading.Lock()


def hash_password(password: str) -> str:
    """Return what is stored of a password.

    Raises:
        BadInput: it is too short, too long or too common.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"a password has {SHORTEST} to {LONGEST} characters")
    if any(password.lower().strip("0123456789!.") == common for common in _COMMON):
        raise BadInput("this password is too common; take another")
    with _at_once:
        return _hasher().hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Tell whether ``password`` is the one; an unknown user (None) costs the same time.

    A pair that was found right is remembered for this process, keyed by the stored hash, so
    that a changed password counts at once and requests do not each cost a slow hash.
    """
    if len(password) > LONGEST:
        return False
    target = stored if stored is not None else _decoy()
    key = hmac.new(_key, f"{target}\0{password}".encode("utf-8", "replace"), hashlib.sha256)
    with _seen_lock:
        if _seen.get(key.digest()):
            return stored is not None
    with _at_once:
        right = _matches(target, password)
    if right and stored is not None:
        with _seen_lock:
            _seen[key.digest()] = True
            if len(_seen) > _REMEMBERED:
                _seen.popitem(last=False)
    return right and stored is not None


def new_token() -> str:
    """Return a new secret: shown once, stored as ``hash_token`` of it."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is stored of a token: SHA-256 as hex."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    # Loaded when there is a password: most servers of one person never see one.
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)


def _matches(stored: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


_decoys: list[str] = []


def _decoy() -> str:
    if not _decoys:
        with _at_once:
            _decoys.append(_hasher().hash(secrets.token_urlsafe(32)))
    return _decoys[0]
