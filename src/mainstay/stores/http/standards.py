"""Logging standards over HTTP; a mainstay server only."""

from __future__ import annotations

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.standards import Standard, StandardReport
from mainstay.errors import MainstayError
from mainstay.stores.http.client import HttpClient
from mainstay.wire import standards as messages
from mainstay.wire.base import Done
from mainstay.wire.endpoints import standards as rows


class HttpStandards:
    """A server's logging standards."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client

    def get_standard(self, experiment_id: str) -> Standard | None:
        """Send GET experiments/standard."""
        request = messages.GetStandard(experiment_id=experiment_id)
        return self.client.call(rows.GET, request, messages.StandardAnswer).standard

    def set_standard(self, experiment_id: str, text: str, *, by: Principal = ANONYMOUS) -> Standard:
        """Send PUT experiments/standard."""
        request = messages.SetStandard(experiment_id=experiment_id, text=text)
        done = self.client.call(rows.SET, request, messages.StandardAnswer, by=by).standard
        if done is None:
            raise MainstayError("the server set the standard and returned none")
        return done

    def delete_standard(self, experiment_id: str, *, by: Principal = ANONYMOUS) -> None:
        """Send DELETE experiments/standard."""
        request = messages.DeleteStandard(experiment_id=experiment_id)
        self.client.call(rows.DELETE, request, Done, by=by)

    def check_run(self, run_id: str) -> StandardReport | None:
        """Send POST experiments/standard/check."""
        request = messages.CheckStandard(run_id=run_id)
        return self.client.call(rows.CHECK, request, messages.StandardReportAnswer).report
