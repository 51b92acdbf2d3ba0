"""Messages about windows of served traffic, reports, alerts, actions and deployments."""

from __future__ import annotations

from mainstay.entities.monitoring import Action, Alert, Deployment, Report, WindowCounts
from mainstay.wire.base import Answer, Int64, Own, Text


class AddWindows(Own, frozen=True, kw_only=True):
    """Keep counts; a window that is known already is passed over."""

    windows: list[WindowCounts]


class ListWindows(Own, frozen=True, kw_only=True):
    """Ask for the windows of a deployment that ended in (since, until]."""

    deployment: Text
    since: Int64 = 0
    until: Int64 | None = None
    version: Int64 | None = None


class WindowList(Answer, frozen=True, kw_only=True):
    """Windows, oldest first."""

    windows: list[WindowCounts]


class RecordReport(Own, frozen=True, kw_only=True):
    """Keep a report."""

    report: Report


class ListReports(Own, frozen=True, kw_only=True):
    """Ask for the reports of a deployment."""

    deployment: Text
    limit: Int64 = 100


class ReportList(Answer, frozen=True, kw_only=True):
    """Reports, newest first."""

    reports: list[Report]


class PutAlerts(Own, frozen=True, kw_only=True):
    """Write alerts in their new state."""

    alerts: list[Alert]


class ListAlerts(Own, frozen=True, kw_only=True):
    """Ask for alerts."""

    deployment: str | None = None
    firing: bool = False


class AlertList(Answer, frozen=True, kw_only=True):
    """Alerts, the last changed first."""

    alerts: list[Alert]


class RecordAction(Own, frozen=True, kw_only=True):
    """Claim an action."""

    action: Action


class ActionClaimed(Answer, frozen=True, kw_only=True):
    """Whether the action was claimed now (true) or had been before (false)."""

    claimed: bool


class FinishAction(Own, frozen=True, kw_only=True):
    """Say how a claimed action ended."""

    action_id: Text
    done: bool
    detail: str = ""


class ListActions(Own, frozen=True, kw_only=True):
    """Ask for actions."""

    alert_id: str | None = None
    limit: Int64 = 100


class ActionList(Answer, frozen=True, kw_only=True):
    """Actions, newest first."""

    actions: list[Action]


class PutDeployment(Own, frozen=True, kw_only=True):
    """Write what a server says of itself."""

    deployment: Deployment


class ListDeployments(Own, frozen=True, kw_only=True):
    """Ask for deployments."""


class DeploymentList(Answer, frozen=True, kw_only=True):
    """Deployments, by name."""

    deployments: list[Deployment]
