"""Which artifact paths are safe; every path from outside passes here first.

A path that could be read as leaving the root is refused in every spelling, percent-encoded any
number of times included, rather than repaired.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from mainstay.errors import BadInput

LONGEST = 2048
LONGEST_NAME = 240
"""In bytes; file systems take 255, and a file being written has a longer name."""

PARTIAL_PREFIX, PARTIAL_SUFFIX = ".~", ".part"
"""Names of files being written begin and end so; nobody may ask for one."""

UPLOADS = f"{PARTIAL_PREFIX}uploads{PARTIAL_SUFFIX}"
"""The folder of unfinished uploads; its name is one that nobody may ask for."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:(?:[/\\]|\Z)")
_DOTS = re.compile(r"\s*\.+\s*(?:[;#?].*)?\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


def clean(path: str) -> str:
    """Return ``path`` without a trailing slash; the empty text is the root.

    >>> clean("model/MLmodel")
    'model/MLmodel'

    Raises:
        BadInput: it is absolute, has parent parts, backslashes, control characters, drive
            letters or a scheme, plainly or percent-encoded, or is too long.
    """
    path = path.removesuffix("/") if path != "/" else path
    if path == "":
        return ""
    if len(path.encode("utf-8", "surrogatepass")) > LONGEST:
        raise BadInput(f"Invalid path: longer than {LONGEST} bytes")
    for spelling in _spellings(path):
        _check(spelling, path)
    for name in path.split("/"):
        if len(name.encode()) > LONGEST_NAME:
            raise BadInput(f"Invalid path: a name in it is longer than {LONGEST_NAME} bytes")
    return path


def join(*parts: str) -> str:
    """Return the parts with ``/`` between those that are not empty."""
    return "/".join(part.strip("/") for part in parts if part.strip("/"))


def is_partial(name: str) -> bool:
    """Tell whether ``name`` is that of a file being written."""
    return name.startswith(PARTIAL_PREFIX) and name.endswith(PARTIAL_SUFFIX)


def _spellings(path: str) -> list[str]:
    """Return the path and what it becomes when decoded again and again."""
    found = [path]
    while (decoded := unquote(found[-1], errors="surrogateescape")) != found[-1]:
        found.append(decoded)
    return found


def _check(spelling: str, path: str) -> None:
    if _CONTROL.search(spelling) or "\\" in spelling:
        raise BadInput(f"Invalid path: {path!r} has control characters or backslashes")
    if spelling.startswith("/") or _DRIVE.match(spelling) or _SCHEME.match(spelling):
        raise BadInput(f"Invalid path: {path!r} is not relative")
    for name in spelling.split("/"):
        if _DOTS.match(name):
            raise BadInput(f"Invalid path: {path!r} has a part made of dots")
        if name == "" or is_partial(name):
            raise BadInput(f"Invalid path: {path!r} has an empty or reserved part")
