"""Who is asking: a token, a name with a password, or nobody in particular.

``Authorization: Bearer <token>`` is what MLflow's client sends for ``MLFLOW_TRACKING_TOKEN``;
``Basic`` carries a user's password, or a token in its place.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from mainstay.entities.accounts import Principal, Role
from mainstay.errors import Unauthenticated
from mainstay.server.auth import passwords
from mainstay.server.auth.throttle import Throttle
from mainstay.stores.base.accounts import AccountStore

CLAIM = "x-mainstay-user"
"""An anonymous caller may say its name here; it is recorded as a claim."""


@dataclass(frozen=True)
class Identity:
    """Finds the principal of a request. ``anonymous`` is the role of callers without
    credentials; None asks everybody for them.
    """

    accounts: AccountStore
    anonymous: Role | None = "admin"
    throttle: Throttle = field(default_factory=Throttle)

    def refuses(self, headers: Mapping[str, str]) -> bool:
        """Tell, without looking anything up, that credentials are missing."""
        return self.anonymous is None and "authorization" not in headers

    def principal(self, headers: Mapping[str, str], address: str = "") -> Principal:
        """Return who asks, from the network address ``address``.

        Raises:
            Unauthenticated: no credentials where they are needed, or wrong ones anywhere.
            TooManyRequests: too many wrong passwords came from there.
        """
        given = headers.get("authorization")
        if given is None:
            if self.anonymous is None:
                raise Unauthenticated
            return Principal(role=self.anonymous, claimed=headers.get(CLAIM, "")[:250])
        scheme, _, value = given.partition(" ")
        if scheme.lower() == "bearer":
            found = self._of_token(value.strip())
        elif scheme.lower() == "basic":
            found = self._of_pair(*_pair(value), address)
        else:
            raise Unauthenticated(f"the authorization scheme {scheme[:20]!r} is not known here")
        if found is None:
            raise Unauthenticated("These credentials are not valid.")
        return found

    def _of_token(self, token: str) -> Principal | None:
        return self.accounts.principal_of_token(
            passwords.hash_token(token), now=int(time.time() * 1000)
        )

    def _of_pair(self, name: str, password: str, address: str) -> Principal | None:
        if password.startswith(passwords.TOKEN_PREFIX):
            return self._of_token(password)
        self.throttle.check(name, address)
        right = passwords.verify(self.accounts.password_hash(name), password)
        self.throttle.note(name, address, right=right)
        if not right:
            return None
        user = self.accounts.get_user(name)
        return Principal(name=user.name, role=user.role, authenticated=True)


def _pair(value: str) -> tuple[str, str]:
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        name, colon, password = "", "", ""
    if not colon:
        raise Unauthenticated("the Basic credentials cannot be read")
    return name, password
