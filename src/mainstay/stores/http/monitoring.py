"""The monitoring store over HTTP; a mainstay server only."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.entities.monitoring import Action, Alert, Deployment, Report, WindowCounts
from mainstay.stores.http.client import HttpClient
from mainstay.wire import monitoring as messages
from mainstay.wire.base import Done
from mainstay.wire.endpoints import monitoring as rows


class HttpMonitoring:
    """A server's windows, reports, alerts, actions and deployments."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client

    def add_windows(self, windows: Sequence[WindowCounts]) -> None:
        """Send POST monitoring/windows."""
        self.client.call(rows.ADD_WINDOWS, messages.AddWindows(windows=list(windows)), Done)

    def list_windows(
        self,
        deployment: str,
        *,
        since: int = 0,
        until: int | None = None,
        version: int | None = None,
    ) -> list[WindowCounts]:
        """Send GET monitoring/windows."""
        request = messages.ListWindows(
            deployment=deployment, since=since, until=until, version=version
        )
        return self.client.call(rows.LIST_WINDOWS, request, messages.WindowList).windows

    def record_report(self, report: Report) -> None:
        """Send POST monitoring/reports."""
        self.client.call(rows.RECORD_REPORT, messages.RecordReport(report=report), Done)

    def list_reports(self, deployment: str, *, limit: int = 100) -> list[Report]:
        """Send GET monitoring/reports."""
        request = messages.ListReports(deployment=deployment, limit=limit)
        return self.client.call(rows.LIST_REPORTS, request, messages.ReportList).reports

    def put_alerts(self, alerts: Sequence[Alert]) -> None:
        """Send PUT monitoring/alerts."""
        self.client.call(rows.PUT_ALERTS, messages.PutAlerts(alerts=list(alerts)), Done)

    def list_alerts(self, *, deployment: str | None = None, firing: bool = False) -> list[Alert]:
        """Send GET monitoring/alerts."""
        request = messages.ListAlerts(deployment=deployment, firing=firing)
        return self.client.call(rows.LIST_ALERTS, request, messages.AlertList).alerts

    def record_action(self, action: Action) -> bool:
        """Send POST monitoring/actions."""
        request = messages.RecordAction(action=action)
        return self.client.call(rows.RECORD_ACTION, request, messages.ActionClaimed).claimed

    def finish_action(self, action_id: str, *, done: bool, detail: str) -> None:
        """Send POST monitoring/actions/finish."""
        request = messages.FinishAction(action_id=action_id, done=done, detail=detail)
        self.client.call(rows.FINISH_ACTION, request, Done)

    def list_actions(self, *, alert_id: str | None = None, limit: int = 100) -> list[Action]:
        """Send GET monitoring/actions."""
        request = messages.ListActions(alert_id=alert_id, limit=limit)
        return self.client.call(rows.LIST_ACTIONS, request, messages.ActionList).actions

    def put_deployment(self, deployment: Deployment) -> None:
        """Send PUT deployments."""
        self.client.call(rows.PUT_DEPLOYMENT, messages.PutDeployment(deployment=deployment), Done)

    def list_deployments(self) -> list[Deployment]:
        """Send GET deployments."""
        request = messages.ListDeployments()
        return self.client.call(rows.LIST_DEPLOYMENTS, request, messages.DeploymentList).deployments
