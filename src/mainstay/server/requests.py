"""The id of a request: taken from its sender or minted, sent back, and in each line of the log."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Mapping
from contextvars import ContextVar

HEADER = "x-request-id"
NONE = "-"

current: ContextVar[str] = ContextVar("mainstay_request", default=NONE)
"""The id of the request that this task or thread works for."""

FORMAT = "%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s"
_VALID = re.compile(r"[A-Za-z0-9_.:/=+-]{1,128}\Z")


def identify(headers: Mapping[str, str]) -> str:
    """Return the id that a request came with, if it is one to be written down, else a new one."""
    given = headers.get(HEADER, "")
    return given if _VALID.match(given) else secrets.token_hex(8)


def log_with_ids() -> None:
    """Write this process's log to standard error, each line with the id of its request."""
    logging.basicConfig(level=logging.INFO)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Lines(FORMAT))
        if not any(isinstance(one, _Naming) for one in handler.filters):
            handler.addFilter(_Naming())


class _Lines(logging.Formatter):
    """Lines that begin with the moment in UTC, as servers in several places need it."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"


class _Naming(logging.Filter):
    """Puts the id on each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = current.get()
        return True
