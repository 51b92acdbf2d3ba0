"""Which kind of store an address names, and what to say of those that name none."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from mainstay.errors import BadInput

DEFAULT_URI = "sqlite:///mainstay.db"
_SQL = ("sqlite", "postgresql", "postgres")
_OTHER_SQL = ("mysql", "mssql", "oracle")


def kind_of(uri: str) -> Literal["sql", "http"]:
    """Return what speaks for an address.

    Raises:
        BadInput: nothing does; the message says what would.
    """
    text = uri.strip()
    scheme = urlsplit(text).scheme.partition("+")[0].lower() if ":" in text else ""
    if scheme in ("http", "https"):
        return "http"
    if scheme in _SQL:
        return "sql"
    if scheme in _OTHER_SQL:
        raise BadInput(
            f"{scheme} databases are not supported; use sqlite:///file.db or "
            "postgresql://user:password@host/name"
        )
    if scheme in ("", "file") or len(scheme) == 1:
        hint = f"; for a database in that file write sqlite:///{text}" if _database(text) else ""
        raise BadInput(
            f"{uri!r} is a folder or file: folders of runs (mlruns) are not written. Use "
            f"sqlite:///mainstay.db on this machine, or the http:// address of a server{hint}"
        )
    raise BadInput(
        f"{uri!r} names no tracking store; use sqlite:///file.db, "
        "postgresql://user:password@host/name or http://host:port"
    )


def _database(text: str) -> bool:
    return text.endswith((".db", ".sqlite", ".sqlite3"))
