"""Fetch a model's files once: a private cache whose folders are named by their digest.

Beside each folder lies a list of its files with their sizes and times of change, as they were when
their digest was checked. A folder that still fits its list is used as it is; one that does not is
hashed again, and fetched anew where it is no longer what was recorded.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path

import msgspec

from mainstay import settings
from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.transfer import fetch_tree
from mainstay.errors import InvalidModel, NotFound
from mainstay.packaging import manifest, mlmodel
from mainstay.packaging.manifest import Entry, Manifest

_HEX = frozenset("0123456789abcdef")
log = logging.getLogger(__name__)


class _File(msgspec.Struct, frozen=True, order=True):
    """A file in the cache: its path, its size in bytes, two times in nanoseconds.

    ``changed`` is when its bytes were written, which a program may set to what it likes;
    ``touched`` is when the system last noted a change of it, which nobody can set back.
    """

    path: str
    size: int
    changed: int
    touched: int


def fetch(store: ArtifactStore, *, digest: str | None, title: str) -> Path:
    """Return a local folder with the model's files, checked against ``digest``.

    Without a digest (a model that is not registered) the one in its manifest is used to find it
    in the cache, and the files are checked against that manifest. ``title`` names the model in
    messages. Raises: NotFound (no files), InvalidModel (they are not what was recorded).
    """
    claimed = digest or _claimed(store)
    root = _root()
    if claimed is not None:
        place = root / claimed
        if (place / mlmodel.FILE).is_file() and _intact(place, claimed):
            return place
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chmod(root, 0o700)
    partial = root / f".{secrets.token_hex(8)}.partial"
    partial.mkdir(mode=0o700)
    try:
        arrived = fetch_tree(store, "", partial)
        if not (partial / mlmodel.FILE).is_file():
            raise NotFound(f"{title} has no MLmodel file; it is no model, or was deleted")
        known = {path: Entry(path, one.size, one.sha256) for path, one in arrived.items()}
        found = manifest.digest(manifest.verify(partial, digest, known=known))
        return _keep(partial, root / found)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def digest_of(folder: Path) -> str | None:
    """Return the digest of the files in a folder that ``fetch`` gave just now.

    None for a folder elsewhere, and where others than this user may write to the cache.
    """
    root = _root()
    if folder.parent != root or os.name != "posix":
        return None
    told = root.lstat()
    private = told.st_uid == os.geteuid() and stat.S_IMODE(told.st_mode) & 0o022 == 0
    return folder.name if private else None


def _root() -> Path:
    return settings.CACHE_DIR.get() / "sha256"


def _keep(partial: Path, place: Path) -> Path:
    """Put a complete folder in its place; somebody else's equal one is as good."""
    with suppress(OSError):
        os.replace(partial, place)
    if not (place / mlmodel.FILE).is_file():
        raise InvalidModel(f"{place} in the model cache is incomplete; delete it and try again")
    _note(place)
    return place


def _intact(place: Path, digest: str) -> bool:
    """Tell whether a cached folder is what was checked; what is not is removed."""
    try:
        noted = msgspec.json.decode(_list_of(place).read_bytes(), type=list[_File])
    except (FileNotFoundError, msgspec.DecodeError):
        noted = []
    if noted and noted == _files(place):
        return True
    try:
        if manifest.digest(manifest.build(place)) == digest:
            _note(place)
            return True
    except InvalidModel:
        pass
    log.warning("the cached copy of the model %s… was changed; it is fetched again", digest[:12])
    _list_of(place).unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    return False


def _note(place: Path) -> None:
    """Write the list of a folder whose digest was checked just now."""
    partial = place.parent / f".{secrets.token_hex(8)}.partial"
    partial.write_bytes(msgspec.json.encode(_files(place)))
    os.replace(partial, _list_of(place))


def _list_of(place: Path) -> Path:
    return place.with_name(f"{place.name}.files")


def _files(place: Path) -> list[_File]:
    """Return what lies in a folder: a look at each file's entry, not at its content."""
    found = [(path, path.lstat()) for path in place.rglob("*")]
    return sorted(
        _File(path.relative_to(place).as_posix(), told.st_size, told.st_mtime_ns, told.st_ctime_ns)
        for path, told in found
        if not stat.S_ISDIR(told.st_mode)
    )


def _claimed(store: ArtifactStore) -> str | None:
    """Return the digest in the model's own manifest, if it has one."""
    try:
        content = b"".join(store.read(manifest.FILE))
        found = msgspec.json.decode(content, type=Manifest).digest
    except (NotFound, msgspec.DecodeError):
        return None
    return found if len(found) == 64 and _HEX.issuperset(found) else None
