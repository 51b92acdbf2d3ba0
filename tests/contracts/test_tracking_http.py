"""The tracking store over HTTP keeps the contract against a running server."""

from __future__ import annotations

import pytest

from mainstay.stores.base import TrackingStore
from mainstay.stores.http import HttpClient, HttpTracking
from mainstay.testing.tracking import TrackingStoreContract


class TestHttp(TrackingStoreContract):
    @pytest.fixture
    def store(self, http: HttpClient) -> TrackingStore:
        return HttpTracking(http)


def test_a_mainstay_server_is_known_as_one(http: HttpClient) -> None:
    assert HttpTracking(http).is_mainstay() is True
