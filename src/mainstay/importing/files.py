"""Carry artifacts: find where an old root is now, copy what is new, hash both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

import msgspec

from mainstay import uris
from mainstay.artifact_store import paths
from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.object import open_store
from mainstay.artifact_store.transfer import walk
from mainstay.entities.artifacts import FileInfo
from mainstay.errors import MainstayError, Unavailable
from mainstay.packaging import manifest
from mainstay.packaging.manifest import Entry

SCHEME = "mlflow-artifacts"

Known = Callable[[str], dict[str, str]]
"""Returns the SHA-256 of the files that are recorded below a root, by path relative to it."""


class Carried(msgspec.Struct, frozen=True):
    """One file: its size and hash there, and here; ``problem`` says why it did not get here."""

    path: str
    size: int
    there: str
    here: str
    problem: str = ""


class Files:
    """Reads old roots and writes new ones.

    ``roots`` are folders or addresses where artifacts are now: ``OLD=NEW`` replaces the beginning
    of an address, ``DIR`` is what an MLflow server called its artifacts destination, or a folder
    ``mlruns`` that was moved. ``places`` tells where the source itself would look.
    """

    def __init__(
        self,
        *,
        roots: Sequence[str],
        places: Callable[[str], list[str]],
        target: Callable[[str], ArtifactStore],
        known: Known,
    ) -> None:
        self.roots = tuple(roots)
        self._roots = [tuple(root.partition("=")[::2]) for root in roots]
        self._places = places
        self._target = target
        self._known = known
        self._away: dict[str, str] = {}
        self._lock = Lock()

    def current(self, old: str) -> str:
        """Return where an old root is now: a folder that is there, else the likeliest address."""
        candidates = self._candidates(old)
        for candidate in candidates:
            path = uris.local_path(candidate)
            if path is not None and path.exists():
                return str(path.absolute())
        return old if urlsplit(old).scheme == SCHEME else candidates[0]

    def find(self, old: str) -> tuple[ArtifactStore, list[FileInfo]] | None:
        """Return the files of an old root, or None where there are none.

        Raises: MainstayError if none of the places can be read.
        """
        problem: MainstayError | None = None
        candidates = self._candidates(old)
        for candidate in candidates:
            if urlsplit(candidate).scheme == SCHEME:
                if len(candidates) > 1:
                    continue
                problem = Unavailable(
                    f"{old} is behind an MLflow server; say where that server keeps its files "
                    "with --artifact-root DIR"
                )
                continue
            try:
                store = self._open(candidate)
                found = list(walk(store))
            except MainstayError as error:
                problem = self._note(candidate, error)
                continue
            if found:
                return store, found
            problem = None
        if problem is not None:
            raise problem
        return None

    def carry(self, old: str, new: str) -> list[Carried]:
        """Copy what is new and return every file; a second time nothing is written.

        Raises: MainstayError if the old root cannot be read.
        """
        found = self.find(old)
        if found is None:
            return []
        store, infos = found
        target, recorded = self._target(new), self._known(new)
        there = {info.path: info.file_size for info in walk(target)}
        carried = []
        for info in infos:
            try:
                known = ""
                if there.get(info.path) == info.file_size:
                    # A proxied file that is not recorded yet is written again, for the record.
                    proxied = urlsplit(new).scheme == SCHEME
                    known = recorded.get(info.path, "") if proxied else _hash(target, info.path)
                carried.append(_carry(store, target, info, known))
            except MainstayError as error:
                carried.append(Carried(info.path, info.file_size or 0, "", "", error.message))
        return carried

    def arrived(self, root: str) -> bool:
        """Tell whether a root here has files, as far as its record says."""
        return urlsplit(root).scheme != SCHEME or bool(self._known(root))

    def digest(self, root: str) -> str | None:
        """Return the digest of all files below a root here; None if there are none to read."""
        known = self._known(root)
        try:
            store = self._target(root)
            entries = [
                Entry(
                    info.path, info.file_size or 0, known.get(info.path) or _hash(store, info.path)
                )
                for info in walk(store)
            ]
        except MainstayError:
            return None
        return manifest.digest(entries) if entries else None

    def _candidates(self, old: str) -> list[str]:
        found = []
        for start, new in self._roots:
            if new:
                if old.startswith(start):
                    found.append(new + old[len(start) :])
                continue
            parts = urlsplit(old)
            if parts.scheme == SCHEME:
                found.append(_join(start, parts.path))
            elif (path := uris.local_path(old)) is not None:
                tail = path.parts[-4:]
                found += [_join(start, "/".join(tail[-count:])) for count in (4, 3)]
        return [*found, *self._places(old)]

    def _open(self, uri: str) -> ArtifactStore:
        parts = urlsplit(uri)
        away = self._away.get(f"{parts.scheme}://{parts.netloc}")
        if away is not None:
            raise Unavailable(away)
        return open_store(uri)

    def _note(self, uri: str, error: MainstayError) -> MainstayError:
        """Ask a store that is away once, not once a run."""
        parts = urlsplit(uri)
        if isinstance(error, Unavailable) and parts.netloc:
            with self._lock:
                self._away[f"{parts.scheme}://{parts.netloc}"] = error.message
        return error


def _carry(store: ArtifactStore, target: ArtifactStore, info: FileInfo, known: str) -> Carried:
    """Copy a file unless it is known to be here with the same content."""
    if known and (there := _hash(store, info.path)) == known:
        return Carried(info.path, info.file_size or 0, there, known)
    state = hashlib.sha256()

    def passing() -> Iterator[bytes]:
        for chunk in store.read(info.path):
            state.update(chunk)
            yield chunk

    written = target.write(paths.clean(info.path), passing(), size=info.file_size)
    return Carried(info.path, written.size, state.hexdigest(), written.sha256)


def _hash(store: ArtifactStore, path: str) -> str:
    state = hashlib.sha256()
    for chunk in store.read(path):
        state.update(chunk)
    return state.hexdigest()


def _join(root: str, path: str) -> str:
    if urlsplit(root).scheme and len(urlsplit(root).scheme) > 1:
        return f"{root.rstrip('/')}/{path.strip('/')}"
    return str(Path(root).expanduser().absolute() / path.strip("/"))
