"""What is done about a firing alert, once.

An action is claimed in the store under an id made from its cause, then carried out, then finished.
Two monitors cannot both claim it. One that died in between left it unfinished: the next tick takes
it over, which is harmless, since a rollback names the version that it takes the alias from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from mainstay.entities.accounts import Principal
from mainstay.entities.digests import text_digest
from mainstay.entities.monitoring import Action, Alert
from mainstay.errors import BadInput, Conflict, NotFound, PermissionDenied
from mainstay.monitoring.policy import MonitorPolicy
from mainstay.monitoring.served import Served
from mainstay.promotion.rollback import rollback

if TYPE_CHECKING:
    from mainstay.connect import Stores

Wanted = Literal["notify", "retrain", "rollback"]

MONITOR = Principal(name="monitor", claimed="mainstay monitor")
STARTED = "started"
TAKE_OVER = 60_000
HARM = ("error_rate", "latency", "performance")
"""Kinds of alert that can be a version's own fault."""


def wanted(alert: Alert, policy: MonitorPolicy) -> Wanted:
    """Return what the policy asks for on this kind of alert."""
    if alert.kind == "error_rate":
        return policy.error_rate.action
    if alert.kind == "latency":
        return policy.latency.action
    if alert.kind == "input_drift":
        return policy.input_drift.action
    return policy.prediction_drift.action


def objection(
    alert: Alert, served: Served, policy: MonitorPolicy, *, attributable: bool, now: int
) -> str:
    """Say why the alias must not be rolled back for this alert; empty if it may be."""
    if alert.kind not in HARM:
        return "the version before would meet the same inputs"
    if served.alias is None:
        return f"{served.deployment} follows no alias"
    if alert.version != served.version:
        return f"version {alert.version} no longer holds the alias"
    if served.change is None or served.previous is None:
        return f"no version held {served.alias!r} before version {served.version}"
    if served.change.kind == "rollback":
        return f"version {served.version} came by a rollback itself; a person must decide"
    if now - served.rolled_back_at < policy.cooldown * 1000:
        return f"the last rollback is less than {policy.cooldown:g} s ago"
    if now - served.since > policy.probation * 1000:
        return (
            f"version {served.version} has served for more than {policy.probation:g} s; "
            "what changed is not the model"
        )
    if not attributable:
        return f"version {served.previous} failed as often"
    return ""


def notification(alert: Alert, now: int, *, remark: str = "") -> Action:
    """Return the note, one a firing, that people were told: the alert went out as an event."""
    return Action(
        action_id=_id("notify", alert.alert_id, str(alert.since)),
        alert_id=alert.alert_id,
        kind="notify",
        done=True,
        detail=f"{alert.message}; {remark}" if remark else alert.message,
        at=now,
    )


def retraining(alert: Alert, now: int) -> Action:
    """Return the request to train anew, one a firing; whoever trains finishes it."""
    return Action(
        action_id=_id("retrain", alert.alert_id, str(alert.since)),
        alert_id=alert.alert_id,
        kind="retrain",
        done=False,
        detail=f"{alert.name} is to be trained anew: {alert.message}",
        at=now,
    )


def asked_lately(alert: Alert, past: Mapping[str, Action], policy: MonitorPolicy, now: int) -> bool:
    """Say whether retraining was asked for because of this alert within the cool-down."""
    return any(
        action.kind == "retrain"
        and action.alert_id == alert.alert_id
        and now - action.at < policy.cooldown * 1000
        for action in past.values()
    )


def claim(alert: Alert, served: Served, now: int) -> Action:
    """Return the claim to roll back: one for each time that the alias came to a version."""
    move = 0 if served.change is None else served.change.change_id
    return Action(
        action_id=_id("rollback", served.deployment, str(move)),
        alert_id=alert.alert_id,
        kind="rollback",
        done=False,
        detail=STARTED,
        at=now,
    )


def unfinished(action: Action) -> bool:
    """Say whether a rollback was claimed and not finished."""
    return action.kind == "rollback" and not action.done and action.detail == STARTED


def left_behind(action: Action, now: int) -> bool:
    """Say whether somebody claimed the rollback ``TAKE_OVER`` ms ago and never finished it."""
    return unfinished(action) and now - action.at >= TAKE_OVER


def roll_back(
    stores: Stores, action: Action, alert: Alert, served: Served, *, taken_over: bool = False
) -> None:
    """Claim the rollback, unless it is taken over, and take the alias from the served version.

    Raises:
        Unavailable: a store did not answer; a later tick takes the action over.
    """
    if not stores.monitoring.record_action(action) and not taken_over:
        return
    done, detail = _move(stores, alert, served)
    stores.monitoring.finish_action(action.action_id, done=done, detail=detail)


def _move(stores: Stores, alert: Alert, served: Served) -> tuple[bool, str]:
    where = f"{served.name}@{served.alias}"
    try:
        change = rollback(
            stores.registry,
            stores.release,
            served.name,
            served.alias or "",
            by=MONITOR,
            reason=f"{alert.kind} alert: {alert.message}",
            expected=served.version,
        )
    except Conflict as error:
        return False, f"somebody else moved {where} first: {error.message}"
    except (BadInput, NotFound, PermissionDenied) as error:
        return False, f"{where} was not rolled back: {error.message}"
    return True, f"{where} went from version {served.version} back to {change.version}"


def _id(*parts: str) -> str:
    return text_digest("\n".join(parts))[:32]
