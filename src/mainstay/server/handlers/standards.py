"""The logging standards of experiments."""

from __future__ import annotations

from mainstay.server.context import Context
from mainstay.wire.base import Done
from mainstay.wire.standards import (
    CheckStandard,
    DeleteStandard,
    GetStandard,
    SetStandard,
    StandardAnswer,
    StandardReportAnswer,
)


def get(context: Context, request: GetStandard) -> StandardAnswer:
    """Return an experiment's standard."""
    return StandardAnswer(standard=context.standards.get_standard(request.experiment_id))


def set_standard(context: Context, request: SetStandard) -> StandardAnswer:
    """Set an experiment's standard."""
    done = context.standards.set_standard(request.experiment_id, request.text, by=context.principal)
    return StandardAnswer(standard=done)


def delete(context: Context, request: DeleteStandard) -> Done:
    """Remove an experiment's standard."""
    context.standards.delete_standard(request.experiment_id, by=context.principal)
    return Done()


def check(context: Context, request: CheckStandard) -> StandardReportAnswer:
    """Judge a run."""
    return StandardReportAnswer(report=context.standards.check_run(request.run_id))
