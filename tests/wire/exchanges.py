"""The recorded exchanges, and which row of the table each belongs to."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec

from mainstay.wire.endpoint import Endpoint
from mainstay.wire.endpoints import TABLE

GOLDEN = Path(__file__).parent / "golden"


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it was sent and the answer that it got; see golden/README.md."""

    name: str
    sent_by: str
    turn: int | None = None
    method: str
    path: str
    query: list[tuple[str, str]] = []
    body: Any = None
    text: str | None = None
    status: int
    answer: Any = None
    refusal: str | None = None

    @property
    def raw(self) -> bytes:
        """The body's bytes."""
        if self.text is not None:
            return self.text.encode()
        return b"" if self.body is None else json.dumps(self.body).encode()


def exchanges() -> list[Exchange]:
    """Return every recorded exchange."""
    return [
        exchange
        for file in sorted(GOLDEN.glob("*.json"))
        for exchange in msgspec.json.decode(file.read_bytes(), type=list[Exchange])
    ]


def row_of(path: str, method: str) -> tuple[Endpoint, dict[str, str]]:
    """Return the row that answers a path, and the path's parameters."""
    for row in TABLE:
        for known in row.paths if method in row.methods else ():
            pattern = re.sub(r"\{(\w+):path\}", r"(?P<\1>.+)", known)
            found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern), path)
            if found:
                return row, found.groupdict()
    raise LookupError(f"no row answers {method} {path}")
