"""Where a project comes from: a folder, a zip file, or a git address, and which version of it."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import msgspec

from mainstay.errors import BadInput
from mainstay.uris import local_path

GIT_SCHEMES = ("git+", "git@", "ssh://", "https://", "http://")
ZIP_CAP = 1 << 30
"""Bytes that a zipped project may unpack to."""


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """A project on this machine's disk, and what it is known by elsewhere."""

    folder: str
    uri: str
    commit: str | None = None
    repository: str | None = None


def fetch(uri: str, into: Path, *, version: str | None = None) -> Fetched:
    """Bring the project that ``uri`` names to disk; a ``#folder`` behind it names a part of it.

    A local folder is used where it lies, unless ``version`` asks for a commit of its repository.

    Raises:
        BadInput: there is no such folder, address or version.
    """
    address, _, part = uri.partition("#")
    path = local_path(address)
    if path is not None and path.suffix == ".zip" and path.is_file():
        folder = _unzip(path, into)
    elif path is not None and path.is_dir() and version is None:
        inside = _inside(path.resolve(), part)
        return Fetched(folder=str(inside), uri=uri, commit=head(inside), repository=_remote(inside))
    elif path is not None and not path.exists():
        raise BadInput(
            f"project {address!r} does not exist; give a folder, a .zip or a git address"
        )
    else:
        folder = _clone(address, into, version)
    inside = _inside(folder, part)
    return Fetched(folder=str(inside), uri=uri, commit=head(inside), repository=address)


def head(folder: Path) -> str | None:
    """Return the commit that ``folder`` is at, or None outside a repository."""
    return _git_output("-C", str(folder), "rev-parse", "HEAD")


def is_git(uri: str) -> bool:
    """Say whether an address has the form of a git repository."""
    return uri.startswith(GIT_SCHEMES) or urlsplit(uri).path.endswith(".git")


def _inside(folder: Path, part: str) -> Path:
    inside = (folder / part).resolve()
    if not inside.is_relative_to(folder.resolve()) or not inside.is_dir():
        raise BadInput(f"the project has no folder {part!r}")
    return inside


def _clone(address: str, into: Path, version: str | None) -> Path:
    target = into / "project"
    # "--" keeps an address that begins with a dash from being read as an option.
    _git("clone", "--quiet", "--", address.removeprefix("git+"), str(target))
    if version:
        if version.startswith("-"):
            raise BadInput(f"{version!r} is not a version of a repository")
        _git("-C", str(target), "checkout", "--quiet", version, "--")
    return target


def _unzip(path: Path, into: Path) -> Path:
    target = into / "project"
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > ZIP_CAP:
                raise BadInput(f"{path} unpacks to more than {ZIP_CAP >> 20} MiB")
            for entry in archive.infolist():
                name = PurePosixPath(entry.filename)
                link = (entry.external_attr >> 16) & 0o170000 == 0o120000
                if name.is_absolute() or ".." in name.parts or link:
                    raise BadInput(f"{path} holds {entry.filename!r}, which leads out of it")
            archive.extractall(target)
    except zipfile.BadZipFile as error:
        raise BadInput(f"{path} is not a zip file") from error
    return target


def _git(*arguments: str) -> None:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BadInput(f"git {arguments[0]} failed: {done.stderr.strip() or done.stdout.strip()}")


def _git_output(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def _remote(folder: Path) -> str | None:
    return _git_output("-C", str(folder), "config", "--get", "remote.origin.url")
