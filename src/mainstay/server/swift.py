"""Small requests that the event loop answers without waking a thread for each.

What clients do all day, log a point or ask who holds an alias, takes less work than waking a
thread. A small write is read by the loop and queued; its handler runs inside the transaction of the
writer of a SQLite database, and the loop is woken once for all that one commit answers. A glance,
which reads a few rows of a SQLite database that has a write-ahead log and so never waits, is taken
by the loop itself. On PostgreSQL, for large bodies and for callers with credentials, which must be
looked up, requests take the way through a thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.datastructures import Headers

from mainstay.promotion.standards import StandardTracking
from mainstay.server.context import Context, Services
from mainstay.server.handlers import Handler
from mainstay.stores.base.passing import PassingRegistry
from mainstay.stores.sql.database import Database, Joined
from mainstay.stores.sql.registry import SqlRegistry
from mainstay.stores.sql.tracking import SqlTracking

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


class Swift:
    """The short ways to the stores of a server, where there are any."""

    def __init__(self, services: Services) -> None:
        self._services = services
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

    def glances(self, name: str, headers: Headers) -> bool:
        """Tell whether the event loop may answer a request itself."""
        if name in INSTANT:
            return True
        return self._glances and name in GLANCES and "authorization" not in headers

    def takes(self, name: str, headers: Headers, body: bytes) -> bool:
        """Tell whether a request can be handed to the writer."""
        return (
            name in WRITES
            and self._database is not None
            and len(body) <= SMALL
            and "authorization" not in headers
        )

    async def call(self, handler: Handler, context: Context, request: msgspec.Struct) -> Any:
        """Run a handler inside a transaction; return its answer after the commit."""

        def work(connection: Connection) -> Any:
            return handler(Context(self._inside(connection), context.principal), request)

        assert self._database is not None, "takes() said so"
        return await self._database.begin_write(work)

    def _inside(self, connection: Connection) -> Services:
        """Return services that write to the transaction of a connection; in the writer's thread."""
        if self._joined is None or self._joined[0] is not connection:
            tracking = SqlTracking(Joined(connection), artifact_root=self._root)
            self._joined = connection, replace(self._services, tracking=tracking)
        return self._joined[1]


def _sqlite(store: object) -> Database | None:
    """Return the SQLite database behind a store; None if there is none."""
    if not isinstance(store, SqlTracking | SqlRegistry):
        return None
    database = store.database
    return database if isinstance(database, Database) and database.dialect == "sqlite" else None
