"""One request from its first byte to its answer: find the row, read, let in, handle, write.

The event loop only moves bytes, and takes the small requests (``swift``), which do not come here.
For all others, who asks, what they may do, reading, handling and writing the answer are one visit
to a thread. Here is the border at which every error becomes an answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from mainstay.entities.accounts import Principal
from mainstay.errors import (
    BadInput,
    BadRequest,
    EndpointNotFound,
    Unauthenticated,
    UnsupportedMediaType,
)
from mainstay.server import compression, metering, requests, static
from mainstay.server.auth.authorize import authorize
from mainstay.server.context import Context, Services
from mainstay.server.errors import answer
from mainstay.server.handlers.artifacts import Opened
from mainstay.server.handlers.artifacts import send as send_file
from mainstay.server.live import Live
from mainstay.server.routes import Match, Routes
from mainstay.server.streams import Upload, read_body
from mainstay.wire import codec
from mainstay.wire.endpoint import Action, Endpoint

JSON_LIMIT = 10 << 20
LIMITS = {"runs.log_inputs": 64 << 20, "spool.apply": 64 << 20, "artifacts.upload": 10 << 20}
FILE_LIMIT = 1 << 40
MOST_ARGUMENTS = 1000
THREADS = 40
"""Threads that wait for the database; on SQLite those that wait share one commit."""

FILE_THREADS = 32


class Edge:
    """The application behind the hardening layer."""

    def __init__(self, routes: Routes, services: Services, live: Live) -> None:
        self.routes = routes
        self.services = services
        self.live = live
        self._pool = ThreadPoolExecutor(THREADS, "mainstay-request")
        self._files = ThreadPoolExecutor(FILE_THREADS, "mainstay-file")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = time.perf_counter()
        try:
            response = await self._respond(scope, receive)
        except Exception as error:  # noqa: BLE001  the border: every error becomes an answer
            response = answer(error)
        # The row is left in the scope when it was found.
        name = scope.get("endpoint", metering.UNKNOWN)
        metering.record(name, response.status_code, time.perf_counter() - begun)
        await response(scope, receive, send)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._files.shutdown(wait=False, cancel_futures=True)

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        headers = Headers(scope=scope)
        try:
            match = self.routes.find(scope["method"], scope["path"])
        except EndpointNotFound:
            prefix = self.routes.prefix
            if prefix and scope["path"] == prefix:  # relative addresses need the slash
                return RedirectResponse(prefix + "/", status_code=302)
            path = self.routes.strip(scope["path"])
            accept = headers.get("accept-encoding", "")
            page = static.serve(path, scope["method"], prefix=prefix, accept=accept)
            if page is None:
                raise
            return page
        endpoint = match.endpoint
        scope["endpoint"] = endpoint.name
        public = endpoint.permission.action is Action.PUBLIC
        if not public and self.services.identity.refuses(headers):
            raise Unauthenticated  # before a byte of the body is read
        loop = asyncio.get_running_loop()
        if endpoint.answer == "events":
            request = await loop.run_in_executor(self._pool, self._admit, match, scope, headers)
            return await self.live.stream(_position(request, headers))
        if endpoint.body == "bytes":
            limit = LIMITS.get(endpoint.name, FILE_LIMIT)
            upload = Upload(receive, headers, limit=limit)
            return await loop.run_in_executor(
                self._files, self._store, match, scope, headers, upload
            )
        body = await self._read(endpoint, receive, headers, scope["method"])
        pool = self._files if endpoint.answer == "bytes" else self._pool
        return await loop.run_in_executor(pool, self._handle, match, scope, headers, body)

    async def _read(
        self, endpoint: Endpoint, receive: Receive, headers: Headers, method: str
    ) -> bytes:
        if method in ("GET", "HEAD"):
            return b""
        check_type(endpoint, method, headers)
        return await read_body(receive, headers, limit=LIMITS.get(endpoint.name, JSON_LIMIT))

    # -- in a thread -----------------------------------------------------------------------------
    def _handle(self, match: Match, scope: Scope, headers: Headers, body: bytes) -> Response:
        context = self.context(match, scope, headers)
        result = _call(match, context, decode(match, scope, body))
        response = _write(match.endpoint, result, headers)
        return compression.packed(response, self.routes.strip(scope["path"]), headers)

    def _store(self, match: Match, scope: Scope, headers: Headers, upload: Upload) -> Response:
        context = self.context(match, scope, headers)
        result = _call(match, context, decode(match, scope), upload)
        return _write(match.endpoint, result, headers)

    def _admit(self, match: Match, scope: Scope, headers: Headers) -> msgspec.Struct:
        self.context(match, scope, headers)
        return decode(match, scope)

    def context(self, match: Match, scope: Scope, headers: Mapping[str, str]) -> Context:
        """Return what a handler works with, for who asks. Raises: if they may not, or not now."""
        requests.current.set(scope.get("request_id", requests.NONE))  # this thread's, from here on
        permission = match.endpoint.permission
        if permission.action is Action.PUBLIC:
            return Context(self.services, Principal(role="viewer"))
        address = scope["client"][0] if scope.get("client") else ""
        principal = self.services.identity.principal(headers, address)
        authorize(principal, permission)
        self.services.space.admit(match.endpoint)
        return Context(self.services, principal)


def _call(match: Match, *arguments: Any) -> Any:
    assert match.handler is not None  # rows without one are streams, answered before
    return match.handler(*arguments)


def decode(match: Match, scope: Scope, body: bytes = b"") -> msgspec.Struct:
    """Return what is asked. Raises: BadRequest, BadInput."""
    try:
        query = parse_qsl(
            scope["query_string"].decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=MOST_ARGUMENTS,
            errors="strict",
        )
    except ValueError as error:
        raise BadRequest(f"the query string cannot be read: {error}") from None
    return codec.decode_request(
        match.endpoint, scope["method"], path=match.path, query=query, body=body
    )


def _write(endpoint: Endpoint, result: Any, headers: Headers) -> Response:
    if isinstance(result, Opened):
        return send_file(result, headers)
    if result is None:
        return Response(status_code=200)
    return Response(encode(endpoint, result), media_type=codec.CONTENT_TYPES[endpoint.answer])


def encode(endpoint: Endpoint, result: Any) -> bytes:
    """Return the body of an answer; some handlers return it themselves."""
    return result if isinstance(result, bytes) else codec.encode_answer(endpoint, result)


def check_type(endpoint: Endpoint, method: str, headers: Mapping[str, str]) -> None:
    """Refuse a body that does not say it is what the row takes.

    MLflow checks POST and PUT and answers 400; our rows check every method and answer 415. A form
    of another site's page cannot send these types unasked, so this also stops forgeries.
    """
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    if endpoint.own:
        wanted = codec.CONTENT_TYPES[endpoint.body]
        if given != wanted and (given or headers.get("content-length", "0") != "0"):
            raise UnsupportedMediaType(f"the body must be {wanted}, not {given or 'untyped'}")
    elif method in ("POST", "PUT") and given != "application/json":
        raise BadInput(
            f"Bad Request. Content-Type must be application/json, not {given or 'absent'}"
        )


def _position(request: msgspec.Struct, headers: Headers) -> int | None:
    after: int | None = getattr(request, "after", None)
    if after is not None:
        return after
    text = headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() else None
