"""Which version of its data a run read, and whether they can be read again from where they were.

Both are found from a data set's source, as it is logged: a type and a JSON text.
"""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mainstay import uris
from mainstay.artifact_store.object import SCHEMES, ObjectStore, open_store
from mainstay.capture import dvc, lakes
from mainstay.entities.inputs import Dataset
from mainstay.errors import MainstayError

SECONDS = 10
"""How long a web server may take to say whether something is there."""

CODE = "code"
"""The type of data that code made, or whose source nobody named."""

HUB = "https://huggingface.co"

_REVISION = re.compile(r"hf://datasets/[^@]+@([0-9a-f]{7,64})/")


def is_near(dataset: Dataset) -> bool:
    """Say whether both answers are found without a network."""
    where = _where(dataset)
    return dataset.source_type == CODE or _local(where) is not None


def version(dataset: Dataset) -> str:
    """Return the version in the words of whatever keeps it, else the digest of what was read.

    ``dvc:<hash>``, ``delta:<version>``, ``iceberg:<snapshot>``, ``version:<id>`` of an object in a
    versioned bucket, ``hf:<revision>`` of the Hugging Face hub.
    """
    where = _where(dataset)
    stated = where.get("delta_table_version")
    if stated is not None:
        return f"delta:{stated}"
    if dataset.source_type == "hugging_face" and where.get("revision"):
        return f"hf:{where['revision']}"
    try:
        return _kept(where) or dataset.digest
    except (MainstayError, OSError):
        return dataset.digest


def trouble(dataset: Dataset) -> str | None:
    """Return why the data cannot be read again from their source; None if they can.

    None as well where nobody can tell without the engine behind it: tables by name, queries.
    """
    where = _where(dataset)
    if dataset.source_type == CODE:
        return "no source was given"
    local = _local(where)
    if local is not None:
        return _local_trouble(local)
    if dataset.source_type == "hugging_face":
        return _hub_trouble(where)
    uri = _uri(where)
    try:
        if uri.startswith(("http://", "https://")):
            return _web_trouble(uri)
        if _scheme(uri) in SCHEMES:
            _seen(uri)
    except (MainstayError, OSError) as error:
        return str(error)
    return None


def revision(download_checksums: Any) -> str | None:
    """Return the hub's revision out of the addresses that a Hugging Face data set was read from."""
    for address in download_checksums or ():
        match = _REVISION.match(str(address))
        if match:
            return match[1]
    return None


def _kept(where: dict[str, Any]) -> str | None:
    local = _local(where)
    if local is not None:
        found = lakes.table_version(open_store(str(local))) if local.is_dir() else None
        hashed = None if found else dvc.tracked(local)
        return found or (f"dvc:{hashed}" if hashed else None)
    uri = _uri(where)
    return _seen(uri) if _scheme(uri) in SCHEMES else None


def _seen(uri: str) -> str | None:
    """Return what a bucket says of an object or table. Raises: NotFound if it has neither."""
    head, _, name = uri.rstrip("/").rpartition("/")
    table = open_store(uri.rstrip("/"))
    if table.list():
        return lakes.table_version(table)
    store = open_store(head)
    found = store.version(name) if isinstance(store, ObjectStore) else None
    return f"version:{found}" if found else None


def _local_trouble(path: Path) -> str | None:
    if not path.exists():
        return f"there is nothing at {path}"
    if not os.access(path, os.R_OK):
        return f"{path} may not be read"
    if path.is_dir() and next(path.iterdir(), None) is None:
        return f"{path} is an empty folder"
    return None


def _web_trouble(uri: str) -> str | None:
    # Of one byte, not HEAD, which many servers of files refuse.
    request = urllib.request.Request(uri, headers={"Range": "bytes=0-0"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):
            return None
    except urllib.error.HTTPError as error:
        return None if error.code == 416 else f"{uri} answers {error.code}"  # 416: an empty file


def _hub_trouble(where: dict[str, Any]) -> str | None:
    path = str(where.get("path") or "")
    if not path:
        return "no source was given"
    if "data_files" in where or "/" not in path:  # a builder over files, or a name of no repository
        return None
    hub = os.environ.get("HF_ENDPOINT") or HUB
    asked = quote(str(where.get("revision") or "main"), safe="")
    try:
        return _web_trouble(f"{hub}/api/datasets/{quote(path)}/revision/{asked}")
    except OSError as error:
        return f"{hub} cannot be reached: {error}"


def _where(dataset: Dataset) -> dict[str, Any]:
    try:
        found = json.loads(dataset.source)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _uri(where: dict[str, Any]) -> str:
    known = (where.get(key) for key in ("uri", "url", "path"))
    return next((str(value) for value in known if value), "")


def _scheme(uri: str) -> str:
    return uri.partition("://")[0] if "://" in uri else ""


def _local(where: dict[str, Any]) -> Path | None:
    """Return the local path that a source names; a hub's path counts only where it exists."""
    uri = _uri(where)
    path = uris.local_path(uri) if uri else None
    if path is None or "revision" in where or "data_files" in where:
        return None
    known = "uri" in where or "url" in where or path.is_absolute() or path.exists()
    return path if known else None
