"""Monitoring on SQL: windows of counts, reports, alerts, actions and deployments."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, select, update

from mainstay.entities.accounts import Principal
from mainstay.entities.monitoring import Action, Alert, Deployment, Report, WindowCounts
from mainstay.errors import BadInput, NotFound
from mainstay.stores.sql import journal, rules, upsert
from mainstay.stores.sql.audit import bounded
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.packing import pack
from mainstay.stores.sql.registry_rows import MOST
from mainstay.stores.sql.tables.monitoring import (
    alert_actions,
    alerts,
    deployments,
    monitoring_reports,
    monitoring_windows,
)

MONITOR = Principal(name="monitor", role="maintainer", authenticated=True)
"""Who changes alerts: the monitor itself, on nobody's behalf."""


class SqlMonitoring:
    """Fulfils ``MonitoringStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # -- windows and reports -----------------------------------------------------------------
    def add_windows(self, windows: Sequence[WindowCounts]) -> None:
        """Keep counts; a known window id has no second effect."""
        for window in windows:
            _named(window.window_id, "window_id")
            _named(window.deployment, "deployment")
            _number(window.version)
            rules.millis(window.start, "start")
            if rules.millis(window.end, "end") < window.start:
                raise BadInput(f"window {window.window_id} ends before it starts")

        def work(connection: Connection) -> None:
            for window in windows:
                row = {
                    "window_id": window.window_id,
                    "deployment": window.deployment,
                    "version": window.version,
                    "start_at": window.start,
                    "end_at": window.end,
                    "record": pack(window),
                }
                upsert.add(connection, monitoring_windows, row, key=["window_id"])

        self.database.write(work)

    def list_windows(
        self,
        deployment: str,
        *,
        since: int = 0,
        until: int | None = None,
        version: int | None = None,
    ) -> list[WindowCounts]:
        """Return windows that ended after ``since`` and no later than ``until``, oldest first."""
        table = monitoring_windows
        query = select(table.c.record).where(
            table.c.deployment == rules.plain(deployment, "deployment"),
            table.c.end_at > bounded(since),
        )
        if until is not None:
            query = query.where(table.c.end_at <= bounded(until))
        if version is not None:
            query = query.where(table.c.version == _number(version))
        with self.database.read() as connection:
            found = connection.execute(query.order_by(table.c.end_at, table.c.id)).scalars()
            return [msgspec.msgpack.decode(record, type=WindowCounts) for record in found]

    def record_report(self, report: Report) -> None:
        """Keep a report; each id once."""
        row = {
            "report_id": _named(report.report_id, "report_id"),
            "deployment": _named(report.deployment, "deployment"),
            "end_at": rules.millis(report.end, "end"),
            "record": pack(report),
        }
        self.database.write(
            lambda connection: upsert.add(connection, monitoring_reports, row, key=["report_id"])
        )

    def list_reports(self, deployment: str, *, limit: int = 100) -> list[Report]:
        """Return reports, newest first."""
        table = monitoring_reports
        query = select(table.c.record).where(
            table.c.deployment == rules.plain(deployment, "deployment")
        )
        query = query.order_by(table.c.end_at.desc(), table.c.id.desc()).limit(bounded(limit))
        with self.database.read() as connection:
            found = connection.execute(query).scalars()
            return [msgspec.msgpack.decode(record, type=Report) for record in found]

    # -- alerts and actions ------------------------------------------------------------------
    def put_alerts(self, changed: Sequence[Alert]) -> None:
        """Write alerts in their new state; changes of state are audited and made events."""
        for alert in changed:
            _named(alert.alert_id, "alert_id")
            _named(alert.deployment, "deployment")
            rules.millis(alert.updated_at, "updated_at")

        def work(connection: Connection) -> None:
            for alert in changed:
                _put_alert(connection, alert)

        self.database.write(work)

    def list_alerts(self, *, deployment: str | None = None, firing: bool = False) -> list[Alert]:
        """Return alerts, the last changed first."""
        query = select(alerts.c.record)
        if deployment is not None:
            query = query.where(alerts.c.deployment == rules.plain(deployment, "deployment"))
        if firing:
            query = query.where(alerts.c.state == "firing")
        query = query.order_by(alerts.c.updated_at.desc(), alerts.c.alert_id)
        with self.database.read() as connection:
            found = connection.execute(query).scalars()
            return [msgspec.msgpack.decode(record, type=Alert) for record in found]

    def record_action(self, action: Action) -> bool:
        """Claim and keep an action; False if it was claimed before."""
        _named(action.action_id, "action_id")
        _named(action.alert_id, "alert_id")
        rules.plain(action.detail, "detail")
        rules.millis(action.at, "at")

        def work(connection: Connection) -> bool:
            row = msgspec.structs.asdict(action)
            if not upsert.add(connection, alert_actions, row, key=["action_id"]):
                return False
            journal.record(connection, "action.claimed", action.alert_id, row, by=MONITOR)
            return True

        return self.database.write(work)

    def finish_action(self, action_id: str, *, done: bool, detail: str) -> None:
        """Say how a claimed action ended."""
        rules.plain(detail, "detail")

        def work(connection: Connection) -> None:
            row = connection.execute(
                update(alert_actions)
                .where(alert_actions.c.action_id == rules.plain(action_id, "action_id"))
                .values(done=done, detail=detail)
                .returning(alert_actions.c.alert_id, alert_actions.c.kind)
            ).first()
            if row is None:
                raise NotFound(f"no action {action_id} was claimed")
            data = {"action_id": action_id, "kind": row.kind, "done": done, "detail": detail}
            journal.record(connection, "action.finished", row.alert_id, data, by=MONITOR)

        self.database.write(work)

    def list_actions(self, *, alert_id: str | None = None, limit: int = 100) -> list[Action]:
        """Return actions, newest first."""
        table = alert_actions
        query = select(table)
        if alert_id is not None:
            query = query.where(table.c.alert_id == rules.plain(alert_id, "alert_id"))
        query = query.order_by(table.c.at.desc(), table.c.id.desc()).limit(bounded(limit))
        with self.database.read() as connection:
            return [
                Action(**{field: row._mapping[field] for field in Action.__struct_fields__})
                for row in connection.execute(query)
            ]

    # -- deployments -------------------------------------------------------------------------
    def put_deployment(self, deployment: Deployment) -> None:
        """Write what a server says of itself."""
        at = rules.millis(deployment.updated_at, "updated_at") or now()
        row = {
            "deployment": _named(deployment.deployment, "deployment"),
            "updated_at": at,
            "record": pack(msgspec.structs.replace(deployment, updated_at=at)),
        }
        self.database.write(
            lambda connection: upsert.put(connection, deployments, row, key=["deployment"])
        )

    def list_deployments(self) -> list[Deployment]:
        """Return deployments, by name."""
        query = select(deployments.c.record).order_by(deployments.c.deployment)
        with self.database.read() as connection:
            found = connection.execute(query).scalars()
            return [msgspec.msgpack.decode(record, type=Deployment) for record in found]


def _put_alert(connection: Connection, alert: Alert) -> None:
    before = connection.execute(
        select(alerts.c.state).where(alerts.c.alert_id == alert.alert_id).with_for_update()
    ).scalar()
    row = {
        "alert_id": alert.alert_id,
        "deployment": alert.deployment,
        "state": alert.state,
        "updated_at": alert.updated_at or now(),
        "record": pack(alert),
    }
    upsert.put(connection, alerts, row, key=["alert_id"])
    if alert.state != (before or "inactive"):
        data = {**msgspec.structs.asdict(alert), "previous": before}
        journal.record(connection, f"alert.{alert.state}", alert.alert_id, data, by=MONITOR)


def _number(version: int) -> int:
    """Return a version number that a column can hold. Raises: BadInput."""
    if not 0 < version < MOST:
        raise BadInput(f"{version} is no version; it must be a number from 1 on")
    return version


def _named(value: str, what: str) -> str:
    """Return an id that can be stored. Raises: BadInput."""
    if not rules.plain(value, what, most=600):
        raise BadInput(f"{what} must not be empty")
    return value
