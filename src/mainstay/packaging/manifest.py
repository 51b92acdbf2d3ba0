"""The manifest of a model folder: every file with its size and SHA-256, and one digest of all.

The digest is the SHA-256, in hex, of the canonical JSON of the entries sorted by path. A digest
proves that files are the same, not that they are harmless.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from mainstay.errors import InvalidModel

FILE = "mainstay_manifest.json"
LEFT_OUT = frozenset({FILE, "registered_model_meta", "model.sig"})
"""Written after the files are fixed: by us, by registry downloads, and by whoever signs."""

_BLOCK = 1 << 20


class Entry(msgspec.Struct, frozen=True, order=True):
    """A file: its path under the folder with ``/``, its size in bytes, its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """The file ``mainstay_manifest.json``."""

    digest: str
    files: list[Entry]


def digest(entries: Iterable[Entry]) -> str:
    """Return the digest of a set of files, whatever their order.

    >>> digest([])
    '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945'
    """
    kept = sorted(entry for entry in entries if entry.path not in LEFT_OUT)
    form = [{"path": e.path, "sha256": e.sha256, "size": e.size} for e in kept]
    text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def build(folder: Path, known: Mapping[str, Entry] = {}) -> list[Entry]:
    """Hash every file under ``folder``, sorted by path.

    ``known`` are those that were hashed while they were written, by path; they are not read again.
    Raises:
        InvalidModel: the folder holds a link or something that is not a plain file.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise InvalidModel(f"{path.relative_to(folder)} is a link; a model holds plain files")
        if path.is_dir():
            continue
        if not path.is_file():
            raise InvalidModel(f"{path.relative_to(folder)} is not a plain file")
        name = path.relative_to(folder).as_posix()
        if name in LEFT_OUT:
            continue
        entry, size = known.get(name), path.stat().st_size
        if entry is None or entry.size != size:
            entry = Entry(name, size, hash_file(path))
        found.append(entry)
    return sorted(found)


def write(folder: Path) -> Manifest:
    """Build the manifest, write it beside the files and return it."""
    entries = build(folder)
    made = Manifest(digest(entries), entries)
    (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1))
    return made


def read(folder: Path) -> Manifest | None:
    """Return the manifest that is written in ``folder``, or None.

    Raises:
        InvalidModel: it is there and cannot be read.
    """
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise InvalidModel(f"{FILE} cannot be read: {error}") from error


def verify(
    folder: Path, expected: str | None = None, *, known: Mapping[str, Entry] = {}
) -> list[Entry]:
    """Check the files against ``expected``, else against the manifest in the folder.

    ``known`` as for ``build``. Returns what is there. Raises: InvalidModel, naming the first files
    that differ.
    """
    entries = build(folder, known)
    recorded = read(folder)
    if recorded is not None and recorded.files != entries:
        there = {entry.path: entry for entry in entries}
        wanted = {entry.path: entry for entry in recorded.files}
        names = sorted(p for p in {*there, *wanted} if there.get(p) != wanted.get(p))
        raise InvalidModel(
            f"the files under {folder} are not those of its manifest: {', '.join(names[:5])}"
            f"{' …' if len(names) > 5 else ''} changed, were added or are missing"
        )
    found = digest(entries)
    if expected is not None and found != expected:
        raise InvalidModel(
            f"the files under {folder} have the digest {found[:12]}… and not the recorded "
            f"{expected[:12]}…; they were changed after registration, or the copy is damaged"
        )
    return entries


def hash_file(path: Path) -> str:
    """Return a file's SHA-256 in hex."""
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            state.update(block)
    return state.hexdigest()
