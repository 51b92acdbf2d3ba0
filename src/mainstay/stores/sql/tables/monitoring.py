"""Tables of monitoring: windows of counts, reports, alerts, actions and deployments.

What is searched has a column; the rest of a record is one MessagePack value.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from mainstay.stores.sql.tables.base import metadata

monitoring_windows = Table(
    "monitoring_windows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("window_id", String(128), nullable=False, unique=True),
    Column("deployment", String(512), nullable=False),
    Column("version", Integer, nullable=False),
    Column("start_at", BigInteger, nullable=False),
    Column("end_at", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Index("ix_monitoring_windows_deployment_end_at", "deployment", "end_at"),
    sqlite_autoincrement=True,
)

monitoring_reports = Table(
    "monitoring_reports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report_id", String(128), nullable=False, unique=True),
    Column("deployment", String(512), nullable=False),
    Column("end_at", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Index("ix_monitoring_reports_deployment_end_at", "deployment", "end_at"),
    sqlite_autoincrement=True,
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", String(700), primary_key=True),
    Column("deployment", String(512), nullable=False),
    Column("state", String(10), nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Index("ix_alerts_deployment", "deployment"),
)

alert_actions = Table(
    "alert_actions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("action_id", String(700), nullable=False, unique=True),
    Column("alert_id", String(700), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("done", Boolean, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_alert_actions_alert_id", "alert_id"),
    sqlite_autoincrement=True,
)

deployments = Table(
    "deployments",
    metadata,
    Column("deployment", String(512), primary_key=True),
    Column("updated_at", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
)
