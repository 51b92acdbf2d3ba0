"""Back-ups: a database with the list of its files, or with the files themselves; and back again.

A back-up is a folder:

    backup.json            what was copied, when, from which version; digests of everything
    mainstay.db            the database (SQLite), or mainstay.dump (PostgreSQL)
    artifacts/             the files, if they were asked for

The database is copied first, as one snapshot; the files are those that the snapshot knows of.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mainstay import __version__
from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.local import LocalFolder
from mainstay.connect import scrub
from mainstay.entities.artifacts import UploadedFile
from mainstay.errors import AlreadyExists, BadInput, NotFound
from mainstay.stores.sql import backup, upkeep
from mainstay.stores.sql.database import shown
from mainstay.stores.sql.fingerprint import TablePrint

MANIFEST, ARTIFACTS = "backup.json", "artifacts"


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """The file ``backup.json``. ``missing`` are files that were lost or damaged at the source."""

    mainstay: str
    created_at: str
    source: str
    schema: str | None
    database: str
    size: int
    sha256: str
    tables: dict[str, TablePrint]
    files: list[UploadedFile]
    with_files: bool = False
    missing: list[str] = []


def back_up(uri: str, destination: Path, files: ArtifactStore | None = None) -> Backup:
    """Copy the database at ``uri``, and the files in ``files`` if given, to a new folder.

    Raises:
        AlreadyExists: the folder is there and not empty. NotFound, MainstayError: as ``copy_out``.
    """
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise AlreadyExists(f"{destination} is there already; name a new folder for each back-up")
    upkeep.require(uri)
    destination.mkdir(parents=True, exist_ok=True)
    copy = backup.copy_out(uri, destination)
    missing: list[str] = []
    if files is not None:
        missing = scrub.copy_files(files, LocalFolder(destination / ARTIFACTS), copy.held.files)
    done = Backup(
        mainstay=__version__,
        created_at=datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds"),
        source=shown(uri),
        schema=copy.held.schema,
        database=copy.file.name,
        size=copy.file.stat().st_size,
        sha256=backup.sha256(copy.file),
        tables=copy.held.tables,
        files=copy.held.files,
        with_files=files is not None,
        missing=missing,
    )
    # Written last: a folder without it is no back-up.
    text = msgspec.json.format(msgspec.json.encode(done), indent=1)
    LocalFolder(destination).write(MANIFEST, [text])
    return done


def read(folder: Path) -> Backup:
    """Return what a back-up says of itself. Raises: NotFound, BadInput."""
    path = folder / MANIFEST
    if not path.is_file():
        raise NotFound(f"{folder} is no back-up: it has no {MANIFEST}")
    try:
        return msgspec.json.decode(path.read_bytes(), type=Backup)
    except msgspec.DecodeError as error:
        raise BadInput(f"{path} cannot be read: {error}") from None


def verify(folder: Path) -> list[str]:
    """Compare a back-up with what it says of itself; return what is wrong with it."""
    about = read(folder)
    file = folder / about.database
    if not file.is_file():
        return [f"{about.database} is missing"]
    problems = []
    if backup.sha256(file) != about.sha256:
        problems.append(f"{about.database} is damaged (SHA-256)")
    if about.with_files:
        gone = set(about.missing)
        there = [one for one in about.files if one.location not in gone]
        problems += scrub.scrub(LocalFolder(folder / ARTIFACTS), there)
    return problems


def restore(folder: Path, uri: str, files: ArtifactStore | None = None) -> list[str]:
    """Put a sound back-up into an empty database, and its files into ``files``.

    Return how the restored differs from what was backed up; nothing, if all is well.

    Raises:
        BadInput: the back-up is damaged. AlreadyExists: there is something at ``uri``.
    """
    problems = verify(folder)
    if problems:
        raise BadInput(f"{folder} is not restored, it is damaged: {'; '.join(problems[:5])}")
    about = read(folder)
    backup.copy_in(folder / about.database, uri)
    held = backup.look(uri)
    found = [
        f"table {name} is not what was backed up"
        for name in sorted(about.tables.keys() | held.tables.keys())
        if about.tables.get(name) != held.tables.get(name)
    ]
    if about.with_files and files is not None:
        gone = set(about.missing)
        there = [one for one in about.files if one.location not in gone]
        found += scrub.copy_files(LocalFolder(folder / ARTIFACTS), files, there)
    return found
