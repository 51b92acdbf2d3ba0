"""The application: endpoints behind the hardening layer, with what runs beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.types import Receive, Scope, Send

from mainstay import settings
from mainstay.server.context import Services
from mainstay.server.edge import Edge
from mainstay.server.handlers import HANDLERS
from mainstay.server.hardening import Hardening, Neighbours
from mainstay.server.hashing import Hashing
from mainstay.server.live import Live
from mainstay.server.outbox import Outbox, Subscriber
from mainstay.server.routes import Routes
from mainstay.server.swift import Swift
from mainstay.server.webhooks import Deliverer, Queue
from mainstay.stores.sql import cursors
from mainstay.stores.sql.database import Database
from mainstay.webhooks.sending import Sender
from mainstay.wire.endpoints import TABLE

if TYPE_CHECKING:
    from mainstay.server.spools import Spools


@dataclass(frozen=True)
class Publication:
    """How a server is reached, and what it reaches: path prefix, neighbours, webhooks."""

    prefix: str = ""
    neighbours: Neighbours = field(default_factory=Neighbours)
    sender: Sender = field(default_factory=Sender)


class App:
    """The ASGI application of one server process."""

    def __init__(
        self,
        services: Services,
        database: Database,
        publication: Publication | None = None,
        spools: Spools | None = None,
    ) -> None:
        published = publication or Publication()
        self.live = Live(services.release, lambda: _last_event(database))
        self.outbox = Outbox(database, services.release, _subscribers(services, database))
        self.deliverer = Deliverer(database, published.sender)
        self.hashing = Hashing(services, database)
        self.spools = spools
        self.edge = Edge(Routes(TABLE, HANDLERS, published.prefix), services, self.live)
        self._entrance = Hardening(self.edge, published.neighbours)
        self.swift = Swift(self.edge, self._entrance)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or follow the life of the process that runs the application."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._entrance(scope, receive, send)

    def drain(self) -> None:
        """End what would go on for ever, so that the server can finish the rest and stop."""
        self.live.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        """Start and stop what runs beside the answers, as ASGI's lifespan says."""
        await receive()
        self.outbox.start()
        self.deliverer.start()
        self.hashing.start()
        if self.spools is not None:
            self.spools.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.live.close()
        self.outbox.stop()
        self.deliverer.stop()
        self.hashing.stop()
        if self.spools is not None:
            self.spools.stop()
        self.edge.close()
        await send({"type": "lifespan.shutdown.complete"})


def _last_event(database: Database) -> int:
    with database.read() as connection:
        return cursors.last_event(connection)


def _subscribers(services: Services, database: Database) -> list[Subscriber]:
    """Return who takes events of the outbox."""
    found: list[Subscriber] = [Queue(database)]
    target = settings.OPENLINEAGE.get()
    if target:
        # Lineage reads models' descriptions; a start without it is 15 ms shorter.
        from mainstay.server.openlineage import OpenLineage

        found.append(OpenLineage(services, target))
    return found
