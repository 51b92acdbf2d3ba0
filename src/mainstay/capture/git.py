"""The git commit, branch and state of the code that runs, read without waiting for git."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

DIRTY_TIMEOUT = 5.0
"""Seconds that ``git status`` may take; a huge work tree then has no answer."""

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?\Z")


class Checkout(msgspec.Struct, frozen=True):
    """A work tree at a commit; ``branch`` is empty on a detached head, ``remote`` where unset."""

    root: Path
    commit: str
    branch: str
    remote: str


def checkout(start: Path) -> Checkout | None:
    """Return the work tree that holds ``start``, None if there is none or it has no commit."""
    start = start.resolve()
    for folder in (start, *start.parents):
        marker = folder / ".git"
        if marker.exists():
            return _read(folder, marker)
    return None


def is_dirty(root: Path) -> bool | None:
    """Say whether tracked files differ from the commit; None if git does not answer in time."""
    import subprocess  # loads for 10 ms, and the face does without it

    try:
        done = subprocess.run(
            ["git", "-C", str(root), "status", "--porcelain", "--untracked-files=no"],
            capture_output=True,
            timeout=DIRTY_TIMEOUT,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return bool(done.stdout.strip())


def _read(root: Path, marker: Path) -> Checkout | None:
    try:
        folder = _git_folder(marker)
        common = folder
        if (folder / "commondir").exists():  # a linked work tree
            common = (folder / (folder / "commondir").read_text().strip()).resolve()
        head = (folder / "HEAD").read_text().strip()
        reference = head.removeprefix("ref: ") if head.startswith("ref: ") else ""
        commit = _resolve(common, reference) if reference else head
        if not _COMMIT.match(commit):
            return None
        return Checkout(root, commit, reference.removeprefix("refs/heads/"), _remote(common))
    except (OSError, UnicodeDecodeError):
        return None


def _git_folder(marker: Path) -> Path:
    if marker.is_dir():
        return marker
    return (marker.parent / marker.read_text().strip().removeprefix("gitdir: ")).resolve()


def _resolve(common: Path, reference: str) -> str:
    loose = common / reference
    if loose.exists():
        return loose.read_text().strip()
    packed = common / "packed-refs"
    for line in packed.read_text().splitlines() if packed.exists() else ():
        commit, _, name = line.partition(" ")
        if name == reference:
            return commit
    return ""


def _remote(common: Path) -> str:
    """Return the address of ``origin``, without a password that may stand in it."""
    config = common / "config"
    here = False
    for line in config.read_text().splitlines() if config.exists() else ():
        line = line.strip()
        if line.startswith("["):
            here = line == '[remote "origin"]'
        elif here and line.startswith("url"):
            url = line.partition("=")[2].strip()
            return re.sub(r"(?<=://)[^/@]*@", "", url)
    return ""
