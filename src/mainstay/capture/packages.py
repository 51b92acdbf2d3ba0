"""Which packages are installed, read from the names of their metadata folders alone.

Reading the metadata itself takes a second where this takes milliseconds; the folder's name holds
the name and the version (PEP 376, PEP 427).
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterable

_FOLDER = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)\.(dist|egg)-info\Z")


def installed(path: Iterable[str] | None = None) -> dict[str, str]:
    """Return versions by name, as the import path would find them (the first one wins)."""
    found: dict[str, str] = {}
    for folder in sys.path if path is None else path:
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:
            continue
        for name in names:
            match = _FOLDER.match(name)
            if match:
                package = match["name"].replace("_", "-").lower()
                found.setdefault(package, match["version"])
    return dict(sorted(found.items()))


def requirements() -> str:
    """Return the installed packages as a requirements file, with the interpreter in a comment."""
    head = f"# python {platform.python_version()} ({platform.python_implementation()})\n"
    lines = [f"{name}=={version}\n" for name, version in installed().items()]
    return head + "".join(lines)
