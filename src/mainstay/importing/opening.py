"""Which source an address means."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from mainstay import uris
from mainstay.errors import BadInput
from mainstay.importing.database import DatabaseSource
from mainstay.importing.folder import FolderSource
from mainstay.importing.source import Source

DATABASES = ("sqlite", "postgresql", "postgres")


def open_source(address: str) -> Source:
    """Return the source at an address: a SQLite file, a database's URL, or an mlruns folder.

    Raises:
        BadInput: it is none of these, or a server.
        Unavailable: the database does not answer.
    """
    scheme = urlsplit(address).scheme.partition("+")[0].lower()
    if scheme in ("http", "https"):
        raise BadInput(
            f"{address} is a server; import from what it keeps: its --backend-store-uri "
            "(a database), or the folder mlruns"
        )
    if scheme in DATABASES:
        return DatabaseSource(address)
    path = uris.local_path(address)
    if path is None:
        raise BadInput(
            f"{address!r} cannot be imported; give an MLflow database (mlflow.db, "
            "sqlite:///mlflow.db, postgresql://user@host/name) or an mlruns folder"
        )
    return _at(path)


def _at(path: Path) -> Source:
    if path.is_dir():
        return FolderSource(path)
    if path.is_file():
        return DatabaseSource(f"sqlite:///{path.absolute()}")
    raise BadInput(f"there is no file or folder {path}")
