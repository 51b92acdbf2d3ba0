"""Which part of a file a request asks for. Source: RFC 9110, sections 13 and 14."""

from __future__ import annotations

import re

MOST_RANGES = 5
"""Requests for more parts than this are refused; for two to this many the whole file is sent."""

_RANGE = re.compile(r"\s*(\d*)\s*-\s*(\d*)\s*\Z")


class Unsatisfiable(Exception):
    """No byte of the file is asked for, or too many parts are."""


def names(text: str | None, tag: str) -> bool:
    """Tell whether an If-None-Match header names a tag; whether tags are weak does not matter.

    >>> names('"a", W/"b"', '"b"'), names("*", '"b"'), names('"a"', '"b"'), names(None, '"b"')
    (True, True, False, False)
    """
    listed = [one.strip() for one in (text or "").split(",")]
    return "*" in listed or tag in listed or f"W/{tag}" in listed


def span(text: str | None, size: int) -> tuple[int, int] | None:
    """Return (start, length) of the one part that a Range header asks for; None for the whole.

    >>> span("bytes=2-4", 10), span("bytes=-3", 10), span("bytes=7-", 10), span("lines=1-2", 10)
    ((2, 3), (7, 3), (7, 3), None)

    Raises: Unsatisfiable.
    """
    unit, equals, rest = (text or "").partition("=")
    if not equals or unit.strip().lower() != "bytes":
        return None
    parts = rest.split(",")
    if len(parts) > MOST_RANGES:
        raise Unsatisfiable
    if len(parts) > 1:
        return None
    found = _RANGE.match(parts[0])
    if found is None or not (found[1] or found[2]) or len(rest) > 64:
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        start = size - length
    else:
        start = int(found[1])
        end = min(int(found[2]) if found[2] else size - 1, size - 1)
        if found[2] and int(found[2]) < start:
            return None
        length = end - start + 1
    if length <= 0 or start >= size:
        raise Unsatisfiable
    return start, length
