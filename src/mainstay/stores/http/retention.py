"""Retention of experiments over HTTP; a mainstay server only."""

from __future__ import annotations

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.retention import Holding, Retention
from mainstay.errors import MainstayError
from mainstay.stores.http.client import HttpClient
from mainstay.wire import retention as messages
from mainstay.wire.base import Done
from mainstay.wire.endpoints import retention as rows


class HttpRetention:
    """A server's retention rules."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client

    def get_retention(self, experiment_id: str) -> Retention | None:
        """Send GET experiments/retention."""
        request = messages.GetRetention(experiment_id=experiment_id)
        return self.client.call(rows.GET, request, messages.RetentionAnswer).retention

    def set_retention(self, rule: Retention, *, by: Principal = ANONYMOUS) -> Retention:
        """Send PUT experiments/retention."""
        request = messages.SetRetention(
            experiment_id=rule.experiment_id,
            deleted=rule.deleted,
            unregistered=rule.unregistered,
            files=rule.files,
        )
        done = self.client.call(rows.SET, request, messages.RetentionAnswer, by=by).retention
        if done is None:
            raise MainstayError("the server set the rule and returned none")
        return done

    def delete_retention(self, experiment_id: str, *, by: Principal = ANONYMOUS) -> None:
        """Send DELETE experiments/retention."""
        request = messages.DeleteRetention(experiment_id=experiment_id)
        self.client.call(rows.DELETE, request, Done, by=by)

    def get_holding(self, experiment_id: str) -> Holding:
        """Send GET experiments/holding."""
        request = messages.GetHolding(experiment_id=experiment_id)
        return self.client.call(rows.HOLDING, request, messages.HoldingAnswer).holding
