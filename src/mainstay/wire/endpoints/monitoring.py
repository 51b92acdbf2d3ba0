"""Endpoints of windows, reports, alerts, actions and deployments."""

from mainstay.wire import monitoring as messages
from mainstay.wire.base import Done
from mainstay.wire.endpoint import Action, Kind, own

READ = (Action.READ, Kind.MONITORING)
WRITE = (Action.WRITE, Kind.MONITORING)

ADD_WINDOWS = own(
    "monitoring.add_windows", "POST", "monitoring/windows", messages.AddWindows, Done, WRITE
)
LIST_WINDOWS = own(
    "monitoring.list_windows",
    "GET",
    "monitoring/windows",
    messages.ListWindows,
    messages.WindowList,
    READ,
)
RECORD_REPORT = own(
    "monitoring.record_report", "POST", "monitoring/reports", messages.RecordReport, Done, WRITE
)
LIST_REPORTS = own(
    "monitoring.list_reports",
    "GET",
    "monitoring/reports",
    messages.ListReports,
    messages.ReportList,
    READ,
)
PUT_ALERTS = own(
    "monitoring.put_alerts", "PUT", "monitoring/alerts", messages.PutAlerts, Done, WRITE
)
LIST_ALERTS = own(
    "monitoring.list_alerts",
    "GET",
    "monitoring/alerts",
    messages.ListAlerts,
    messages.AlertList,
    READ,
)
RECORD_ACTION = own(
    "monitoring.record_action",
    "POST",
    "monitoring/actions",
    messages.RecordAction,
    messages.ActionClaimed,
    WRITE,
    once=True,
)
FINISH_ACTION = own(
    "monitoring.finish_action",
    "POST",
    "monitoring/actions/finish",
    messages.FinishAction,
    Done,
    WRITE,
)
LIST_ACTIONS = own(
    "monitoring.list_actions",
    "GET",
    "monitoring/actions",
    messages.ListActions,
    messages.ActionList,
    READ,
)
PUT_DEPLOYMENT = own(
    "monitoring.put_deployment",
    "PUT",
    "deployments",
    messages.PutDeployment,
    Done,
    (Action.WRITE, Kind.DEPLOYMENT),
)
LIST_DEPLOYMENTS = own(
    "monitoring.list_deployments",
    "GET",
    "deployments",
    messages.ListDeployments,
    messages.DeploymentList,
    (Action.READ, Kind.DEPLOYMENT),
)
