"""How long experiments keep what nobody needs, and what they hold."""

from __future__ import annotations

from mainstay.entities.retention import Retention
from mainstay.server.context import Context
from mainstay.wire.base import Done
from mainstay.wire.retention import (
    DeleteRetention,
    GetHolding,
    GetRetention,
    HoldingAnswer,
    RetentionAnswer,
    SetRetention,
)


def get(context: Context, request: GetRetention) -> RetentionAnswer:
    """Return an experiment's rule."""
    return RetentionAnswer(retention=context.retention.get_retention(request.experiment_id))


def set_retention(context: Context, request: SetRetention) -> RetentionAnswer:
    """Set an experiment's rule."""
    rule = Retention(
        experiment_id=request.experiment_id,
        deleted=request.deleted,
        unregistered=request.unregistered,
        files=request.files,
    )
    done = context.retention.set_retention(rule, by=context.principal)
    return RetentionAnswer(retention=done)


def delete(context: Context, request: DeleteRetention) -> Done:
    """Remove an experiment's rule."""
    context.retention.delete_retention(request.experiment_id, by=context.principal)
    return Done()


def holding(context: Context, request: GetHolding) -> HoldingAnswer:
    """Measure an experiment."""
    return HoldingAnswer(holding=context.retention.get_holding(request.experiment_id))
