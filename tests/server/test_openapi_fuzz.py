"""Requests made up from the OpenAPI document: whatever is sent, no answer is a 5xx.

Seeds are fixed, so that a failure comes again; each operation gets a bounded number of requests.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings

from mainstay.wire import openapi
from tests.support.server import RunningServer

CASES = 12
ELSEWHERE = ("/events/stream", "/spool/apply")
"""Answers without an end, and bodies of MessagePack, which tests/server/test_spool.py makes up."""
NOT_HERE = (501,)
"""What a store without signed URLs answers by contract."""

SCHEMA = schemathesis.openapi.from_dict(openapi.document())
OPERATIONS = [
    found.ok()
    for found in SCHEMA.get_all_operations()
    if not found.ok().path.endswith(ELSEWHERE) and "/ajax-api/" not in found.ok().path
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of its own: what is sent here makes a mess."""
    with RunningServer(tmp_path_factory.mktemp("fuzz")) as running:
        yield running
        assert "Traceback" not in running.log


def test_every_row_is_tried() -> None:
    assert len(OPERATIONS) > 90


@pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}"
)
def test_no_request_gets_a_5xx(operation: schemathesis.APIOperation, server: RunningServer) -> None:  # type: ignore[type-arg]
    @seed(20250101)
    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case: schemathesis.Case) -> None:
        status, body = send(server, case)
        assert status < 500 or status in NOT_HERE, (status, body[:500])

    check()


def send(server: RunningServer, case: schemathesis.Case) -> tuple[int, bytes]:
    """Send a case as it is made, through a plain connection."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    query = urlencode(case.query or {}, doseq=True)
    headers = {"Content-Type": case.media_type or "application/json"}
    body: bytes | None = None
    if case.method.upper() not in ("GET", "HEAD"):
        given_body = case.body
        if isinstance(given_body, (bytes, bytearray)):
            body = bytes(given_body)
        elif isinstance(given_body, (dict, list, str, int, float, bool)) or given_body is None:
            body = json.dumps(given_body).encode("utf-8", "surrogatepass")
        else:
            body = b""
    target = path + (f"?{query}" if query else "")
    try:
        answer = server.request(case.method.upper(), target, body, headers)
    except (http.client.HTTPException, ConnectionError) as error:
        raise AssertionError(f"no answer to {case.method} {target}: {error}") from error
    return answer.status, answer.body
