"""Pages of other sites and rebound names get nothing from a server on one's own machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.server.hardening import Neighbours
from tests.server.doors import doors
from tests.support.server import RunningServer

FOREIGN = (
    *("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.evil.example"),
    *("192.168.1.5.evil.example", "evil.example:5000", "", "localhost:99999", "localhost:x"),
    *("8.8.8.8", "0.0.0.0", "[2001:4860:4860::8888]", "[::1", "localhost:1:2", "127.1.evil"),
    *("2130706433", "0x7f000001", "127.0.0.1@evil.example", "metadata.google.internal"),
)


@pytest.mark.parametrize("host", FOREIGN)
def test_a_host_that_is_not_ours_is_refused_on_every_method(
    server: RunningServer, host: str
) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"):
        path = "/api/2.0/mlflow/experiments/search"
        answer = server.request(method, path, headers={"Host": host})
        assert answer.status in (400, 403), (method, host, answer)
        assert answer.status == 403 or host in ("", "127.0.0.1@evil.example"), host
        if answer.status == 403 and method != "HEAD":
            assert answer.json["error_code"] == "PERMISSION_DENIED"
            assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:5000", "10.1.2.3", "192.168.0.9:1"]
)
def test_addresses_of_this_machine_and_private_networks_are_ours(
    server: RunningServer, host: str
) -> None:
    assert server.request("GET", "/version", headers={"Host": host}).status == 200


def test_the_probe_is_answered_under_any_name(server: RunningServer) -> None:
    assert server.request("GET", "/health", headers={"Host": "pod-7.cluster"}).body == b"OK"
    assert server.request("GET", "/health/", headers={"Host": "pod-7.cluster"}).status == 403


def test_configured_names_cover_what_they_say() -> None:
    neighbours = Neighbours(["ml.example.org", "*.lab.example.org", "box:8080"])
    for host in ("ml.example.org", "ML.example.org:443", "a.lab.example.org", "box:8080"):
        assert neighbours.knows(host), host
    for host in ("example.org", "lab.example.org", "xlab.example.org", "box:81", "xml.example.org"):
        assert not neighbours.knows(host), host
    assert Neighbours(["*"]).knows("anything.at.all")


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    ],
)
def test_nothing_is_changed_for_a_page_of_another_origin(
    server: RunningServer, said: dict[str, str]
) -> None:
    headers = {"Content-Type": "application/json", **said}
    for row, method, path in doors():
        if method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = server.request(method, path, b"{}", headers)
            assert answer.status == 403, (row.name, method, answer)
            assert "access-control-allow-origin" not in answer.headers


def test_our_own_page_and_programs_may_write(server: RunningServer) -> None:
    json_type = {"Content-Type": "application/json"}
    own = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
    for extra in (own, {"Origin": server.url}, {"Sec-Fetch-Site": "none"}, {}):
        answer = server.request("POST", "/api/2.0/mlflow/runs/create", "{}", {**json_type, **extra})
        assert answer.status == 200, (extra, answer)


def test_every_answer_carries_the_security_headers(server: RunningServer) -> None:
    server.request("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/h/page.html", b"<script>")
    answers = {
        path: server.request("GET", path)
        for path in (
            "/",
            "/health",
            "/nowhere",
            "/api/2.0/mlflow/runs/get",
            "/api/2.0/mlflow-artifacts/artifacts/0/h/page.html",
        )
    }
    for path, answer in answers.items():
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["x-frame-options"] == "DENY", path
        assert answer.headers["referrer-policy"] == "no-referrer", path
        assert "content-security-policy" in answer.headers, path
        assert "server" not in answer.headers, path
    assert "script-src 'self'" in answers["/"].headers["content-security-policy"]
    file = answers["/api/2.0/mlflow-artifacts/artifacts/0/h/page.html"]
    assert file.headers["content-security-policy"].startswith("sandbox")
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["content-type"] == "application/octet-stream"


def test_an_origin_on_the_list_gets_cors_and_others_do_not() -> None:
    neighbours = Neighbours(origins=["https://tools.example.org"])
    assert neighbours.welcomes("https://tools.example.org")
    for origin in ("https://tools.example.org.evil", "http://tools.example.org", "null", ""):
        assert not neighbours.welcomes(origin)
    assert not Neighbours(origins=["*"]).welcomes("null")


def test_a_page_of_a_listed_origin_may_call_and_read_the_answer(tmp_path: Path) -> None:
    friend = {"Origin": "https://tools.example.org"}
    with RunningServer(tmp_path, "--cors-allowed-origins", friend["Origin"]) as server:
        create = "/api/2.0/mlflow/runs/create"
        asked = server.request("OPTIONS", create, headers=friend)
        assert asked.status == 204
        assert asked.headers["access-control-allow-origin"] == friend["Origin"]
        json_type = {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}
        made = server.request("POST", create, "{}", {**json_type, **friend})
        assert made.status == 200
        assert made.headers["access-control-allow-origin"] == friend["Origin"]
        assert "access-control-allow-credentials" not in made.headers
        other = server.request("POST", create, "{}", {**json_type, "Origin": "https://x.org"})
        assert other.status == 403
