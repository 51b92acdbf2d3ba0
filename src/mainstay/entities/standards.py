"""Logging standards: what a run of an experiment must have logged, and whether one has."""

from __future__ import annotations

from typing import Literal

import msgspec

StandardMode = Literal["warn", "enforce"]

STATE_TAG = "mainstay.standard"
"""The run's tag that says ``complete`` or ``incomplete``."""

MISSING_TAG = "mainstay.standard.missing"
"""The run's tag that lists what is missing, separated by commas."""


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """The standard of an experiment: its YAML text as it was set, by whom and when."""

    experiment_id: str
    text: str
    digest: str
    principal: str = ""
    at: int = 0


class StandardReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a run stands: ``missing`` names such as ``tag owner`` or ``metric auc``; empty is good.

    ``digest`` is that of the standard it was judged by.
    """

    run_id: str
    experiment_id: str
    mode: StandardMode
    digest: str
    missing: list[str] = []

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing
