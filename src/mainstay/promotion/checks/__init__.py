"""The checks a gate may demand: one file a kind, found through one table.

A check is a frozen record of its parameters with ``kind`` and ``run(evidence, baseline)``. Third
parties add kinds through the entry-point group ``mainstay.checks``.
"""

from __future__ import annotations

from mainstay.plugins import PluginTable
from mainstay.promotion.checks.base import Check, Parameters, Subject

CHECKS: PluginTable[type[Check]] = PluginTable(
    "mainstay.checks",
    {
        "threshold": "mainstay.promotion.checks.threshold:Threshold",
        "better_than_champion": "mainstay.promotion.checks.better_than_champion:BetterThanChampion",
        "schema": "mainstay.promotion.checks.schema:Schema",
        "latency": "mainstay.promotion.checks.latency:Latency",
        "size": "mainstay.promotion.checks.size:Size",
        "fresh": "mainstay.promotion.checks.fresh:Fresh",
        "signed": "mainstay.promotion.checks.signed:Signed",
        "approval": "mainstay.promotion.checks.approval:ApprovalBy",
    },
)

__all__ = ["CHECKS", "Check", "Parameters", "Subject"]
