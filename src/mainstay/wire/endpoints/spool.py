"""Endpoints of the spool's sender."""

from mainstay.wire import spool as messages
from mainstay.wire.endpoint import Action, Kind, own

APPLY = own(
    "spool.apply",
    "POST",
    "spool/apply",
    messages.Apply,
    messages.AppliedAnswer,
    (Action.WRITE, Kind.RUN),
    body="msgpack",
    answer="msgpack",
)
APPLIED = own(
    "spool.applied",
    "GET",
    "spool/applied",
    messages.GetApplied,
    messages.AppliedAnswer,
    (Action.READ, Kind.RUN),
    answer="msgpack",
)
