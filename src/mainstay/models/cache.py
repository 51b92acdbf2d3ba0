"""Fetch a model's files once: a private cache whose folders are named by their digest."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

import msgspec

from mainstay import settings
from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.transfer import download_tree
from mainstay.errors import InvalidModel, NotFound
from mainstay.packaging import manifest, mlmodel
from mainstay.packaging.manifest import Manifest

_HEX = frozenset("0123456789abcdef")


def fetch(store: ArtifactStore, *, digest: str | None, title: str) -> Path:
    """Return a local folder with the model's files, checked against ``digest``.

    Without a digest (a model that is not registered) the one in its manifest is used to find it
    in the cache, and the files are checked against that manifest. ``title`` names the model in
    messages. Raises: NotFound (no files), InvalidModel (they are not what was recorded).
    """
    known = digest or _claimed(store)
    root = settings.CACHE_DIR.get() / "sha256"
    if known is not None:
        place = root / known
        if (place / mlmodel.FILE).is_file():
            return place
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chmod(root, 0o700)
    partial = root / f".{secrets.token_hex(8)}.partial"
    partial.mkdir(mode=0o700)
    try:
        download_tree(store, "", partial)
        if not (partial / mlmodel.FILE).is_file():
            raise NotFound(f"{title} has no MLmodel file; it is no model, or was deleted")
        found = manifest.digest(manifest.verify(partial, digest))
        return _keep(partial, root / found)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _keep(partial: Path, place: Path) -> Path:
    """Put a complete folder in its place; somebody else's equal one is as good."""
    with suppress(OSError):
        os.replace(partial, place)
    if not (place / mlmodel.FILE).is_file():
        raise InvalidModel(f"{place} in the model cache is incomplete; delete it and try again")
    return place


def _claimed(store: ArtifactStore) -> str | None:
    """Return the digest in the model's own manifest, if it has one."""
    try:
        content = b"".join(store.read(manifest.FILE))
        found = msgspec.json.decode(content, type=Manifest).digest
    except (NotFound, msgspec.DecodeError):
        return None
    return found if len(found) == 64 and _HEX.issuperset(found) else None
