"""What is known of proxied files: their sizes and hashes, and which of them a version froze."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from mainstay.artifact_store.transfer import Uploaded
from mainstay.packaging.manifest import Entry
from mainstay.stores.sql.ledger import SCHEME, SqlLedger

__all__ = ["SCHEME", "Ledger", "SqlLedger"]


class Ledger(Protocol):
    """Keeps the record of proxied files. Paths are relative to the proxied root."""

    def record(self, files: Iterable[Uploaded]) -> None:
        """Keep size and hash of files just stored."""
        ...

    def under(self, folder: str) -> list[Entry]:
        """Return what is recorded below a folder, by path relative to the proxied root."""
        ...

    def forget(self, path: str) -> None:
        """Drop the records of a file, or of all files of a folder."""
        ...

    def frozen(self, files: Sequence[str], *, deletes: bool = False) -> str | None:
        """Return the folder of a registered version that touching these would change, if any.

        A file is frozen below a version's folder; a deletion also where it would take one along.
        """
        ...
