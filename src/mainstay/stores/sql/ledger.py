"""What is known of proxied files: their sizes and hashes, and which of them a version froze."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from mainstay.artifact_store import paths
from mainstay.artifact_store.transfer import Uploaded
from mainstay.packaging.manifest import Entry
from mainstay.stores.sql import artifacts
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tables.registry import model_versions

SCHEME = "mlflow-artifacts:/"


class SqlLedger:
    """The record of proxied files, in the registry's database. Paths are relative to the root."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, files: Iterable[Uploaded]) -> None:
        """Keep size and hash of files just stored, in one transaction."""
        kept = list(files)

        def work(connection: Connection) -> None:
            for file in kept:
                artifacts.record_file(connection, file.path, file.size, file.sha256)

        self._database.write(work)

    def under(self, folder: str) -> list[Entry]:
        """Return what is recorded below a folder."""
        with self._database.read() as connection:
            found = artifacts.files_under(connection, folder)
        return [Entry(file.location, file.size, file.sha256) for file in found]

    def forget(self, path: str) -> None:
        """Drop the records of a file, or of all files of a folder."""
        self._database.write(lambda connection: artifacts.forget(connection, path))

    def frozen(self, files: Sequence[str], *, deletes: bool = False) -> str | None:
        """Return the folder of a registered version that touching these would change, if any.

        A file is frozen below a version's folder; a deletion also where it would take one along.
        """
        above = {folder for path in files for folder in _folders(path)}
        column = model_versions.c.storage_location
        conditions: list[ColumnElement[bool]] = [
            column.in_([SCHEME + folder for folder in sorted(above)])
        ]
        if deletes:
            # A range of the index, and no LIKE: names may hold its wildcards.
            conditions += [
                and_(column >= f"{SCHEME}{path}/", column < f"{SCHEME}{path}0") for path in files
            ]
        # Deleted versions too, until they are deleted for good: they may be restored.
        query = select(column).where(or_(*conditions))
        with self._database.read() as connection:
            found: str | None = connection.execute(query.limit(1)).scalar()
        return found


def _folders(path: str) -> list[str]:
    """Return the path and every folder above it but the root."""
    parts = paths.clean(path).split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
