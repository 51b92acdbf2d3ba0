"""Every route, spelled in every way, answers JSON and never fails for what a caller sends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mainstay.wire.endpoint import Endpoint
from mainstay.wire.endpoints import TABLE
from tests.server.doors import JUNK, Knocker, doors, fields, is_callers
from tests.support.server import RunningServer

DOORS = [door for door in doors() if door[0].answer != "events"]


def is_error_json(body: bytes) -> bool:
    said = json.loads(body)
    return isinstance(said["error_code"], str) and len(said["message"]) > 3


def test_every_row_of_the_table_is_served_also_under_ajax(server: RunningServer) -> None:
    knocker = Knocker(server.url)
    for row, method, path in DOORS:
        status, body = knocker.knock(row, method, path)
        assert status != 405, (row.name, method, path, body)
        assert is_callers(row, status), (row.name, method, path, body)
        assert status != 404 or json.loads(body)["error_code"] != "ENDPOINT_NOT_FOUND", row.name
        if status >= 400:
            assert is_error_json(body), (row.name, status, body)
    knocker.close()
    mirrored = {path for _, _, path in DOORS if path.startswith("/ajax-api/")}
    for _, _, path in DOORS:
        if path.startswith("/api/2.0/mlflow"):
            assert "/ajax-" + path[1:] in mirrored


@pytest.fixture(scope="module")
def good(server: RunningServer) -> dict[str, Any]:
    """Values that are right for fields of these names."""
    created = server.call("POST", "/api/2.0/mlflow/runs/create", experiment_id="0").json
    run: Any = created["run"]
    logged: Any = server.call("POST", "/api/2.0/mlflow/logged-models", experiment_id="0").json
    server.call("POST", "/api/2.0/mlflow/registered-models/create", name="net")
    source = "mlflow-artifacts:/0/some/model"
    server.request("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/some/model/MLmodel", b"flavors:")
    server.call("POST", "/api/2.0/mlflow/model-versions/create", name="net", source=source)
    tag = [{"key": "k", "value": "v"}]
    point = {"key": "m", "value": 0.5, "timestamp": 1, "step": 0}
    return {
        "run_id": run["info"]["run_id"],
        "run_ids": [run["info"]["run_id"]],
        "run_uuid": run["info"]["run_id"],
        "experiment_id": "0",
        "experiment_ids": ["0"],
        "model_id": logged["model"]["info"]["model_id"],
        "name": "net",
        "alias": "champion",
        "version": "1",
        "source": source,
        "stage": "Staging",
        "key": "m",
        "metric_key": "m",
        "value": "0.5",
        "timestamp": 1,
        "step": 0,
        "tags": tag,
        "params": tag,
        "metrics": [point],
        "max_results": 10,
        "filter": "",
        "order_by": [],
        "page_token": "",
        "status": "FINISHED",
        "end_time": 5,
        "start_time": 1,
        "start_step": 0,
        "end_step": 10,
        "points": 10,
        "limit": 10,
        "after": 0,
        "days": 1,
        "text": "",
        "segment": "s",
        "records": [],
    }


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.answer != "events"], ids=lambda row: row.name
)
def test_junk_in_any_field_is_the_callers_mistake(
    server: RunningServer, row: Endpoint, good: dict[str, Any]
) -> None:
    names = fields(row.request)
    knocker = Knocker(server.url)
    for method in row.methods:
        path = next(p for r, m, p in DOORS if r is row and m == method)
        for name in names:
            for junk in JUNK:
                others = [other for other in names if other not in row.parameters]
                for base in ({}, good):
                    values = {other: base.get(other, "x") for other in others}
                    values = {
                        key: value for key, value in values.items() if value != "x" or not base
                    }
                    values[name] = junk
                    status, body = knocker.knock(row, method, path, values)
                    assert is_callers(row, status), (row.name, method, values, body)
                    if status >= 400:
                        assert is_error_json(body)
    knocker.close()
    assert "Traceback" not in server.log


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"1e9999",
    ],
)
def test_bodies_that_are_no_objects_are_refused_everywhere(
    server: RunningServer, body: bytes
) -> None:
    knocker = Knocker(server.url)
    for row, method, path in DOORS:
        if method in ("POST", "PUT", "PATCH") and row.body == "json":
            headers = {"Content-Type": "application/json"}
            status, answer = knocker.send(method, path, body, headers)
            assert is_callers(row, status), (row.name, body[:20], answer)
            assert status < 400 or is_error_json(answer)
    knocker.close()


@pytest.mark.parametrize(
    "spell",
    [
        lambda path: path + "/",
        lambda path: "/" + path,
        lambda path: path.replace("/api", "//api", 1),
        lambda path: path.upper(),
        lambda path: path.replace("mlflow/", "mlflow/./", 1),
        lambda path: path.replace("mlflow/", "mlflow/x/../", 1),
        lambda path: path.replace("mlflow", "mlflo%77", 1),
        lambda path: path + ";x",
        lambda path: path + "%00",
        lambda path: "/static" + path,
    ],
)
def test_odd_spellings_of_a_path_are_answered_in_json(server: RunningServer, spell) -> None:  # type: ignore[no-untyped-def]
    knocker = Knocker(server.url)
    for row, method, path in DOORS:
        if path.startswith(("/api/", "/ajax-api/")):
            headers = {"Content-Type": "application/json"}
            status, body = knocker.send(method, spell(path), b"{}", headers)
            assert is_callers(row, status), (row.name, spell(path), body)
            assert status < 400 or is_error_json(body)
    knocker.close()


def test_a_method_that_a_path_does_not_know_is_405_with_the_ones_it_does(
    server: RunningServer,
) -> None:
    for method in ("DELETE", "PUT", "TRACE", "PROPFIND"):
        answer = server.request(method, "/api/2.0/mlflow/runs/search")
        assert answer.status == 405
        assert answer.headers["allow"] == "POST"
        assert answer.json["error_code"] == "BAD_REQUEST"


def test_head_is_answered_like_get_without_a_body(server: RunningServer) -> None:
    answer = server.request("HEAD", "/health")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "2")


def test_an_unknown_path_is_json_with_mlflows_code(server: RunningServer) -> None:
    for path in ("/api/2.0/mlflow/nothing", "/nowhere", "/api/2.0/preview/mlflow/runs/get"):
        answer = server.request("GET", path)
        assert (answer.status, answer.json["error_code"]) == (404, "ENDPOINT_NOT_FOUND")


def test_a_body_of_another_type_is_refused_as_each_api_does(server: RunningServer) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        headers = {"Content-Type": kind} if kind else {}
        stock = server.request("POST", "/api/2.0/mlflow/runs/create", "{}", headers)
        assert (stock.status, stock.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
        own = server.request("POST", "/api/mainstay/1.0/runs/series", "{}", headers)
        assert own.status == 415


def test_a_body_above_the_limit_is_413_before_it_is_read(server: RunningServer) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": str(11 << 20)}
    answer = server.request("POST", "/api/2.0/mlflow/runs/log-batch", b"{", headers)
    assert answer.status == 413
    assert is_error_json(answer.body)


def test_the_openapi_document_lists_every_path(server: RunningServer) -> None:
    document = server.request("GET", "/openapi.json").json
    assert str(document["openapi"]).startswith("3.1")
    paths = document["paths"]
    assert isinstance(paths, dict)
    assert "/api/2.0/mlflow/runs/create" in paths


def test_errors_carry_what_our_own_client_needs_to_raise_the_same(server: RunningServer) -> None:
    answer = server.call("POST", "/api/2.0/mlflow/experiments/create", name="Default")
    assert answer.status == 400
    assert answer.json["error_code"] == "RESOURCE_ALREADY_EXISTS"
    assert answer.json["kind"] == "AlreadyExists"


def test_requests_are_counted_by_endpoint_and_never_by_a_path_of_the_callers(
    server: RunningServer,
) -> None:
    server.request("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0")
    server.request("GET", "/made/up/path")
    text = server.request("GET", "/metrics").body.decode()
    assert 'mainstay_requests_total{endpoint="experiments.get",status="200"}' in text
    assert 'mainstay_requests_total{endpoint="none",status="404"}' in text
    assert 'mainstay_request_seconds_bucket{endpoint="experiments.get"' in text
    assert "made/up" not in text
