"""The monitoring store over HTTP keeps the contract against a running server."""

from __future__ import annotations

import pytest

from mainstay.stores.http import HttpClient, HttpMonitoring
from mainstay.testing.monitoring import MonitoringContract


class TestHttpMonitoring(MonitoringContract):
    @pytest.fixture
    def store(self, http: HttpClient) -> HttpMonitoring:
        return HttpMonitoring(http)
