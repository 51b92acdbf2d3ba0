"""Every door of the server, generated from the table of endpoints."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from msgspec import inspect

from mainstay.wire.codec import CONTENT_TYPES
from mainstay.wire.endpoint import Action, Endpoint
from mainstay.wire.endpoints import TABLE

PUBLIC = {
    "server.live",
    "server.ready",
    "server.health",
    "server.version",
    "server.info",
    "server.get",
}
"""What anybody may ask. A row that is added here must be harmless to strangers."""

JUNK: tuple[Any, ...] = (
    *(None, "", "x", "x" * 10_000, "NaN", "\x00", "../..", "'; DROP TABLE runs; --", "ünï"),
    *(0, -1, 1.5, 2**63, -(2**70), True, [], ["x"], [None], [{}], {}, {"a": {"b": []}}, "999999"),
)


def doors() -> Iterator[tuple[Endpoint, str, str]]:
    """Yield (row, method, path) with the path's parameters filled in."""
    for row in TABLE:
        for method in row.methods:
            for path in row.paths:
                for name in row.parameters:
                    path = path.replace(f"{{{name}}}", "x").replace(f"{{{name}:path}}", "x/y")
                yield row, method, path


def fields(kind: type[msgspec.Struct]) -> list[str]:
    """Return the names of a request's fields."""
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    return [field.encode_name for field in described.fields]


class Knocker:
    """One kept connection that sends whatever it is told to."""

    def __init__(self, url: str) -> None:
        self.place = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            self.place.hostname or "", self.place.port, timeout=60
        )

    def knock(
        self, row: Endpoint, method: str, path: str, values: dict[str, Any] | None = None
    ) -> tuple[int, bytes]:
        """Send values the way the row takes them; return status and body."""
        given = values or {}
        body: bytes | None = None
        headers = {"Content-Type": CONTENT_TYPES[row.body]}
        if row.reads_query(method):
            path += "?" + urlencode({key: _text(value) for key, value in given.items()})
            body = b"bytes" if row.body == "bytes" else None
        elif row.body == "msgpack":
            body = msgspec.msgpack.encode(_small(given))
        else:
            body = json.dumps(given).encode()
        return self.send(method, path, body, headers)

    def send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Send one request on the kept connection."""
        self._connection.request(method, quote(path, safe="/?&=%"), body, headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def is_public(row: Endpoint) -> bool:
    """Tell whether the table says that a row is open to everybody."""
    return row.permission.action is Action.PUBLIC


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _small(value: Any) -> Any:
    """MessagePack holds no integers beyond 64 bits."""
    if isinstance(value, dict):
        return {key: _small(item) for key, item in value.items()}
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value)
    return value


def is_callers(row: Endpoint, status: int) -> bool:
    """Whether a status is no failure of the server's.

    Signed URLs and multipart uploads are 501 where files lie in a local folder, as in MLflow: the
    store cannot do that, whatever is sent.
    """
    of_buckets = row.name.startswith(("artifacts.presign", "artifacts.multipart"))
    return status < 500 or (status == 501 and of_buckets)
