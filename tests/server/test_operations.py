"""What an operator sees: request ids, measurements, slow statements, proxies."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay.server import requests
from mainstay.server.errors import answer
from tests.support.postgres import Cluster
from tests.support.server import RunningServer

CREATE = "/api/2.0/mlflow/registered-models/create"


def test_a_request_keeps_its_id_and_one_without_gets_one(server: RunningServer) -> None:
    given = {"X-Request-Id": "ci-77/build:3"}
    for path in ("/health", "/api/2.0/mlflow/experiments/get?experiment_id=0", "/nowhere", "/"):
        assert server.request("GET", path, headers=given).headers["x-request-id"] == "ci-77/build:3"
        minted = {server.request("GET", path).headers["x-request-id"] for _ in range(3)}
        assert len(minted) == 3
        assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in minted)
    refused = server.request("GET", "/health", headers={"Host": "evil.example"} | given)
    assert refused.headers["x-request-id"] == "ci-77/build:3"


@pytest.mark.parametrize("bad", ["", "x" * 129, "a b", "<script>", "a\tb", "\xe9"])
def test_an_id_that_is_none_is_replaced(server: RunningServer, bad: str) -> None:
    found = server.request("GET", "/health", headers={"X-Request-Id": bad})
    assert re.fullmatch(r"[0-9a-f]{16}", found.headers["x-request-id"])


def samples(server: RunningServer) -> dict[str, float]:
    """Return the measurements by name and labels."""
    lines = server.request("GET", "/metrics").body.decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def test_the_measurements_are_of_requests_and_stores(tmp_path: Path) -> None:
    with RunningServer(tmp_path) as server:
        assert server.call("POST", CREATE, name="churn").status == 200
        assert server.call("POST", CREATE, name="churn").status == 400
        found = samples(server)
    one = 'endpoint="registry.create"'
    assert found[f'mainstay_requests_total{{{one},status="200"}}'] == 1
    assert found[f'mainstay_requests_total{{{one},status="400"}}'] == 1
    assert found[f'mainstay_request_seconds_bucket{{{one},le="0.075"}}'] <= 2
    assert found[f'mainstay_request_seconds_bucket{{{one},le="+Inf"}}'] == 2
    assert found['mainstay_store_up{store="tracking"}'] == 1
    assert found['mainstay_store_bytes{store="tracking"}'] > 100_000
    assert found['mainstay_commit_queue{store="tracking"}'] == 0
    assert found['mainstay_commits_total{store="tracking"}'] >= 1
    assert found["mainstay_webhook_deliveries_waiting"] == 0


def test_two_databases_are_measured_each(tmp_path: Path, postgres_cluster: Cluster) -> None:
    uri = postgres_cluster.create_database()
    with RunningServer(tmp_path, "--registry-store-uri", uri) as server:
        server.call("POST", CREATE, name="churn")
        found = samples(server)
    assert found['mainstay_store_up{store="registry"}'] == 1
    assert found['mainstay_store_bytes{store="registry"}'] > 1_000_000
    assert 'mainstay_commit_queue{store="registry"}' not in found
    postgres_cluster.drop_database(uri)


def test_measurements_are_for_those_who_may_read(tmp_path: Path) -> None:
    with RunningServer(tmp_path) as server:
        assert server.request("GET", "/metrics").status == 200
        user = {"name": "ada", "password": "a long enough secret", "role": "admin"}
        assert server.call("POST", "/api/mainstay/1.0/accounts/users", **user).status == 200
    with RunningServer(tmp_path, "--no-anonymous") as server:
        assert server.request("GET", "/metrics").status == 401


def test_slow_statements_are_written_with_their_request_and_without_values(
    database_uri: str, tmp_path: Path
) -> None:
    environment = {"MAINSTAY_SLOW_QUERY_SECONDS": "0.0000001"}
    options = ("--backend-store-uri", database_uri)
    with RunningServer(tmp_path / "server", *options, environment=environment) as server:
        path = "/api/2.0/mlflow/experiments/get-by-name?experiment_name=very-private-name"
        server.request("GET", path, headers={"X-Request-Id": "slow-1"})
        line = next(one for one in server.log.splitlines() if "[slow-1]" in one)
    assert re.match(
        r"\S+Z WARNING mainstay\.slow \[slow-1\] 0\.\d+ s \(more than 1e-07 s\): ", line
    )
    assert "very-private-name" not in server.log
    with RunningServer(tmp_path / "quiet", *options) as server:
        server.request("GET", path)
    assert "mainstay.slow" not in server.log


def test_forwarded_headers_count_only_from_a_proxy_that_is_named(tmp_path: Path) -> None:
    """An https page's origin is the server's own only if the proxy's word for https is taken."""
    headers = {
        "Content-Type": "application/json",
        "Origin": "https://ml.example.org",
        "Sec-Fetch-Site": "same-origin",
        "Host": "ml.example.org",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.9",
    }
    body = json.dumps({"name": "churn"})
    hosts = ("--allowed-hosts", "ml.example.org")
    for number, (proxies, status) in enumerate(
        [("", 403), ("10.1.2.3", 403), ("127.0.0.0/8", 200)]
    ):
        options = ("--forwarded-allow-ips", proxies) if proxies else ()
        with RunningServer(tmp_path / str(number), *hosts, *options) as server:
            assert server.request("POST", CREATE, body, headers).status == status


@pytest.mark.parametrize("bad", ["*", "0.0.0.0/0", "::/0", "proxy.example.org", "1.2.3"])
def test_all_the_world_is_no_proxy(tmp_path: Path, bad: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mainstay", "server", "--port", "0", "--forwarded-allow-ips", bad],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "no address or network of a proxy" in done.stderr


def test_every_error_says_the_id_of_its_request_in_its_body_and_header(tmp_path: Path) -> None:
    own = {"X-Request-Id": "mine-1"}
    asked: list[tuple[str, str, bytes | None, dict[str, str]]] = [
        ("GET", "/api/2.0/mlflow/runs/get?run_id=none", None, own),
        ("GET", "/api/2.0/mlflow/experiments/get?experiment_id=77", None, {}),
        ("POST", "/api/2.0/mlflow/runs/log-metric", b'{"run_id": "none"}', {}),
        ("GET", "/api/2.0/mlflow-artifacts/artifacts/none.txt", None, own),
        ("GET", "/nowhere", None, own),
        ("GET", "/api/2.0/mlflow/runs/get?run_id=none", None, {"Host": "evil.example", **own}),
    ]
    with RunningServer(tmp_path) as server:
        for method, path, body, headers in asked:
            sent = {"Content-Type": "application/json", **headers}
            answer = server.request(method, path, body, headers=sent)
            assert answer.status in (400, 403, 404), answer
            assert answer.json["request_id"] == answer.headers["x-request-id"]
            assert headers.get("X-Request-Id") in (None, answer.json["request_id"])


def test_an_error_that_nobody_foresaw_names_the_request_and_not_what_happened(
    caplog: pytest.LogCaptureFixture,
) -> None:
    token = requests.current.set("ci-78")
    try:
        response = answer(RuntimeError("secret of the inside"))
    finally:
        requests.current.reset(token)
    assert response.status_code == 500
    assert "incident ci-78" in json.loads(bytes(response.body))["message"]
    assert b"secret" not in bytes(response.body)
    assert "secret of the inside" in caplog.text
    other = json.loads(bytes(answer(RuntimeError("no request")).body))["message"]
    assert re.search(r"incident [0-9a-f]{16}\.", other)
