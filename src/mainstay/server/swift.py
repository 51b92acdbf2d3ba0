"""Small writes that go from the event loop straight to the writer of a SQLite database.

What clients do all day, log a point, takes less work than waking a thread for it. The loop reads
the request and queues it; its handler runs inside the writer's transaction, and the loop is woken
once for all that one commit answers. On PostgreSQL, for large bodies and for callers with
credentials, which must be looked up, requests take the way through a thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.datastructures import Headers

from mainstay.promotion.standards import StandardTracking
from mainstay.server.context import Context
from mainstay.server.handlers import Handler
from mainstay.stores.base import TrackingStore
from mainstay.stores.sql.database import Database, Joined
from mainstay.stores.sql.tracking import SqlTracking

NAMES = frozenset(
    {"runs.create", "runs.log_metric", "runs.log_parameter", "runs.set_tag", "runs.log_batch"}
)
"""Rows whose handlers do nothing but write to the tracking store, and that quickly."""

SMALL = 16 << 10
"""Bytes of a body that the event loop reads itself."""


def find(tracking: TrackingStore) -> Swift | None:
    """Return the short way to a store; None where there is none."""
    if isinstance(tracking, StandardTracking):  # it watches runs end, and no row here ends one
        tracking = tracking.inner
    if isinstance(tracking, StandardTracking):  # looks at runs that end, and none ends here
        tracking = tracking.inner
    if not isinstance(tracking, SqlTracking):
        return None
    database = tracking.database
    if not isinstance(database, Database) or database.dialect != "sqlite":
        return None
    return Swift(database, artifact_root=tracking.artifact_root)


class Swift:
    """The short way to one SQLite database."""

    def __init__(self, database: Database, *, artifact_root: str) -> None:
        self._database = database
        self._root = artifact_root

    def takes(self, name: str, headers: Headers, body: bytes) -> bool:
        """Tell whether a request can go this way."""
        return name in NAMES and len(body) <= SMALL and "authorization" not in headers

    async def call(self, handler: Handler, context: Context, request: msgspec.Struct) -> Any:
        """Run a handler inside a transaction; return its answer after the commit."""

        def work(connection: Connection) -> Any:
            tracking = SqlTracking(Joined(connection), artifact_root=self._root)
            inside = replace(context.services, tracking=tracking)
            return handler(Context(inside, context.principal), request)

        return await self._database.begin_write(work)
