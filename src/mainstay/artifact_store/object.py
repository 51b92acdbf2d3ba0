"""Object stores (S3, Google Cloud, Azure, memory) through ``obstore``, and the door to any store.

An object store shows an object only when its upload is complete, so a write needs no rename.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from mainstay import settings, uris
from mainstay.artifact_store import parts, paths
from mainstay.artifact_store.base import CHUNK, ArtifactStore, Reading, Written
from mainstay.artifact_store.local import LocalFolder
from mainstay.artifact_store.parts import S3Parts
from mainstay.entities.artifacts import FileInfo
from mainstay.errors import BadInput, NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import RetryConfig

SCHEMES = ("s3", "s3a", "gs", "az", "adl", "azure", "abfs", "abfss", "memory")
SIGNED_FOR = timedelta(hours=1)
PATIENCE: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}
"""A store that is away for longer is reported, and the caller decides."""


def open_store(uri: str) -> ArtifactStore:
    """Return the store whose root is ``uri``: a path, ``file:``, ``s3:``, ``gs:``, ``az:`` ….

    Raises:
        BadInput: no store of this kind is known, or the URI cannot be read.
    """
    folder = uris.local_path(uri)
    if folder is not None:
        return LocalFolder(folder)
    scheme = urlsplit(uri).scheme
    if scheme not in SCHEMES:
        raise BadInput(
            f"no artifact store speaks {scheme!r} ({uri!r}); give a path, file:, s3:, gs: or az:"
        )
    return ObjectStore(_connect(uri, scheme))


_STRONG = re.compile(r'"?[!#-\[\]-~]{1,128}"?\Z')


class ObjectStore:
    """An artifact store over an ``obstore`` store; its prefix is the root."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def list(self, path: str = "") -> list[FileInfo]:
        """Return one level below a prefix."""
        import obstore

        cleaned = paths.clean(path)
        with _translated():
            found = obstore.list_with_delimiter(self._store, prefix=cleaned or None)
        folders = [
            FileInfo(prefix, is_dir=True)
            for prefix in found["common_prefixes"]
            if not paths.is_partial(prefix.rpartition("/")[2])
        ]
        files = [
            FileInfo(item["path"], is_dir=False, file_size=item["size"])
            for item in found["objects"]
        ]
        return sorted([*folders, *files], key=lambda info: info.path)

    def read(self, path: str) -> Reading:
        """Open an object; its bytes stream."""
        import obstore

        path = _file(path)
        with _translated(path):
            answer = obstore.get(self._store, path)
        modified = int(answer.meta["last_modified"].timestamp() * 1000)
        return Reading(
            _chunks(answer), size=answer.meta["size"], modified=modified, tag=_tag(answer)
        )

    def read_span(self, path: str, start: int, length: int) -> Reading:
        """Open a part of an object; only its bytes travel."""
        import obstore

        path = _file(path)
        with _translated(path):
            answer = obstore.get(self._store, path, options={"range": (start, start + length)})
        return Reading(_chunks(answer), size=length, tag=_tag(answer))

    def write(self, path: str, chunks: Iterable[bytes], *, size: int | None = None) -> Written:
        """Upload, in parts when large; too few or too many bytes abort the upload."""
        import obstore

        path = _file(path)
        if self.list(path):
            raise BadInput(f"Invalid path: {path!r} is a folder")
        counted = _Counted(chunks, size, path)
        with _translated():
            obstore.put(self._store, path, iter(counted))
        return Written(counted.total, counted.digest.hexdigest())

    def version(self, path: str) -> str | None:
        """Return the id that a versioned bucket gave this object's content; None without one.

        Raises: NotFound, Unavailable.
        """
        import obstore

        path = _file(path)
        with _translated(path):
            found: str | None = obstore.head(self._store, path)["version"]
        return None if found == "null" else found  # S3: written before versioning was switched on

    def delete(self, path: str) -> None:
        """Delete an object and whatever has it as a folder."""
        import obstore

        path = _file(path)
        with _translated(), suppress(FileNotFoundError):
            for batch in obstore.list(self._store, prefix=path):
                obstore.delete(self._store, [item["path"] for item in batch])
            obstore.delete(self._store, path)

    # -- pieces of unfinished uploads, under a prefix that no path names ---------------------------
    def put_aside(self, name: str, chunks: Iterable[bytes]) -> int:
        """Store a piece and return its size; it is there whole or not at all."""
        import obstore

        counted = _Counted(chunks, None, name)
        with _translated():
            obstore.put(self._store, f"{paths.UPLOADS}/{name}", iter(counted))
        return counted.total

    def list_aside(
        self, prefix: str = "", *, before: float | None = None
    ) -> Sequence[tuple[str, int]]:
        """Return names and sizes of pieces, sorted; those untouched since ``before`` (seconds)."""
        import obstore

        start = f"{paths.UPLOADS}/"
        with _translated():
            found = [
                (item["path"].removeprefix(start), item["size"])
                for batch in obstore.list(self._store, prefix=(start + prefix).rstrip("/"))
                for item in batch
                if before is None or item["last_modified"].timestamp() < before
            ]
        return sorted(found)

    def read_aside(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a piece. Raises: NotFound."""
        import obstore

        with _translated(name):
            answer = obstore.get(self._store, f"{paths.UPLOADS}/{name}")
        return _chunks(answer)

    def clear_aside(self, prefix: str = "", *, before: float | None = None) -> int:
        """Delete pieces; return how many."""
        import obstore

        names = [f"{paths.UPLOADS}/{name}" for name, _ in self.list_aside(prefix, before=before)]
        with _translated(), suppress(FileNotFoundError):
            obstore.delete(self._store, names)
        return len(names)

    def clear_partials(self, *, before: float) -> int:
        """Delete pieces of uploads that nobody went on with since ``before`` (seconds since 1970);
        return how many there were.
        """
        signed = self.parts
        begun = 0 if signed is None else signed.clear(before=before)
        return begun + self.clear_aside(before=before)

    @cached_property
    def parts(self) -> S3Parts | None:
        """Uploads in parts that clients send themselves; None where the store signs none."""
        if type(self._store).__name__ != "S3Store" or not parts.available():
            return None
        return S3Parts(self._store)

    def presign(self, path: str) -> str | None:
        """Return a signed URL where the store can sign."""
        return self._sign("GET", path, None)

    def presign_upload(self, path: str, *, seconds: int | None = None) -> str | None:
        """Return a signed URL for a PUT where the store can sign."""
        return self._sign("PUT", path, seconds)

    def _sign(self, method: Literal["GET", "PUT"], path: str, seconds: int | None) -> str | None:
        import obstore

        path = _file(path)
        if type(self._store).__name__ not in ("S3Store", "GCSStore", "AzureStore"):
            return None
        valid = SIGNED_FOR if seconds is None else timedelta(seconds=seconds)
        with _translated(path):
            url: str = obstore.sign(self._store, method, path, valid)
        return url


class _Counted:
    """Chunks, counted and hashed as they pass; the last step checks the announced size."""

    def __init__(self, chunks: Iterable[bytes], size: int | None, path: str) -> None:
        self.chunks, self.size, self.path = chunks, size, path
        self.total, self.digest = 0, hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.total += len(chunk)
            self.digest.update(chunk)
            yield chunk
        if self.size is not None and self.total != self.size:
            raise BadInput(
                f"{self.path!r}: {self.total} bytes came, {self.size} were announced; send it again"
            )


@contextmanager
def _translated(path: str = "") -> Iterator[None]:
    """Turn what the object store says into our errors."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError:
        raise NotFound(f"there is no file {path!r}") from None
    except BaseError as error:
        first = str(error).strip().partition("\n")[0]
        raise Unavailable(
            f"the artifact store did not answer as it should ({first[:300]}); check its address "
            "and this process's credentials"
        ) from error


def _tag(answer: Any) -> str | None:
    """Return the store's own tag of the content, if it is a strong one."""
    found = answer.meta["e_tag"]
    return None if found is None or not _STRONG.match(found) else found.strip('"')


def _chunks(answer: Any) -> Iterator[bytes]:
    with _translated():
        for chunk in answer.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)


def _file(path: str) -> str:
    cleaned = paths.clean(path)
    if not cleaned:
        raise BadInput("Invalid path: the name of a file is needed, not the root")
    return cleaned


def _connect(uri: str, scheme: str) -> Any:
    from obstore.exceptions import BaseError
    from obstore.store import S3Store, from_url

    endpoint = settings.S3_ENDPOINT_URL.get() if scheme in ("s3", "s3a") else None
    try:
        if endpoint:
            plain = endpoint.startswith("http:")
            return S3Store.from_url(
                uri, endpoint=endpoint, client_options={"allow_http": plain}, retry_config=PATIENCE
            )
        if scheme == "memory":
            return from_url("memory:///")
        return from_url(uri, retry_config=PATIENCE)
    except (BaseError, ValueError) as error:
        raise BadInput(f"the artifact store {uri!r} cannot be opened: {error}") from error
    except OSError as error:
        raise Unavailable(f"the artifact store {uri!r} cannot be reached: {error}") from error
