"""The registry over HTTP keeps the contract against a running server."""

from __future__ import annotations

import pytest

from mainstay.stores.http import HttpClient, HttpRegistry
from mainstay.testing.registry import RegistryContract


class TestHttpRegistry(RegistryContract):
    @pytest.fixture
    def store(self, http: HttpClient) -> HttpRegistry:
        return HttpRegistry(http)
