"""The monitoring contract: windows of counts, reports, alerts, actions, deployments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mainstay.entities.monitoring import Action, Alert, Deployment, Report, WindowCounts


class MonitoringStore(Protocol):
    """Keeps what served models did. It holds counts, never rows of anybody's data."""

    def add_windows(self, windows: Sequence[WindowCounts]) -> None:
        """Keep counts; a window id that is known already has no second effect."""
        ...

    def list_windows(
        self,
        deployment: str,
        *,
        since: int = 0,
        until: int | None = None,
        version: int | None = None,
    ) -> list[WindowCounts]:
        """Return windows that ended after ``since`` and no later than ``until``, oldest first."""
        ...

    def record_report(self, report: Report) -> None:
        """Keep a report; each id once."""
        ...

    def list_reports(self, deployment: str, *, limit: int = 100) -> list[Report]:
        """Return reports, newest first."""
        ...

    def put_alerts(self, alerts: Sequence[Alert]) -> None:
        """Write alerts in their new state, by ``alert_id``; changes are audited and made events."""
        ...

    def list_alerts(self, *, deployment: str | None = None, firing: bool = False) -> list[Alert]:
        """Return alerts, the last changed first."""
        ...

    def record_action(self, action: Action) -> bool:
        """Claim and keep an action; False if this ``action_id`` was claimed before."""
        ...

    def finish_action(self, action_id: str, *, done: bool, detail: str) -> None:
        """Say how a claimed action ended. Raises: NotFound."""
        ...

    def list_actions(self, *, alert_id: str | None = None, limit: int = 100) -> list[Action]:
        """Return actions, newest first."""
        ...

    def put_deployment(self, deployment: Deployment) -> None:
        """Write what a server says of itself."""
        ...

    def list_deployments(self) -> list[Deployment]:
        """Return deployments, by name."""
        ...
