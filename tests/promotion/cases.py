"""Versions, evidence and policies that the tests of this room share."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from mainstay.entities.accounts import Principal
from mainstay.entities.release import Evidence
from mainstay.promotion.checks import Subject

DIGEST = "ab" * 32
NOW = 1_800_000_000_000
DAY = 86_400_000
ADA = Principal(name="ada", authenticated=True, role="maintainer")
GRACE = Principal(name="grace", authenticated=True, role="maintainer")


def evidence(kind: str = "quality", *, version: int = 2, **changes: Any) -> Evidence:
    """Make a measurement of ``churn``."""
    fields: dict[str, Any] = {
        "evidence_id": uuid4().hex,
        "name": "churn",
        "version": version,
        "version_digest": DIGEST,
        "kind": kind,
        "values": {"auc": 0.9},
        "dataset_digest": "d1",
        "at": NOW - DAY,
        **changes,
    }
    return Evidence(**fields)


def subject(*found: Evidence, version: int = 2, **changes: Any) -> Subject:
    """Make a version with evidence."""
    fields: dict[str, Any] = {
        "name": "churn",
        "version": version,
        "digest": DIGEST,
        "evidence": found,
        "alias": "champion",
        "now": NOW,
        **changes,
    }
    return Subject(**fields)


def policy(*checks: str, more: str = "") -> str:
    """Write a policy from checks in YAML's flow form, without braces."""
    return "checks:\n" + "".join(f"  - {{{check}}}\n" for check in checks) + more
