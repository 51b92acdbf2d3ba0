"""The version of a Delta or Iceberg table, read from its log; nothing of the data is read.

Delta: https://github.com/delta-io/delta/blob/master/PROTOCOL.md (``_delta_log/<version>.json``).
Iceberg: https://iceberg.apache.org/spec/ (``metadata/*.metadata.json``, ``current-snapshot-id``).
"""

from __future__ import annotations

import json
import re

from mainstay.artifact_store.base import ArtifactStore
from mainstay.errors import MainstayError

_COMMIT = re.compile(r"(?:^|/)(\d{20})\.(?:json|checkpoint\.)")
_METADATA = re.compile(r"(?:^|/)v?(\d+)[^/]*\.metadata\.json\Z")


def table_version(table: ArtifactStore) -> str | None:
    """Return ``delta:<version>`` or ``iceberg:<snapshot>``; None if the folder is no such table.

    Raises: what listing raises.
    """
    names = {info.path.strip("/") for info in table.list()}
    if "_delta_log" in names:
        return _delta(table)
    return _iceberg(table) if "metadata" in names else None


def _delta(table: ArtifactStore) -> str | None:
    matches = (_COMMIT.search(info.path) for info in table.list("_delta_log"))
    versions = [int(match[1]) for match in matches if match]
    return f"delta:{max(versions)}" if versions else None


def _iceberg(table: ArtifactStore) -> str | None:
    files = {info.path: _METADATA.search(info.path) for info in table.list("metadata")}
    known = {path: int(match[1]) for path, match in files.items() if match}
    if not known:
        return None
    hint = _text(table, "metadata/version-hint.text").strip()
    hinted = f"metadata/v{hint}.metadata.json"
    newest = hinted if hinted in known else max(known, key=lambda path: (known[path], path))
    try:
        snapshot = json.loads(_text(table, newest)).get("current-snapshot-id")
    except (ValueError, AttributeError):
        return None
    return None if snapshot in (None, -1) else f"iceberg:{snapshot}"


def _text(table: ArtifactStore, path: str) -> str:
    try:
        return b"".join(table.read(path)).decode()
    except (MainstayError, UnicodeDecodeError):
        return ""
