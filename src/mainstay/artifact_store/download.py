"""Read a file of a server to its end, also when the connection breaks in between.

The rest is asked for by ``Range``, under the tag of what came first (``If-Range``), so that two
contents are never mixed. Source: RFC 9110, sections 13.1.5 and 14.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from mainstay import settings
from mainstay.artifact_store.base import CHUNK
from mainstay.errors import Unavailable

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse


class Download:
    """One file; ``get`` asks for it with more headers. ``size`` is in bytes, if the server says."""

    def __init__(self, get: Callable[[Mapping[str, str]], BaseHTTPResponse], path: str) -> None:
        self._get, self._path = get, path
        self._answer = get({})
        length = self._answer.headers.get("Content-Length")
        self.size = int(length) if length else None
        tag = self._answer.headers.get("ETag", "")
        self.tag = tag.strip('"') if tag.startswith('"') else None

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes. Raises: Unavailable (broken too often, or the file changed)."""
        from urllib3.exceptions import HTTPError

        at, left = 0, settings.HTTP_RETRIES.get()
        while True:
            begun = at
            try:
                for chunk in self._answer.stream(CHUNK):
                    at += len(chunk)
                    yield chunk
            except HTTPError as error:
                left = settings.HTTP_RETRIES.get() if at > begun else left - 1
                self._answer.close()
                if at == self.size:
                    return
                if self.tag is None or self.size is None or left < 0:
                    raise Unavailable(
                        f"{self._path!r}: the connection broke after {at} bytes ({error})"
                    ) from error
                time.sleep(0.1)
                self._go_on(at)
            else:
                return

    def close(self) -> None:
        """Give the connection back."""
        self._answer.release_conn()

    def _go_on(self, at: int) -> None:
        self._answer = self._get({"Range": f"bytes={at}-", "If-Range": f'"{self.tag}"'})
        if self._answer.status != 206:
            self._answer.close()
            raise Unavailable(f"{self._path!r} changed while it was read; read it again")
