"""The application: endpoints behind the hardening layer, with what runs beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from mainstay import settings
from mainstay.server.context import Services
from mainstay.server.edge import Edge
from mainstay.server.handlers import HANDLERS
from mainstay.server.hardening import Hardening, Neighbours
from mainstay.server.hashing import Hashing
from mainstay.server.live import Live
from mainstay.server.openlineage import OpenLineage
from mainstay.server.outbox import Outbox, Subscriber
from mainstay.server.routes import Routes
from mainstay.server.webhooks import Deliverer, Queue
from mainstay.stores.sql import cursors
from mainstay.stores.sql.database import Database
from mainstay.webhooks.sending import Sender
from mainstay.wire.endpoints import TABLE


@dataclass(frozen=True)
class Publication:
    """How a server is reached, and what it reaches: path prefix, neighbours, webhooks."""

    prefix: str = ""
    neighbours: Neighbours = field(default_factory=Neighbours)
    sender: Sender = field(default_factory=Sender)


class App:
    """The ASGI application of one server process."""

    def __init__(
        self, services: Services, database: Database, publication: Publication | None = None
    ) -> None:
        published = publication or Publication()
        self.live = Live(services.release, lambda: _last_event(database))
        self.outbox = Outbox(database, services.release, _subscribers(services, database))
        self.deliverer = Deliverer(database, published.sender)
        self.edge = Edge(Routes(TABLE, HANDLERS, published.prefix), services, self.live)
        router = Router(default=self.edge, lifespan=self._life, redirect_slashes=False)
        self._entrance = Hardening(router, published.neighbours)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await self._entrance(scope, receive, send)

    def drain(self) -> None:
        """End what would go on for ever, so that the server can finish the rest and stop."""
        self.live.close()

    @asynccontextmanager
    async def _life(self, _: Router) -> AsyncIterator[None]:
        self.outbox.start()
        self.deliverer.start()
        try:
            yield
        finally:
            self.live.close()
            self.outbox.stop()
            self.deliverer.stop()
            self.edge.close()


def _last_event(database: Database) -> int:
    with database.read() as connection:
        return cursors.last_event(connection)


def _subscribers(services: Services, database: Database) -> list[Subscriber]:
    """Return who takes events of the outbox."""
    found: list[Subscriber] = [Hashing(services), Queue(database)]
    target = settings.OPENLINEAGE.get()
    if target:
        found.append(OpenLineage(services, target))
    return found
