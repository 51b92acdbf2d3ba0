"""What was uploaded: location, size and SHA-256 of each file; and which folders are frozen."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select

from mainstay.entities.artifacts import UploadedFile
from mainstay.errors import BadInput
from mainstay.stores.sql import rules, upsert
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.tables.artifacts import artifact_files

LONGEST = 2_000
"""Paths are indexed, and PostgreSQL refuses longer index rows."""


def record_file(connection: Connection, location: str, size: int, sha256: str) -> None:
    """Keep what was uploaded to ``location``; a second upload takes the place of the first."""
    if len(location.encode(errors="replace")) > LONGEST:
        raise BadInput(f"the path {location[:80]!r}… is longer than {LONGEST} bytes")
    row = {
        "location": rules.plain(location, "path"),
        "size": size,
        "sha256": sha256,
        "at": now(),
    }
    upsert.put(connection, artifact_files, row, key=["location"])


def files_under(connection: Connection, prefix: str) -> list[UploadedFile]:
    """Return the files in the folder ``prefix``, or the file of that name, by location."""
    table = artifact_files
    query = select(table).where(_within(prefix)).order_by(table.c.location)
    return [
        UploadedFile(location=row.location, size=row.size, sha256=row.sha256)
        for row in connection.execute(query)
    ]


def forget(connection: Connection, prefix: str) -> int:
    """Forget the files in a folder, or one file; return how many."""
    return connection.execute(delete(artifact_files).where(_within(prefix))).rowcount


def _within(prefix: str) -> ColumnElement[bool]:
    """Match ``prefix`` and all below it, as a range of the index: "0" follows "/" in ASCII."""
    folder = rules.plain(prefix, "path").rstrip("/")
    location = artifact_files.c.location
    if not folder:
        return location == location
    below = and_(location >= f"{folder}/", location < f"{folder}0")
    return or_(location == folder, below)
