"""Windows, reports, alerts, actions and deployments."""

from __future__ import annotations

from mainstay.server.context import Context
from mainstay.wire.base import Done
from mainstay.wire.monitoring import (
    ActionClaimed,
    ActionList,
    AddWindows,
    AlertList,
    DeploymentList,
    FinishAction,
    ListActions,
    ListAlerts,
    ListDeployments,
    ListReports,
    ListWindows,
    PutAlerts,
    PutDeployment,
    RecordAction,
    RecordReport,
    ReportList,
    WindowList,
)


def add_windows(context: Context, request: AddWindows) -> Done:
    """Keep counts."""
    context.monitoring.add_windows(request.windows)
    return Done()


def list_windows(context: Context, request: ListWindows) -> WindowList:
    """Return a deployment's windows."""
    found = context.monitoring.list_windows(
        request.deployment, since=request.since, until=request.until, version=request.version
    )
    return WindowList(windows=found)


def record_report(context: Context, request: RecordReport) -> Done:
    """Keep a report."""
    context.monitoring.record_report(request.report)
    return Done()


def list_reports(context: Context, request: ListReports) -> ReportList:
    """Return a deployment's reports."""
    found = context.monitoring.list_reports(request.deployment, limit=request.limit)
    return ReportList(reports=found)


def put_alerts(context: Context, request: PutAlerts) -> Done:
    """Write alerts in their new state."""
    context.monitoring.put_alerts(request.alerts)
    return Done()


def list_alerts(context: Context, request: ListAlerts) -> AlertList:
    """Return alerts."""
    found = context.monitoring.list_alerts(
        deployment=request.deployment or None, firing=request.firing
    )
    return AlertList(alerts=found)


def record_action(context: Context, request: RecordAction) -> ActionClaimed:
    """Claim an action."""
    return ActionClaimed(claimed=context.monitoring.record_action(request.action))


def finish_action(context: Context, request: FinishAction) -> Done:
    """Say how an action ended."""
    context.monitoring.finish_action(request.action_id, done=request.done, detail=request.detail)
    return Done()


def list_actions(context: Context, request: ListActions) -> ActionList:
    """Return actions."""
    found = context.monitoring.list_actions(alert_id=request.alert_id or None, limit=request.limit)
    return ActionList(actions=found)


def put_deployment(context: Context, request: PutDeployment) -> Done:
    """Write what a serving process says of itself."""
    context.monitoring.put_deployment(request.deployment)
    return Done()


def list_deployments(context: Context, request: ListDeployments) -> DeploymentList:
    """Return deployments."""
    return DeploymentList(deployments=context.monitoring.list_deployments())
