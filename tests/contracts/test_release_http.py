"""The release store over HTTP keeps the contract against a running server."""

from __future__ import annotations

import pytest

from mainstay.stores.http import HttpClient, HttpRegistry, HttpRelease
from mainstay.testing.release import ReleaseContract


class TestHttpRelease(ReleaseContract):
    @pytest.fixture
    def store(self, http: HttpClient) -> HttpRelease:
        return HttpRelease(http)

    @pytest.fixture
    def second(self, grace: HttpClient) -> HttpRelease:
        return HttpRelease(grace)

    @pytest.fixture
    def registry(self, http: HttpClient) -> HttpRegistry:
        return HttpRegistry(http)
