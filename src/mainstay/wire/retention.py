"""Messages about how long experiments keep what nobody needs, and what they hold."""

from __future__ import annotations

from mainstay.entities.retention import Holding, Retention
from mainstay.wire.base import Answer, Own, Text


class GetRetention(Own, frozen=True, kw_only=True):
    """Ask for the retention rule of an experiment."""

    experiment_id: Text


class SetRetention(Own, frozen=True, kw_only=True):
    """Set or replace the retention rule of an experiment; numbers are days, null is for ever."""

    experiment_id: Text
    deleted: float | None = None
    unregistered: float | None = None
    files: float | None = None


class DeleteRetention(Own, frozen=True, kw_only=True):
    """Remove the retention rule of an experiment."""

    experiment_id: Text


class RetentionAnswer(Answer, frozen=True, kw_only=True):
    """An experiment's rule; null where everything is kept."""

    retention: Retention | None


class GetHolding(Own, frozen=True, kw_only=True):
    """Ask how much an experiment holds."""

    experiment_id: Text


class HoldingAnswer(Answer, frozen=True, kw_only=True):
    """How much an experiment holds."""

    holding: Holding
