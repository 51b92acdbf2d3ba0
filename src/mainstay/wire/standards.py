"""Messages about the logging standards of experiments."""

from __future__ import annotations

from mainstay.entities.standards import Standard, StandardReport
from mainstay.wire.base import Answer, Own, Text


class GetStandard(Own, frozen=True, kw_only=True):
    """Ask for the logging standard of an experiment."""

    experiment_id: Text


class StandardAnswer(Answer, frozen=True, kw_only=True):
    """An experiment's standard; null where it has none."""

    standard: Standard | None


class SetStandard(Own, frozen=True, kw_only=True):
    """Set or replace the logging standard of an experiment, in YAML."""

    experiment_id: Text
    text: Text


class DeleteStandard(Own, frozen=True, kw_only=True):
    """Remove the logging standard of an experiment."""

    experiment_id: Text


class CheckStandard(Own, frozen=True, kw_only=True):
    """Judge a run by its experiment's standard, now, and tag it so."""

    run_id: Text


class StandardReportAnswer(Answer, frozen=True, kw_only=True):
    """How the run stands; null where its experiment has no standard."""

    report: StandardReport | None
