"""Messages of the spool's sender: records in, how far the segment has come out (msgpack)."""

from __future__ import annotations

from mainstay.entities.spool import Applied, Record
from mainstay.wire.base import Answer, Own, Text


class Apply(Own, frozen=True, kw_only=True):
    """Apply spooled records in order, each once."""

    segment: Text
    records: list[Record]


class GetApplied(Own, frozen=True, kw_only=True):
    """Ask how far a segment has come."""

    segment: Text


class AppliedAnswer(Answer, frozen=True, kw_only=True):
    """How far a segment has come, and what was refused of the records just sent."""

    applied: Applied
