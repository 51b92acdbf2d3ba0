"""Bring a source into a database: what the command line calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from mainstay.artifact_store import paths
from mainstay.artifact_store.base import ArtifactStore
from mainstay.importing.files import SCHEME, Files
from mainstay.importing.importer import Importer, Outcome, Progress
from mainstay.importing.opening import open_source
from mainstay.importing.source import Source
from mainstay.stores.sql import artifacts
from mainstay.stores.sql.database import Database

__all__ = ["bring", "open_source"]

ROOT = "mlflow-artifacts:/"


def bring(
    source: Source,
    database: Database,
    *,
    artifacts_at: Callable[[str], ArtifactStore],
    copied: bool,
    roots: Sequence[str],
    only: Sequence[str],
    progress: Progress,
) -> Outcome:
    """Bring what is new of a source and compare both sides; ``copied``: its artifacts too.

    ``artifacts_at`` opens addresses as this database means them; ``roots`` as in ``Files``.

    Raises:
        BadInput: an experiment that is not there; no place for artifacts.
        Unavailable, OutOfSpace: a database or store gave up; what was brought stays.
    """
    if copied:
        artifacts_at(ROOT)  # where no place is known, better now than after the runs

    def known(root: str) -> dict[str, str]:
        parts = urlsplit(root)
        if parts.scheme != SCHEME:
            return {}
        folder = paths.clean(parts.path.strip("/"))
        with database.read() as connection:
            files = artifacts.files_under(connection, folder)
        return {file.location[len(folder) + 1 :]: file.sha256 for file in files}

    files = Files(roots=roots, places=source.places, target=artifacts_at, known=known)
    return Importer(
        source,
        database,
        files=files,
        root=ROOT if copied else None,
        only=only,
        progress=progress,
    ).run()
