"""Small requests that the event loop answers without a task or a thread for each.

What clients do all day, log a point or ask who holds an alias, takes less work than a task and
waking a thread. A small write is read by the loop and queued; its handler runs inside the
transaction of the writer of a SQLite database, and the loop is woken once for all that one commit
answers. A glance, which reads a few rows of a SQLite database that has a write-ahead log and so
never waits, is taken by the loop itself. On PostgreSQL, for large bodies, for browsers and for
callers with credentials, which must be looked up, requests take the way through a thread.
"""

from __future__ import annotations

import time
from asyncio import Future
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from starlette.types import Scope

from mainstay.promotion.standards import StandardTracking
from mainstay.server import compression, metering, requests
from mainstay.server.context import Context, Services
from mainstay.server.edge import Edge, check_type, decode, encode
from mainstay.server.errors import answer
from mainstay.server.hardening import Hardening
from mainstay.server.routes import Match
from mainstay.server.whole import Whole, of_content, of_response
from mainstay.stores.base.passing import PassingRegistry
from mainstay.stores.sql.database import Database, Joined
from mainstay.stores.sql.registry import SqlRegistry
from mainstay.stores.sql.tracking import SqlTracking
from mainstay.wire.endpoints import BY_NAME

WRITES = frozenset(
    {"runs.create", "runs.log_metric", "runs.log_parameter", "runs.set_tag", "runs.log_batch"}
)
"""Rows whose handlers do nothing but write to the tracking store, and that quickly."""

GLANCES = frozenset(
    {"experiments.get", "experiments.get_by_name", "registry.get_by_alias", "versions.get"}
)
"""Rows whose handlers read a few rows by their keys."""

INSTANT = frozenset({"server.health", "server.live", "server.version"})
"""Rows whose handlers touch nothing."""

SMALL = 128 << 10
"""Bytes of a body that the event loop reads itself: a log-batch of a thousand points."""

Done = Callable[[Whole], None]
"""Takes an answer, in the thread of the event loop."""


class Swift:
    """The short ways to the stores of a server, where there are any."""

    def __init__(self, edge: Edge, hardening: Hardening) -> None:
        self._edge = edge
        self._hardening = hardening
        services = edge.services
        tracking = services.tracking
        while isinstance(tracking, StandardTracking):  # it looks at runs that end; none ends here
            tracking = tracking.inner
        self._database = _sqlite(tracking)
        self._root = tracking.artifact_root if isinstance(tracking, SqlTracking) else ""
        registry = services.registry
        while isinstance(registry, PassingRegistry):
            registry = registry.inner
        both = (self._database, _sqlite(registry))
        self._glances = all(one is not None and one.never_waits for one in both)
        self._joined: tuple[Connection, Services] | None = None
        self._ways = self._find_ways()

    def knows(self, scope: Scope) -> bool:
        """Tell whether a request may be one of those, by its method and path alone."""
        return (scope["method"], scope["path"]) in self._ways

    def begin(self, scope: Scope, body: bytes, done: Done) -> bool:
        """Answer a whole request by ``done``, now or after the commit, in the loop's thread.

        False, and nothing has happened: the request must take the ordinary way.
        """
        begun = time.perf_counter()
        match = self._ways.get((scope["method"], scope["path"]))
        headers = _plain(scope)
        if match is None or headers is None or len(body) > SMALL:
            return False
        if not self._hardening.passes(scope, headers):
            return False
        name = match.endpoint.name
        if name in GLANCES and compression.DOOR in scope["path"] and compression.accepts(headers):
            return False  # packing is work for a thread
        scope["endpoint"] = name
        request_id = scope["request_id"] = requests.identify(headers)

        def finish(result: Any, error: BaseException | None) -> None:
            whole = _whole(match, result, error, request_id)
            metering.record(name, whole.status, time.perf_counter() - begun)
            done(whole)

        try:
            result = self._result(match, scope, headers, body)
        except Exception as error:  # noqa: BLE001  the border: every error becomes an answer
            finish(None, error)
            return True
        if isinstance(result, Future):
            result.add_done_callback(lambda ended: finish(*_outcome(ended)))
        else:
            finish(result, None)
        return True

    def _result(self, match: Match, scope: Scope, headers: Mapping[str, str], body: bytes) -> Any:
        """Return what the handler returns, or its future."""
        context = self._edge.context(match, scope, headers)
        if match.endpoint.name in WRITES:
            check_type(match.endpoint, scope["method"], headers)
        request = decode(match, scope, body)
        handler = match.handler
        assert handler is not None
        if match.endpoint.name not in WRITES:
            return handler(context, request)

        def work(connection: Connection) -> Any:
            return handler(Context(self._inside(connection), context.principal), request)

        assert self._database is not None, "else there is no such way"
        return self._database.begin_write(work)

    def _find_ways(self) -> dict[tuple[str, str], Match]:
        names = set(INSTANT)
        if self._database is not None:
            names |= WRITES
        if self._glances:
            names |= GLANCES
        routes = self._edge.routes
        return {
            (method, place): routes.find(method, place)
            for name in names
            for method in BY_NAME[name].methods
            for path in BY_NAME[name].paths
            for place in {path, routes.prefix + path}
        }

    def _inside(self, connection: Connection) -> Services:
        """Return services that write to the transaction of a connection; in the writer's thread."""
        if self._joined is None or self._joined[0] is not connection:
            tracking = SqlTracking(Joined(connection), artifact_root=self._root)
            self._joined = connection, replace(self._edge.services, tracking=tracking)
        return self._joined[1]


def _plain(scope: Scope) -> dict[str, str] | None:
    """Return the headers of a request; None if one stands there twice or needs more than a look."""
    raw = scope["headers"]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if len(headers) < len(raw) or "authorization" in headers or "origin" in headers:
        return None
    return headers


def _outcome(ended: Future[Any]) -> tuple[Any, BaseException | None]:
    error = ended.exception()
    return (None, error) if error is not None else (ended.result(), None)


def _whole(match: Match, result: Any, error: BaseException | None, request_id: str) -> Whole:
    if error is None:
        try:
            return of_content(encode(match.endpoint, result), request_id, match.endpoint.answer)
        except Exception as failure:  # noqa: BLE001  the border, as above
            error = failure
    return of_response(answer(error, request_id), request_id)


def _sqlite(store: object) -> Database | None:
    """Return the SQLite database behind a store; None if there is none."""
    if not isinstance(store, SqlTracking | SqlRegistry):
        return None
    database = store.database
    return database if isinstance(database, Database) and database.dialect == "sqlite" else None
