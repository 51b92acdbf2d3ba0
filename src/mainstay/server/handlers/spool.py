"""Spooled records of clients."""

from __future__ import annotations

from mainstay.entities.spool import Applied, CreateVersion
from mainstay.server.context import Context
from mainstay.server.hashing import hash_pending
from mainstay.wire.spool import AppliedAnswer, Apply, GetApplied


def apply(context: Context, request: Apply) -> AppliedAnswer:
    """Apply records in order, each once.

    Versions that they register have their digest before the answer, so that a client may promote
    at once; a repeat of the request does what a crash left undone.
    """
    done = context.tracking.apply(request.segment, request.records, by=context.principal)
    made = (record.operation for record in request.records)
    for name in sorted({item.name for item in made if isinstance(item, CreateVersion)}):
        hash_pending(context, name)
    return AppliedAnswer(applied=done)


def applied(context: Context, request: GetApplied) -> AppliedAnswer:
    """Return how far a segment has come."""
    sequence = context.tracking.applied(request.segment)
    return AppliedAnswer(applied=Applied(segment=request.segment, sequence=sequence))
