"""Spooled records of clients."""

from __future__ import annotations

from mainstay.entities.spool import Applied
from mainstay.server.context import Context
from mainstay.wire.spool import AppliedAnswer, Apply, GetApplied


def apply(context: Context, request: Apply) -> AppliedAnswer:
    """Apply records in order, each once."""
    return AppliedAnswer(applied=context.tracking.apply(request.segment, request.records))


def applied(context: Context, request: GetApplied) -> AppliedAnswer:
    """Return how far a segment has come."""
    sequence = context.tracking.applied(request.segment)
    return AppliedAnswer(applied=Applied(segment=request.segment, sequence=sequence))
