"""Which packages are installed, read from the names of their metadata folders alone.

Reading the metadata itself takes a second where this takes milliseconds; the folder's name holds
the name and the version (PEP 376, PEP 427).
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from collections.abc import Iterable
from pathlib import Path

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


def requirements(path: Iterable[str] | None = None) -> str:
    """Return the installed packages as a requirements file, with the interpreter in a comment.

    A package from a repository has its address and commit; one from a folder of this machine its
    version, and a comment that no index may have it.
    """
    folders = list(sys.path if path is None else path)
    head = f"# python {platform.python_version()} ({platform.python_implementation()})\n"
    elsewhere = _not_from_an_index(folders)
    lines = [
        elsewhere.get(name, f"{name}=={version}") + "\n"
        for name, version in installed(folders).items()
    ]
    return head + "".join(lines)


def _not_from_an_index(folders: Iterable[str]) -> dict[str, str]:
    """Return the lines of packages whose metadata say where they came from (PEP 610)."""
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted(Path(folder or ".").glob("*.dist-info/direct_url.json")):
            match = _FOLDER.match(path.parent.name)
            if match:
                name = match["name"].replace("_", "-").lower()
                found.setdefault(name, _direct(name, match["version"], path))
    return found


def _direct(name: str, version: str, path: Path) -> str:
    try:
        known = json.loads(path.read_bytes())
        url = re.sub(r"(?<=://)[^/@]*@", "", str(known["url"]))
        control = known.get("vcs_info")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"{name}=={version}"
    if control:
        return f"{name} @ {control.get('vcs', 'git')}+{url}@{control.get('commit_id', '')}"
    if url.startswith("file:"):
        kind = "editable" if known.get("dir_info", {}).get("editable") else "a local path"
        return f"{name}=={version}  # {kind}"
    return f"{name} @ {url}"
