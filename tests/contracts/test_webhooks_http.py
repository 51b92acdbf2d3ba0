"""The webhooks contract over HTTP, against a server for a closed network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mainstay.stores.http import HttpClient, HttpWebhooks
from mainstay.testing.webhooks import WebhooksContract
from tests.support.server import RunningServer


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpClient]:
    patch = pytest.MonkeyPatch()
    patch.setenv("MAINSTAY_HTTP_REQUEST_MAX_RETRIES", "0")
    with RunningServer(tmp_path_factory.mktemp("server"), "--webhook-allow-private") as server:
        opened = HttpClient(server.url)
        yield opened
        opened.close()
    patch.undo()


class TestHttpWebhooks(WebhooksContract):
    @pytest.fixture
    def store(self, client: HttpClient) -> HttpWebhooks:
        return HttpWebhooks(client)
