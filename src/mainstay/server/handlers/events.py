"""Events of the outbox, as a list. The stream is in ``server.live``."""

from __future__ import annotations

from mainstay.server.context import Context
from mainstay.wire.events import EventList, ListEvents

MOST_EVENTS = 10_000


def list_events(context: Context, request: ListEvents) -> EventList:
    """Return events above a position."""
    found = context.release.list_events(after=request.after, limit=min(request.limit, MOST_EVENTS))
    return EventList(events=found)
