"""Tables of monitoring: windows of counts, reports, alerts, actions and deployments.

What is searched has a column; the rest of a record is one MessagePack value.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table

from mainstay.stores.sql.tables.base import Blob, Millis, String, identity, metadata

monitoring_windows = Table(
    "monitoring_windows",
    metadata,
    identity(),
    Column("window_id", String, nullable=False, unique=True),
    Column("deployment", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("start_at", Millis, nullable=False),
    Column("end_at", Millis, nullable=False),
    Column("record", Blob, nullable=False),
    Index("ix_monitoring_windows_deployment_end_at", "deployment", "end_at"),
)

monitoring_reports = Table(
    "monitoring_reports",
    metadata,
    identity(),
    Column("report_id", String, nullable=False, unique=True),
    Column("deployment", String, nullable=False),
    Column("end_at", Millis, nullable=False),
    Column("record", Blob, nullable=False),
    Index("ix_monitoring_reports_deployment_end_at", "deployment", "end_at"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", String, primary_key=True),
    Column("deployment", String, nullable=False),
    Column("state", String, nullable=False),
    Column("updated_at", Millis, nullable=False),
    Column("record", Blob, nullable=False),
    Index("ix_alerts_deployment", "deployment"),
)

alert_actions = Table(
    "alert_actions",
    metadata,
    identity(),
    Column("action_id", String, nullable=False, unique=True),
    Column("alert_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("detail", String, nullable=False),
    Column("at", Millis, nullable=False),
    Index("ix_alert_actions_alert_id", "alert_id"),
)

deployments = Table(
    "deployments",
    metadata,
    Column("deployment", String, primary_key=True),
    Column("updated_at", Millis, nullable=False),
    Column("record", Blob, nullable=False),
)
