"""Secrets of webhooks at rest: encrypted where a key is set, and never given out in any case.

The key is a Fernet key (32 bytes in URL-safe Base64), several separated by commas while one is
being replaced: the first encrypts, all decrypt.
"""

from __future__ import annotations

from typing import Any

from mainstay import settings
from mainstay.errors import BadInput, MainstayError

_SEALED = "fernet:"
_PLAIN = "plain:"


class LostKey(MainstayError):
    """The secret of a webhook was encrypted with a key that is not set here."""


def seal(secret: str) -> str:
    """Return a secret as it is stored. Raises: BadInput if the key set is none."""
    box = _box()
    if box is None:
        return _PLAIN + secret
    return _SEALED + str(box.encrypt(secret.encode()).decode())


def unseal(stored: str) -> str:
    """Return a stored secret. Raises: LostKey."""
    if stored.startswith(_PLAIN):
        return stored.removeprefix(_PLAIN)
    from cryptography.fernet import InvalidToken

    box = _box()
    try:
        if box is not None:
            return str(box.decrypt(stored.removeprefix(_SEALED).encode()).decode())
    except InvalidToken:
        pass
    raise LostKey(
        "the secret of a webhook cannot be decrypted: MAINSTAY_WEBHOOK_SECRET_ENCRYPTION_KEY is "
        "not the key that it was stored with. Set that key, or give the webhook a new secret"
    )


def _box() -> Any | None:
    """Return what encrypts and decrypts; None without a key."""
    keys = settings.WEBHOOK_SECRET_ENCRYPTION_KEY.get()
    if not keys:
        return None
    from cryptography.fernet import Fernet, MultiFernet

    try:
        return MultiFernet([Fernet(key.strip().encode()) for key in keys.split(",")])
    except (ValueError, UnicodeEncodeError) as error:
        raise BadInput(
            "MAINSTAY_WEBHOOK_SECRET_ENCRYPTION_KEY is no Fernet key: 32 bytes in URL-safe Base64"
        ) from error
