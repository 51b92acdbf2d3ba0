"""The files of a server: the proxied root with its record, and stores elsewhere.

A proxied location is ``mlflow-artifacts:/<path>``; its path is below the root that the server was
started with. Any other location is opened by its own address, on behalf of runs whose experiment
an administrator put there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urlsplit

from mainstay import killpoints
from mainstay.artifact_store import paths, unfinished
from mainstay.artifact_store.base import ArtifactStore, Presigns, Reading, ReadsSpans, Written
from mainstay.artifact_store.batch import Reader
from mainstay.artifact_store.object import ObjectStore, open_store
from mainstay.artifact_store.parts import Part, S3Parts
from mainstay.artifact_store.transfer import Uploaded, walk
from mainstay.entities.artifacts import FileInfo
from mainstay.errors import BadInput, Conflict, NotFound, NotImplementedHere
from mainstay.packaging.manifest import Entry, digest
from mainstay.server.ledger import SCHEME, Ledger


@dataclass(frozen=True)
class Place:
    """A folder in a store."""

    store: ArtifactStore
    folder: str = ""

    def list(self, path: str = "") -> list[FileInfo]:
        """Return what a folder holds; paths are relative to this place."""
        at = paths.join(self.folder, paths.clean(path))
        skip = len(self.folder) + 1 if self.folder else 0
        return [
            FileInfo(info.path[skip:], info.is_dir, info.file_size) for info in self.store.list(at)
        ]

    def read(self, path: str) -> Reading:
        """Open a file of this place."""
        return self.store.read(paths.join(self.folder, paths.clean(path)))

    def read_span(self, path: str, start: int, length: int) -> Reading | None:
        """Open a part of a file of this place; None where the store reads whole files only."""
        if not isinstance(self.store, ReadsSpans):
            return None
        return self.store.read_span(paths.join(self.folder, paths.clean(path)), start, length)

    def presign(self, path: str) -> str | None:
        """Return a URL that reads a file without this server; None where there is none."""
        return self.store.presign(paths.join(self.folder, paths.clean(path)))

    def presign_upload(self, path: str, *, seconds: int | None = None) -> str | None:
        """Return a URL that a file can be PUT to; None where there is none."""
        if not isinstance(self.store, Presigns):
            return None
        return self.store.presign_upload(
            paths.join(self.folder, paths.clean(path)), seconds=seconds
        )


@dataclass(frozen=True)
class Progress:
    """How much of a file has come, in bytes; ``complete`` once it is in its place."""

    offset: int
    complete: bool = False


class Files:
    """Everything a server does with artifacts. ``root`` is None where it proxies none."""

    def __init__(self, root: ArtifactStore | None, ledger: Ledger) -> None:
        self._root = root
        self._ledger = ledger

    @property
    def root(self) -> ArtifactStore:
        """The store behind the proxy. Raises: NotImplementedHere if there is none."""
        if self._root is None:
            raise NotImplementedHere(
                "this server proxies no artifacts (--no-serve-artifacts); clients use the "
                "experiment's artifact location directly"
            )
        return self._root

    @property
    def presigns(self) -> bool:
        """Whether proxied files can be read by signed URLs."""
        return self._root is not None and self._root.presign("any") is not None

    def is_proxied(self, location: str) -> bool:
        """Tell whether a location is behind this server's proxy."""
        return self._root is not None and location.startswith(SCHEME)

    def normal(self, location: str) -> str:
        """Return a location as records hold it: proxied ones have one spelling."""
        if self.is_proxied(location):
            return SCHEME + paths.clean(proxied_path(location))
        return location

    def at(self, location: str) -> Place:
        """Return the place that a location names. Raises: BadInput, NotImplementedHere."""
        if location.startswith(SCHEME):
            return Place(self.root, paths.clean(proxied_path(location)))
        return Place(open_store(location))

    def write(
        self, location: str, path: str, chunks: Iterable[bytes], *, size: int | None = None
    ) -> Written:
        """Store a file below a location; a proxied one is recorded.

        Raises: BadInput, Conflict (a version froze it), OutOfSpace.
        """
        place = self.at(location)
        if place.store is not self._root:
            return place.store.write(path, chunks, size=size)
        path = paths.clean(paths.join(place.folder, paths.clean(path)))
        self.refuse_frozen([path])
        written = self.root.write(path, self._until_frozen(path, chunks), size=size)
        self._ledger.record([Uploaded(path, written.size, written.sha256)])
        killpoints.reach("artifact.recorded")
        return written

    def write_batch(self, folder: str, chunks: Iterable[bytes]) -> list[Uploaded]:
        """Store the files of a batch below a proxied folder. Raises: as ``write``."""
        folder = paths.clean(folder)
        reader = Reader(chunks)
        stored: list[Uploaded] = []
        try:
            for head in reader.heads():
                path = paths.clean(paths.join(folder, paths.clean(head.path)))
                self.refuse_frozen([path])
                content = self._until_frozen(path, reader.content(head.size))
                written = self.root.write(path, content, size=head.size)
                stored.append(Uploaded(path, written.size, written.sha256))
                if head.sha256 and head.sha256 != written.sha256:
                    self.root.delete(path)
                    stored.pop()
                    raise BadInput(f"{path!r} was damaged on its way (SHA-256); send it again")
        finally:
            self._ledger.record(stored)
        return stored

    def upload_state(self, path: str, upload: str, *, size: int, sha256: str) -> Progress:
        """Return how far an upload in pieces has come.

        With the file's digest, one that was finished is known as such: its answer may have been
        lost. Raises: BadInput, Conflict (a version froze it).
        """
        path = paths.clean(path)
        if sha256 and Entry(path, size, sha256) in self._ledger.under(path):
            return Progress(size, complete=True)
        self.refuse_frozen([path])
        return Progress(self._unfinished.offset(_key(path, upload)))

    def upload_piece(
        self,
        path: str,
        upload: str,
        chunks: Iterable[bytes],
        *,
        start: int,
        size: int,
        sha256: str,
    ) -> Progress:
        """Add a piece to an upload; the last one, which names the digest, puts the file in place.

        Raises: as ``write``, and Conflict if the upload is not at ``start``.
        """
        path = paths.clean(path)
        key = _key(path, upload)
        self.refuse_frozen([path])
        at = self._unfinished.append(key, start, chunks)
        if at > size:
            self._unfinished.discard(key)
            raise BadInput(f"{path!r}: {at} bytes came, {size} were announced; send it again")
        if at < size or not sha256:
            return Progress(at)
        self.refuse_frozen([path])
        written = self._unfinished.finish(key, path, size=size, sha256=sha256)
        self._ledger.record([Uploaded(path, written.size, written.sha256)])
        killpoints.reach("artifact.recorded")
        return Progress(at, complete=True)

    def discard_upload(self, path: str, upload: str) -> None:
        """Forget what came of an upload."""
        self._unfinished.discard(_key(paths.clean(path), upload))

    @property
    def parts(self) -> S3Parts | None:
        """Uploads in parts past this server; None where the store behind it signs none."""
        return self._root.parts if isinstance(self._root, ObjectStore) else None

    def complete_parts(self, path: str, upload: str, sent: Sequence[Part]) -> None:
        """Make a proxied file of parts that a client sent to the bucket itself.

        Nobody hashed it on its way, so nothing is recorded: its digest is read when a version is
        registered from it. Raises: Conflict (a version froze it), NotFound, BadInput,
        NotImplementedHere.
        """
        path = paths.clean(path)
        self.refuse_frozen([path])
        self._ledger.forget(path)
        self.signing().complete(path, upload, sent)

    def signing(self) -> S3Parts:
        """Return what signs parts. Raises: NotImplementedHere, in MLflow's words."""
        if self.parts is None:
            raise NotImplementedHere(
                "Multipart upload is not supported for the current artifact repository"
            )
        return self.parts

    @cached_property
    def _unfinished(self) -> unfinished.Unfinished:
        return unfinished.of(self.root)

    def delete(self, path: str) -> None:
        """Delete a proxied file or folder. Raises: BadInput, Conflict (a version froze it)."""
        path = paths.clean(path)
        self.refuse_frozen([path], deletes=True)
        self.root.delete(path)
        self._ledger.forget(path)

    def refuse_frozen(self, files: list[str], *, deletes: bool = False) -> None:
        """Raise Conflict where a registered version's files would change."""
        frozen = self._ledger.frozen(files, deletes=deletes)
        if frozen is not None:
            raise Conflict(
                f"{files[0]!r} belongs to a registered model version ({frozen}), and those never "
                "change; log the new files as another model and register that"
            )

    def _until_frozen(self, path: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the chunks, and look once more before the file takes its place: it was long."""
        yield from chunks
        self.refuse_frozen([path])

    def digest_of(self, place: Place) -> str:
        """Return the digest of the files at a place, from what was hashed at upload.

        A file that came past the proxy, or changed size since, is read and hashed now.
        Raises: NotFound if there are no files.
        """
        known: dict[str, Entry] = {}
        if place.store is self._root:
            skip = len(place.folder) + 1
            known = {entry.path[skip:]: entry for entry in self._ledger.under(place.folder)}
        entries = []
        for info in walk(place.store, place.folder):
            path = info.path[len(place.folder) + 1 :] if place.folder else info.path
            entry = known.get(path)
            if entry is None or entry.size != info.file_size:
                entry = _hash(place.store, info.path)
            entries.append(Entry(path, entry.size, entry.sha256))
        if not entries:
            raise NotFound(
                f"there are no files at {place.folder or place.store!r}; upload them first"
            )
        return digest(entries)


def proxied_path(location: str) -> str:
    """Return the path below the proxied root that a location names, as it is written.

    >>> proxied_path("mlflow-artifacts:/1/models/m-1/artifacts")
    '1/models/m-1/artifacts'
    """
    return unquote(urlsplit(location).path).strip("/")


def _key(path: str, upload: str) -> str:
    """Return the name of an upload in the store: that of one path does nothing to another."""
    if not path:
        raise BadInput("Invalid path: the name of a file is needed, not the root")
    return hashlib.sha256(f"{path}\0{upload}".encode()).hexdigest()[:32]


def _hash(store: ArtifactStore, path: str) -> Entry:
    state, size = hashlib.sha256(), 0
    for chunk in store.read(path):
        state.update(chunk)
        size += len(chunk)
    return Entry(path, size, state.hexdigest())
