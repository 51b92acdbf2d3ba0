"""The artifacts of a tracking server, over ``/api/2.0/mlflow-artifacts`` (MLflow's own routes).

Works against any MLflow-compatible server. Uploads of many files go in one request where the
server offers it (see ``batch``), else one by one.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from mainstay import settings
from mainstay.artifact_store import batch, paths, resumable
from mainstay.artifact_store.base import CHUNK, Reading, Written
from mainstay.artifact_store.download import Download
from mainstay.entities.artifacts import FileInfo
from mainstay.errors import (
    BadInput,
    Conflict,
    MainstayError,
    NotFound,
    OutOfSpace,
    PermissionDenied,
    ServerUnreachable,
    StrangeAnswer,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

ROUTE = "/api/2.0/mlflow-artifacts/artifacts"
BATCH_ROUTE = "/api/mainstay/1.0/artifacts/batch"
UPLOADS_ROUTE = "/api/mainstay/1.0/artifacts/uploads"
BATCH_BYTES = 64 << 20
"""A batch holds about this much; larger files travel alone."""

AGAIN = (408, 429, 502, 503, 504)
_ERRORS: dict[int, type[MainstayError]] = {
    400: BadInput,
    401: Unauthenticated,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    507: OutOfSpace,
}


class LocalFile:
    """The chunks of a file on this machine; may be read again when a request is repeated."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            yield from iter(lambda: file.read(CHUNK), b"")


class ProxyStore:
    """The folder ``root`` of the artifacts behind ``server`` (``http://host:port``).

    ``headers`` is asked before each request (credentials may change while a process runs).
    """

    def __init__(
        self,
        server: str,
        root: str = "",
        *,
        headers: Callable[[], Mapping[str, str]] = dict,
        pool: PoolManager | None = None,
    ) -> None:
        self.server = server.rstrip("/")
        self.root = paths.clean(root.strip("/"))
        self._headers = headers
        self._pool = pool or _pool()
        self._takes_batches = self._takes_pieces = True

    def list(self, path: str = "") -> list[FileInfo]:
        """Ask the server; its names are checked before they are believed."""
        path = paths.clean(path)
        answer = self._ask("GET", ROUTE, fields={"path": paths.join(self.root, path)})
        found = msgspec.json.decode(answer.data or b"{}").get("files", [])
        return [_info(path, item) for item in found]

    def read(self, path: str) -> Reading:
        """Open a file; its bytes stream, and go on where they stopped if the connection breaks."""
        download = Download(lambda headers: self._get(path, headers), path)
        return Reading(
            download.chunks(), size=download.size, tag=download.tag, close=download.close
        )

    def _get(self, path: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        return self._ask("GET", self._url(path), headers=headers, stream=True)

    def write(self, path: str, chunks: Iterable[bytes], *, size: int | None = None) -> Written:
        """Send a file. It is sent again after a failure if ``chunks`` can be read again.

        A large file of this machine is sent in pieces, where the server takes them, so that what
        has arrived is not sent again, even by another process.
        """
        if isinstance(chunks, LocalFile) and size is not None and size >= resumable.FROM:
            done = self._send_pieces(path, chunks.path)
            if done is not None:
                return done
        counted = _Counted(chunks, size, path)
        length = {} if size is None else {"Content-Length": str(size)}
        headers = {"Content-Type": "application/octet-stream", **length}
        self._ask("PUT", self._url(path), body=counted, headers=headers)
        return Written(counted.total, counted.digest.hexdigest())

    def write_many(self, files: Sequence[tuple[str, Path]]) -> Sequence[Written]:
        """Send files in batches, or one by one to a server that knows no batches."""
        done: list[Written] = []
        for group in _groups(files):
            if len(group) > 1 and self._takes_batches:
                try:
                    done += self._send_batch(group)
                    continue
                except NotFound:  # a foreign server: 404 or 405 for a route of ours
                    self._takes_batches = False
            done += [
                self.write(path, LocalFile(file), size=file.stat().st_size) for path, file in group
            ]
        return done

    def delete(self, path: str) -> None:
        """Ask the server to delete a file or folder."""
        try:
            self._ask("DELETE", self._url(path))
        except NotFound:
            return

    def presign(self, path: str) -> str | None:
        """Proxied files are read through the server only."""
        return None

    def _send_pieces(self, path: str, file: Path) -> Written | None:
        """Send a file in pieces; None to a server that takes none."""
        if not self._takes_pieces:
            return None
        at = paths.join(self.root, paths.clean(path))
        line = _Line(self, f"{UPLOADS_ROUTE}/{quote(at)}")
        try:
            return resumable.send(line, file, path=at, patience=settings.HTTP_RETRIES.get())
        except NotFound:  # a foreign server: 404 or 405 for a route of ours
            self._takes_pieces = False
            return None

    def _url(self, path: str) -> str:
        path = paths.clean(path)
        if not path:
            raise BadInput("Invalid path: the name of a file is needed, not the root")
        return f"{ROUTE}/{quote(paths.join(self.root, path))}"

    def _send_batch(self, group: Sequence[tuple[str, Path]]) -> Sequence[Written]:
        body = _Batch([(paths.clean(path), file) for path, file in group])
        url = f"{BATCH_ROUTE}/{quote(self.root)}"
        answer = self._ask("PUT", url, body=body, headers={"Content-Type": batch.MEDIA_TYPE})
        try:
            stored = msgspec.json.decode(answer.data)["files"]
            return [Written(item["size"], item["sha256"]) for item in stored]
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise _strange("PUT", url, answer) from error

    def _ask(
        self,
        method: str,
        route: str,
        *,
        body: Iterable[bytes] | None = None,
        headers: Mapping[str, str] = {},
        fields: Mapping[str, str] | None = None,
        stream: bool = False,
    ) -> BaseHTTPResponse:
        """Send a request, again while the server is away and the body can be read again."""
        from urllib3.exceptions import HTTPError

        tries = settings.HTTP_RETRIES.get() if body is None or _rereadable(body) else 0
        for attempt in range(tries + 1):
            try:
                answer = self._pool.request(
                    method,
                    self.server + route,
                    body=body,
                    fields=dict(fields) if fields else None,
                    headers={**self._headers(), **headers},
                    preload_content=not stream,
                )
            except HTTPError as error:
                failure: MainstayError = ServerUnreachable(f"{self.server}: {error}")
            else:
                if answer.status < 300:
                    if method == "PUT" and _is_page(answer):
                        raise _strange(method, route, answer)
                    return answer
                failure = _failure(method, route, answer)
                if answer.status not in AGAIN:
                    raise failure
            if attempt < tries:
                time.sleep(min(0.1 * 2**attempt, 5.0))
        raise failure


class _Line:
    """The way of one file's pieces to the server."""

    def __init__(self, store: ProxyStore, route: str) -> None:
        self._store, self._route = store, route

    def state(self, fields: dict[str, Any]) -> resumable.Progress:
        """Ask how far the upload is."""
        texts = {name: str(value) for name, value in fields.items()}
        return _progress(self._store._ask("GET", self._route, fields=texts))

    def piece(self, fields: dict[str, Any], content: bytes) -> resumable.Progress:
        """Send a piece."""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(content))}
        route = f"{self._route}?{urlencode(fields)}"
        return _progress(self._store._ask("PUT", route, body=[content], headers=headers))


def _progress(answer: BaseHTTPResponse) -> resumable.Progress:
    try:
        return msgspec.json.decode(answer.data, type=resumable.Progress)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _strange("PUT", UPLOADS_ROUTE, answer) from error


class _Counted:
    """The chunks of a body, counted and hashed anew each time they are read.

    A body that is not as long as was announced breaks off, so that no server waits for its rest.
    """

    def __init__(self, chunks: Iterable[bytes], size: int | None, path: str) -> None:
        self.chunks, self.size, self.path = chunks, size, path
        self.total, self.digest = 0, hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        self.total, self.digest = 0, hashlib.sha256()
        for chunk in self.chunks:
            self.total += len(chunk)
            if self.size is not None and self.total > self.size:
                break
            self.digest.update(chunk)
            yield chunk
        if self.size is not None and self.total != self.size:
            raise BadInput(f"{self.path!r} has not the {self.size} bytes announced; send it again")


class _Batch:
    """The body of a batch upload."""

    def __init__(self, files: Sequence[tuple[str, Path]]) -> None:
        self.files = files

    def __iter__(self) -> Iterator[bytes]:
        for path, file in self.files:
            yield batch.frame(batch.Head(path, file.stat().st_size))
            yield from LocalFile(file)
        yield batch.END


def _rereadable(body: Iterable[bytes]) -> bool:
    inner = body.chunks if isinstance(body, _Counted) else body
    return iter(inner) is not inner


def _groups(files: Sequence[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    group: list[tuple[str, Path]] = []
    room = BATCH_BYTES
    for path, file in files:
        size = file.stat().st_size
        if group and size > room:
            yield group
            group, room = [], BATCH_BYTES
        group.append((path, file))
        room -= size
    if group:
        yield group


def _info(folder: str, item: dict[str, Any]) -> FileInfo:
    name = str(item["path"])
    if "/" in name:
        raise BadInput(f"the server lists the name {name!r}, which is not a name; nothing was read")
    size = item.get("file_size")
    return FileInfo(
        paths.clean(paths.join(folder, name)),
        is_dir=bool(item.get("is_dir", False)),
        file_size=None if size is None else int(size),
    )


def _failure(method: str, route: str, answer: BaseHTTPResponse) -> MainstayError:
    """Read the server's error into ours; the connection is free afterwards."""
    text = answer.data[:4000].decode("utf-8", "replace")
    try:
        text = msgspec.json.decode(text)["message"]
    except (msgspec.DecodeError, KeyError, TypeError):
        if _is_nobodys(method, route, answer.status):
            return _strange(method, route, answer)
        text = f"{method} {route} answered {answer.status}: {text[:200]}"
    if answer.status == 405:
        return NotFound(text)
    kind = _ERRORS.get(answer.status, Unavailable if answer.status in AGAIN else MainstayError)
    return kind(text)


def _is_nobodys(method: str, route: str, status: int) -> bool:
    """Say whether a refusal without a message is that of something in front of the server.

    A file that such a thing refuses is not refused for good.
    """
    if status in AGAIN or status in (401, 403, 413) or status >= 500:
        return False
    if status in (404, 405) and not route.startswith(ROUTE):
        return False  # a foreign server, for a route of ours
    return method == "PUT" or status < 400


def _is_page(answer: BaseHTTPResponse) -> bool:
    """Say whether it is a page for people: something in front of the server answered."""
    return answer.headers.get("Content-Type", "").startswith("text/html")


def _strange(method: str, route: str, answer: BaseHTTPResponse) -> StrangeAnswer:
    text = " ".join(answer.data[:1000].decode("utf-8", "replace").split())[:200]
    return StrangeAnswer(
        f"{method} {route} was answered by something else than the server ({answer.status}): {text}"
    )


def _pool() -> PoolManager:
    from urllib3 import PoolManager, Timeout

    timeout = Timeout(connect=10.0, read=settings.HTTP_TIMEOUT.get())
    return PoolManager(maxsize=8, retries=False, timeout=timeout)
