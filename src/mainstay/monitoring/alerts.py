"""The states of an alert: inactive, pending, firing, resolved. Pure.

An alert fires when ``breaches`` of the last ``windows`` windows breached, and ends only after
``clear`` windows in a row that were well below the bound: what flickers around it stays as it is.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from mainstay.entities.digests import text_digest
from mainstay.entities.monitoring import Alert, AlertKind, AlertState
from mainstay.monitoring.policy import Persistence

Level = Literal["breach", "near", "clear"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one subject. ``levels`` are those of its windows, newest first."""

    kind: AlertKind
    subject: str = ""
    levels: tuple[Level, ...]
    value: float
    threshold: float
    message: str


def alert_id(deployment: str, version: int, kind: AlertKind, subject: str) -> str:
    """Return the one id of an alert about this subject; the same problem reopens it."""
    return text_digest("\n".join((deployment, str(version), kind, subject)))[:32]


def new(deployment: str, name: str, version: int, finding: Finding) -> Alert:
    """Return the inactive alert that a first finding is advanced from."""
    return Alert(
        alert_id=alert_id(deployment, version, finding.kind, finding.subject),
        deployment=deployment,
        name=name,
        version=version,
        kind=finding.kind,
        subject=finding.subject,
    )


def advance(alert: Alert, finding: Finding, persistence: Persistence, now: int) -> Alert:
    """Return the alert after a finding.

    ``streak`` counts the newest windows in a row that breached; ``since`` is when it entered its
    state; ``updated_at`` moves only if something changed.
    """
    state = _state(alert.state, finding.levels, persistence)
    seen = msgspec.structs.replace(
        alert,
        state=state,
        value=finding.value,
        threshold=finding.threshold,
        message=finding.message if state != "resolved" else f"over: {finding.message}",
        streak=_streak(finding.levels),
        since=now if state != alert.state else alert.since,
    )
    return seen if seen == alert else msgspec.structs.replace(seen, updated_at=now)


def close(alert: Alert, reason: str, now: int) -> Alert:
    """Return the alert resolved because its subject is gone."""
    return msgspec.structs.replace(
        alert, state="resolved", message=reason, streak=0, since=now, updated_at=now
    )


def _state(state: AlertState, levels: tuple[Level, ...], rule: Persistence) -> AlertState:
    quiet = len(levels) >= rule.clear and all(level == "clear" for level in levels[: rule.clear])
    if state == "firing":
        return "resolved" if quiet else "firing"
    recent = levels[: rule.windows]
    # Only a breach of the newest window fires: what is past has been judged already.
    if levels[:1] == ("breach",):
        return "firing" if recent.count("breach") >= rule.breaches else "pending"
    if state == "pending":
        return "pending" if "breach" in recent else "inactive"
    return state


def _streak(levels: tuple[Level, ...]) -> int:
    return next((n for n, level in enumerate(levels) if level != "breach"), len(levels))
