"""Bring a source into a database, and write a database out: what the command line calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from mainstay import uris
from mainstay.artifact_store import paths
from mainstay.artifact_store.base import ArtifactStore
from mainstay.errors import BadInput
from mainstay.importing.carrying import Progress
from mainstay.importing.files import SCHEME, Files
from mainstay.importing.here import Here
from mainstay.importing.importer import Importer, Outcome
from mainstay.importing.opening import open_source
from mainstay.importing.source import Source
from mainstay.importing.to_mlflow import ARTIFACTS, DATABASE, MlflowWriter
from mainstay.importing.to_parquet import ParquetFolder
from mainstay.stores.sql import artifacts
from mainstay.stores.sql.database import Database

__all__ = ["bring", "open_source", "write_out"]

ROOT = "mlflow-artifacts:/"


class Written(msgspec.Struct, frozen=True):
    """What an export wrote: rows by table; ``missing`` says which files it could not get."""

    folder: str
    kind: str
    counts: dict[str, int]
    missing: list[str]


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
    for root in roots:
        _see_folder(root)

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


def write_out(
    database: Database,
    destination: str,
    *,
    kind: str,
    artifacts_at: Callable[[str], ArtifactStore] | None,
    progress: Progress,
) -> Written:
    """Write everything into a new folder; ``artifacts_at`` None leaves artifacts where they are.

    Raises:
        BadInput: the destination is no folder or holds something already; no place of artifacts.
    """
    folder = _new_folder(destination)
    writer: MlflowWriter | ParquetFolder
    if kind == "mlflow":
        if artifacts_at is not None:
            artifacts_at(ROOT)  # where no place is known, better now than after the runs
        writer = MlflowWriter(folder, artifacts_at=artifacts_at)
    else:
        writer = ParquetFolder(folder)
    with database.read() as connection:
        here = Here(connection)
        progress.stage("runs", here.run_count())
        writer.write(here, progress.advance)
    missing = writer.missing if isinstance(writer, MlflowWriter) else []
    return Written(str(folder), kind, writer.counts, missing)


def _see_folder(root: str) -> None:
    place = root.partition("=")[2] or root
    folder = uris.local_path(place)
    if folder is not None and not folder.expanduser().is_dir():
        raise BadInput(f"--artifact-root {root}: there is no folder {folder}")


def _new_folder(destination: str) -> Path:
    folder = uris.local_path(destination)
    if folder is None:
        raise BadInput(
            f"{destination!r} is not a folder; an export is written to a folder of this machine, "
            "to be copied from there"
        )
    # What an export that was stopped left is no hindrance.
    if folder.exists() and not (folder.is_dir() and all(map(_unfinished, folder.iterdir()))):
        raise BadInput(f"{folder} is there already and not empty; give a new folder")
    return folder


def _unfinished(entry: Path) -> bool:
    return entry.name.endswith(".part") or (
        entry.name == ARTIFACTS and not (entry.parent / DATABASE).exists()
    )
