"""Requests that are too long, too large or never end get an answer of their own, and soon."""

from __future__ import annotations

import asyncio

import pytest
from starlette.datastructures import Headers
from starlette.types import Message

from mainstay.errors import Stalled
from mainstay.server import streams
from tests.support.server import RunningServer


def test_an_address_that_is_too_long_is_414(server: RunningServer) -> None:
    answer = server.request("GET", "/api/2.0/mlflow/runs/get?run_id=" + "a" * 40_000)
    assert (answer.status, answer.json["error_code"]) == (414, "BAD_REQUEST")


def test_a_long_filter_in_an_address_is_read(server: RunningServer) -> None:
    words = "%20AND%20".join(f"name%20!=%20'{'n' * 40}{number}'" for number in range(40))
    answer = server.request("GET", f"/api/2.0/mlflow/registered-models/search?filter={words}")
    assert answer.status == 200


def test_headers_that_are_too_large_are_431(server: RunningServer) -> None:
    headers = {f"X-Much-{number}": "v" * 4000 for number in range(10)}
    answer = server.request("GET", "/version", headers=headers)
    assert (answer.status, answer.json["error_code"]) == (431, "BAD_REQUEST")


def test_a_body_that_stalls_is_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BODY_SECONDS", 0.05)

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(Stalled) as caught:
        asyncio.run(streams.read_body(never, Headers({}), limit=100))
    assert caught.value.status == 408
