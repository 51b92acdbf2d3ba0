"""Cut a filter into tokens that know where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mainstay.errors import BadInput
from mainstay.filters.tree import Value


class Token(NamedTuple):
    kind: str
    text: str
    value: Value
    position: int


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<field>[^\W\d]\w*\.(?=[`"\w]) (?:`[^`]*`|"[^"]*"|[\w.\-/:]+))
    | (?P<word>[^\W\d]\w*)
    | (?P<back>`[^`]*`)
    | (?P<single>'(?:[^']|'')*')
    | (?P<double>"(?:[^"]|"")*")
    | (?P<operator><=|>=|!=|=|<|>)
    | (?P<mark>[(),])
    )""",
    re.VERBOSE,
)
END = "end"


def tokens(text: str, what: str) -> Iterator[Token]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise BadInput(
                f"Invalid {what}: cannot read {text[start : start + 20]!r} at character "
                f"{start + 1}; text values are written in 'single quotes'"
            )
        kind = str(match.lastgroup)
        raw = match.group(kind)
        yield Token(kind, raw, _value(kind, raw), match.start(kind) + 1)
        position = match.end()
    yield Token(END, "the end", "", len(text) + 1)


def _value(kind: str, raw: str) -> Value:
    if kind == "number":
        return int(raw) if re.fullmatch(r"[+-]?\d{1,18}", raw) else float(raw)
    if kind in ("single", "double"):
        quote = raw[0]
        return raw[1:-1].replace(quote * 2, quote)
    return raw[1:-1] if kind == "back" else raw
