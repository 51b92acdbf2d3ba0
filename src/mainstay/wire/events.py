"""Messages about events of the outbox."""

from __future__ import annotations

from mainstay.entities.events import Event
from mainstay.wire.base import Answer, Int64, Own


class ListEvents(Own, frozen=True, kw_only=True):
    """Ask for events above ``after``."""

    after: Int64 = 0
    limit: Int64 = 1000


class EventList(Answer, frozen=True, kw_only=True):
    """Events, in order."""

    events: list[Event]


class StreamEvents(Own, frozen=True, kw_only=True):
    """Ask for a stream of events above ``after`` (text/event-stream); it goes on until closed.

    Left out, ``after`` is the header ``Last-Event-ID``, else the stream begins with what happens
    next.
    """

    after: Int64 | None = None
