"""The one door for loads that can run code.

A flavor says what a load would run (``asks``): nothing for data-only files, else the types,
globals or source files by name. This module decides before anything is imported. The rules:

- data-only files load from anywhere;
- ``trust=True`` vouches for this load, ``trust=False`` refuses it, whatever the setting says;
- files that this very process wrote load again, told by their digest;
- ``MAINSTAY_TRUST=server`` (the default) lets code-bearing models load from the tracking server or
  database that the user configured, if somebody known there recorded them, with one line of
  notice; paths, URLs and other servers need ``trust=True``;
- ``MAINSTAY_TRUST=signed`` lets models load whose files were signed by one of the keys that
  ``MAINSTAY_TRUSTED_KEYS`` names, wherever they come from;
- ``MAINSTAY_TRUST=none`` lets no code-bearing model load unless the call says ``trust=True``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Literal

from mainstay import settings
from mainstay.entities.accounts import Recorder
from mainstay.errors import BadInput, InvalidSignature, UntrustedModel

log = logging.getLogger(__name__)

Origin = Literal["server", "elsewhere"]
"""Where the files came from: the configured tracking server or database, or anywhere else."""

Trust = bool | str | None
"""True vouches, False refuses, None leaves it to the setting; a text stands for the setting."""

MODES = ("server", "signed", "none")
_SHOWN = 8
_noticed: set[str] = set()
_written_here: set[str] = set()


def admit(
    asks: Sequence[str],
    *,
    what: str,
    origin: Origin,
    where: str = "",
    trust: Trust = None,
    digest: str | None = None,
    recorder: Callable[[], Recorder] | None = None,
    signer: Callable[[], str] | None = None,
) -> None:
    """Let a load go on, or refuse it.

    ``asks`` names what would run; ``what`` the model, ``where`` the server it came from and
    ``digest`` its files' digest, if known. ``recorder`` returns who recorded it there, judged;
    ``signer`` the trusted key that signed the files, or raises InvalidSignature. Each is asked only
    where it counts.
    Raises: UntrustedModel, listing what was asked for; BadInput on an unknown setting.
    """
    if not asks or trust is True:
        return
    mode = trust if isinstance(trust, str) else settings.TRUST.get()
    if mode not in MODES:
        raise BadInput(f"trust={mode!r} is unknown; use {', '.join(MODES)} (MAINSTAY_TRUST)")
    if trust is not False and digest is not None and digest in _written_here:
        return
    why = ""
    if trust is not False and mode == "server" and origin == "server":
        told = recorder() if recorder is not None else Recorder(why="nobody says who recorded it")
        if told.known:
            _notice(what, where, told.principal or "")
            return
        why = told.why
    if trust is not False and mode == "signed" and signer is not None:
        try:
            key = signer()
        except InvalidSignature as error:
            why = error.message
        else:
            log.info("%s runs code when it loads; allowed, since key %s signed it", what, key[:12])
            return
    raise UntrustedModel(f"{_refusal(what, trust, mode, why)} It asks for: {listing(asks)}.")


def signed(trust: Trust) -> bool:
    """Say whether a load with this ``trust`` asks for a signature."""
    mode = trust if isinstance(trust, str) else settings.TRUST.get()
    return trust is not True and mode == "signed"


def vouch(digest: str) -> None:
    """Remember that this process wrote the files with this digest."""
    _written_here.add(digest)


def listing(asks: Sequence[str]) -> str:
    """Return what was asked for in one line, cut where it is long."""
    more = f" and {len(asks) - _SHOWN} more" if len(asks) > _SHOWN else ""
    return ", ".join(asks[:_SHOWN]) + more


def _refusal(what: str, trust: Trust, mode: str, why: str = "") -> str:
    start = f"{what} was not loaded: loading it runs code,"
    if trust is False:
        return f"{start} and this call says trust=False."
    vouch_text = "If you vouch for it, say trust=True (--trust on the command line)."
    if mode == "none":
        return f"{start} and MAINSTAY_TRUST=none allows none. {vouch_text}"
    if mode == "signed":
        return (
            f"{start} and MAINSTAY_TRUST=signed allows only what a trusted key signed: "
            f"{why or 'it is not signed'}. {vouch_text}"
        )
    if why:
        return (
            f"{start} and {why}. {vouch_text} A maintainer of the server can stand for a "
            "registered version: mainstay models vouch NAME VERSION."
        )
    return f"{start} and it does not come from the configured tracking server. {vouch_text}"


def _notice(what: str, where: str, who: str) -> None:
    """Say once a model and process that code will run, and why that is allowed."""
    if what in _noticed:
        return
    _noticed.add(what)
    source = f" {where}" if where else ""
    log.warning(
        "%s runs code when it loads; allowed, since %s recorded it on the tracking server%s",
        what,
        who,
        source,
    )
