"""Endpoints of the server itself, and of its events."""

from mainstay.wire import events
from mainstay.wire import server as messages
from mainstay.wire.base import Empty
from mainstay.wire.endpoint import PUBLIC, Action, Endpoint, Kind, own

HEALTH = Endpoint(
    name="server.health",
    methods=("GET",),
    path="/health",
    request=Empty,
    response=Empty,
    permission=PUBLIC,
    answer="text",
)
LIVE = Endpoint(
    name="server.live",
    methods=("GET",),
    path="/livez",
    request=Empty,
    response=Empty,
    permission=PUBLIC,
    answer="text",
)
READY = Endpoint(
    name="server.ready",
    methods=("GET",),
    path="/readyz",
    request=Empty,
    response=Empty,
    permission=PUBLIC,
    answer="text",
)
VERSION = Endpoint(
    name="server.version",
    methods=("GET",),
    path="/version",
    request=Empty,
    response=Empty,
    permission=PUBLIC,
    answer="text",
)
INFO = Endpoint(
    name="server.info",
    methods=("GET",),
    path="/api/3.0/mlflow/server-info",
    request=Empty,
    response=messages.ServerInfo,
    permission=PUBLIC,
)
GET = Endpoint(
    name="server.get",
    methods=("GET",),
    path="/api/mainstay/1.0/server",
    request=messages.GetServer,
    response=messages.ServerAnswer,
    permission=PUBLIC,
)
OPENAPI = own("server.openapi", "GET", "openapi.json", Empty, Empty, (Action.READ, Kind.SERVER))
METRICS = Endpoint(
    name="server.metrics",
    methods=("GET",),
    path="/metrics",
    request=Empty,
    response=Empty,
    permission=OPENAPI.permission,
    answer="text",
)
LIST_EVENTS = own(
    "events.list",
    "GET",
    "events",
    events.ListEvents,
    events.EventList,
    (Action.READ, Kind.EVENT),
)
STREAM_EVENTS = own(
    "events.stream",
    "GET",
    "events/stream",
    events.StreamEvents,
    Empty,
    (Action.READ, Kind.EVENT),
    answer="events",
)
