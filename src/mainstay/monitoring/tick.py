"""One tick of the monitor: read counts, report, advance alerts, act.

A window is judged when it holds enough rows, and counted in one report only. Errors are looked at
anew in every tick, since a burst must be found within seconds. Writes come in an order that lets
the next tick finish what a crash left: alerts, report, actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mainstay.entities.monitoring import Action, Alert, Report
from mainstay.monitoring import actions, alerts, findings, windows
from mainstay.monitoring.alerts import Finding
from mainstay.monitoring.policy import DEFAULT, MonitorPolicy
from mainstay.monitoring.reference import References
from mainstay.monitoring.report import build
from mainstay.monitoring.served import Served, find
from mainstay.monitoring.view import View, look

if TYPE_CHECKING:
    from mainstay.connect import Stores


def tick(
    stores: Stores,
    deployment: str,
    *,
    policy: MonitorPolicy = DEFAULT,
    now: int,
    references: References | None = None,
) -> Report:
    """Judge what a deployment served until ``now`` (ms since 1970) and act on it.

    Returns the report of what was not yet judged; it is kept in the store once it holds the
    policy's ``minimum_rows``. ``references`` keeps profiles between ticks.

    Raises:
        BadInput, NotFound: there is no such deployment, model or alias.
        Unavailable: a store did not answer; nothing is lost, the next tick does it.
    """
    served = find(stores.registry, deployment)
    profile = (references or References()).of(stores, served)
    view = look(stores, served, profile, policy, now)
    judged_until = view.reports[0].end if view.reports else 0
    totals = windows.merge(window for window in view.seen if window.end > judged_until)
    report = build(
        totals,
        profile,
        policy,
        deployment=served.deployment,
        name=served.name,
        version=served.version,
        at=now,
    )
    full = max(totals.rows, totals.requests) >= policy.input_drift.minimum_rows
    found = _findings(view, report if full else None, policy)
    known = stores.monitoring.list_alerts(deployment=served.deployment)
    after = _advanced(known, found, served, policy, now)
    changed = [alert for alert in after if alert not in known]
    if changed:
        stores.monitoring.put_alerts(changed)
    if full:
        stores.monitoring.record_report(report)
    if any(alert.state == "firing" for alert in (*known, *after)):
        past = {action.action_id: action for action in stores.monitoring.list_actions(limit=1000)}
        for alert in after:
            if alert.state == "firing":
                _act(stores, alert, view, policy, past, now)
        _settle(stores, known, served, past)
    return report


def _findings(view: View, report: Report | None, policy: MonitorPolicy) -> list[Finding]:
    found = [findings.errors(view.seen, policy.error_rate)]
    if report is not None:
        history = [report, *view.reports]
        found += findings.drift(history)
        found.append(findings.latency(history, policy.latency, view.previous_p99))
    return [finding for finding in found if finding is not None]


def _advanced(
    known: Sequence[Alert],
    found: Sequence[Finding],
    served: Served,
    policy: MonitorPolicy,
    now: int,
) -> list[Alert]:
    """Return every alert of this version after the findings, and those of others closed."""
    by_id = {alert.alert_id: alert for alert in known}
    after: dict[str, Alert] = {}
    for finding in found:
        fresh = alerts.new(served.deployment, served.name, served.version, finding)
        before = by_id.get(fresh.alert_id, fresh)
        moved = alerts.advance(before, finding, findings.persistence(finding.kind, policy), now)
        if fresh.alert_id in by_id or moved.state != "inactive":
            after[moved.alert_id] = moved
    for alert in known:
        if alert.alert_id in after:
            continue
        gone = alert.version != served.version and alert.state in ("pending", "firing")
        reason = f"version {alert.version} no longer serves: {alert.message}"
        after[alert.alert_id] = alerts.close(alert, reason, now) if gone else alert
    return list(after.values())


def _act(
    stores: Stores,
    alert: Alert,
    view: View,
    policy: MonitorPolicy,
    past: Mapping[str, Action],
    now: int,
) -> None:
    """Do what the policy asks for, unless ``past`` has it; people are told in any case."""
    wanted = actions.wanted(alert, policy)
    why = ""
    if wanted == "rollback":
        blamed = _attributable(alert, view)
        why = actions.objection(alert, view.served, policy, attributable=blamed, now=now)
        why = f"not rolled back: {why}" if why else ""
    todo = [actions.notification(alert, now, remark=why)]
    if wanted == "retrain" and not actions.asked_lately(alert, past, policy, now):
        todo.append(actions.retraining(alert, now))
    for action in todo:
        if action.action_id not in past:
            stores.monitoring.record_action(action)
    if wanted == "rollback" and not why:
        claim = actions.claim(alert, view.served, now)
        known = past.get(claim.action_id)
        if known is None or actions.left_behind(known, now):
            taken_over = known is not None
            actions.roll_back(stores, claim, alert, view.served, taken_over=taken_over)


def _settle(
    stores: Stores,
    known: Sequence[Alert],
    served: Served,
    past: Mapping[str, Action],
) -> None:
    """Finish the rollback of a monitor that moved the alias and then died."""
    gone = {alert.alert_id for alert in known if alert.version != served.version}
    done = served.change is not None and served.change.kind == "rollback"
    for action in past.values():
        if action.alert_id in gone and actions.unfinished(action):
            detail = f"{served.deployment} is on version {served.version} by now"
            stores.monitoring.finish_action(action.action_id, done=done, detail=detail)


def _attributable(alert: Alert, view: View) -> bool:
    if alert.kind != "error_rate":
        return True
    return findings.attributable(windows.merge(view.seen), view.previous)
