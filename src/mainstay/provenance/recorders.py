"""Is who recorded something known here? Models that run code load only from those who are."""

from __future__ import annotations

from msgspec.structs import replace

from mainstay.entities.accounts import Recorder
from mainstay.errors import NotFound
from mainstay.stores.base.accounts import AccountStore


def judged(recorder: Recorder, accounts: AccountStore, *, anonymous: bool) -> Recorder:
    """Return the recorder with the judgement in it.

    A user is known while the account is there and not disabled; whoever had the database itself
    in hand always; an anonymous caller where ``anonymous`` ones may record today; nobody never.
    """
    why = _why_not(recorder, accounts, anonymous=anonymous)
    return replace(recorder, known=not why, why=why)


def _why_not(recorder: Recorder, accounts: AccountStore, *, anonymous: bool) -> str:
    match recorder.standing:
        case "nobody":
            return "it was imported, so nobody here stands for it"
        case "anonymous" if not anonymous:
            return (
                "it was recorded by an anonymous caller, and by now the server asks everybody who "
                "they are"
            )
        case "account":
            return _account(recorder.principal or "", accounts)
    return ""


def _account(name: str, accounts: AccountStore) -> str:
    try:
        user = accounts.get_user(name)
    except NotFound:
        return f"it was recorded by {name!r}, who is no user here"
    return f"it was recorded by {name!r}, whose account is disabled" if user.disabled else ""
