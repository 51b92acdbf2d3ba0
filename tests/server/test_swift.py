"""Which requests the event loop answers itself, and that it answers them as a thread does."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn

from mainstay.server.app import App
from mainstay.server.connections import PATIENCE, Connection
from mainstay.server.run import Options, protocol
from mainstay.server.services import open_services
from mainstay.server.swift import GLANCES, INSTANT, SMALL, WRITES, Swift
from mainstay.server.whole import Whole
from mainstay.wire.endpoint import Action
from mainstay.wire.endpoints import BY_NAME
from tests.support.server import RunningServer

API = "/api/2.0/mlflow"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def swift(tmp_path: Path) -> Iterator[Swift]:
    """The short ways of a server on SQLite."""
    opened = open_services(Options(backend_store_uri=f"sqlite:///{tmp_path}/a.db"))
    yield App(opened.services, opened.database).swift
    opened.close()


def asked(name: str, *more: tuple[bytes, bytes], path: str = "") -> dict[str, Any]:
    """Return the scope of a request for a row."""
    row = BY_NAME[name]
    place = path or row.path
    return {
        "type": "http",
        "method": row.methods[0],
        "path": place,
        "raw_path": place.encode(),
        "query_string": b"",
        "scheme": "http",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), *more],
    }


def answered(swift: Swift, scope: dict[str, Any], body: bytes = b"") -> list[Whole]:
    """Return the answers that came at once; none where the request takes the ordinary way."""
    found: list[Whole] = []
    assert swift.begin(scope, body, found.append) == bool(found)
    return found


def test_small_writes_and_glances_are_known_under_each_of_their_paths(swift: Swift) -> None:
    for name in WRITES | GLANCES | INSTANT:
        assert all(swift.knows(asked(name, path=path)) for path in BY_NAME[name].paths), name


def test_nothing_else_is_known(swift: Swift) -> None:
    for name in set(BY_NAME) - WRITES - GLANCES - INSTANT:
        assert not swift.knows(asked(name)), name
    assert not swift.knows({**asked("runs.log_metric"), "method": "GET"})
    assert not swift.knows({**asked("runs.log_metric"), "method": "OPTIONS"})


def test_what_is_glanced_at_changes_nothing() -> None:
    assert {BY_NAME[name].permission.action for name in GLANCES} == {Action.READ}
    assert {BY_NAME[name].permission.action for name in INSTANT} == {Action.PUBLIC}


@pytest.mark.parametrize(
    "header",
    [
        (b"authorization", b"Bearer x"),
        (b"origin", b"http://localhost"),
        (b"sec-fetch-site", b"cross-site"),
        (b"host", b"localhost"),
        (b"padding", b"x" * (33 << 10)),
    ],
    ids=lambda header: header[0].decode(),
)
def test_what_needs_more_than_a_look_takes_the_ordinary_way(
    swift: Swift, header: tuple[bytes, bytes]
) -> None:
    (good,) = answered(swift, asked("server.version"))
    assert good.status == 200
    (missing,) = answered(swift, asked("runs.log_metric"), b"{}")
    assert missing.status == 400
    read = "server.version" if header[0] != b"sec-fetch-site" else "runs.log_metric"
    assert not answered(swift, asked(read, header), b"{}")
    assert not answered(swift, asked("runs.log_metric", header), b"{}")


def test_large_bodies_and_strange_hosts_take_the_ordinary_way(swift: Swift) -> None:
    assert not answered(swift, asked("runs.log_batch"), b"x" * (SMALL + 1))
    scope = asked("runs.log_metric")
    scope["headers"][0] = (b"host", b"evil.example")
    assert not answered(swift, scope, b"{}")


def test_on_two_databases_both_must_be_quick(postgres_uri: str, tmp_path: Path) -> None:
    options = Options(
        backend_store_uri=f"sqlite:///{tmp_path}/a.db", registry_store_uri=postgres_uri
    )
    opened = open_services(options)
    swift = App(opened.services, opened.database).swift
    assert swift.knows(asked("runs.log_metric"))
    assert not swift.knows(asked("registry.get_by_alias"))
    opened.close()


def test_the_short_way_answers_as_the_ordinary_one_does(server: RunningServer) -> None:
    run = created(server)
    bad = {"run_id": run, "key": "a\x00", "value": 1, "timestamp": 1}
    requests: list[tuple[str, str, str | None, Mapping[str, str]]] = [
        ("GET", "/health", None, {}),
        ("GET", "/version", None, {}),
        ("GET", f"{API}/experiments/get?experiment_id=0", None, {}),
        ("GET", f"{API}/experiments/get?experiment_id=77", None, {}),
        ("GET", f"{API}/experiments/get?experiment_id=words", None, {}),
        ("GET", f"{API}/registered-models/alias?name=none&alias=a", None, {}),
        ("POST", f"{API}/runs/log-metric", log(run, 1), JSON),
        ("POST", f"{API}/runs/log-metric", json.dumps(bad), JSON),
        ("POST", f"{API}/runs/log-metric", log("0" * 32, 1), JSON),
        ("POST", f"{API}/runs/log-metric", log(run, 1), {"Content-Type": "text/plain"}),
        ("POST", f"{API}/runs/log-metric", "{", JSON),
        ("POST", f"{API}/runs/set-tag", '{"runUuid": 5, "key": "a", "value": "b"}', JSON),
        ("POST", f"{API}/runs/log-batch", json.dumps({"run_id": run}), JSON),
    ]
    for method, target, body, headers in requests:
        short = server.request(method, target, body, {**headers, "X-Request-Id": "mine"})
        long = server.request(
            method, target, body, {**headers, "X-Request-Id": "mine", "Origin": own(server)}
        )
        assert (short.status, short.body) == (long.status, long.body), target
        assert without_date(short.headers) == without_date(long.headers), target
        assert short.headers["x-request-id"] == "mine"


def test_a_request_in_pieces_is_answered_however_slowly_they_come(server: RunningServer) -> None:
    run = created(server)
    with connection(server) as client:
        for number, pause in enumerate((0.0, 0.0, 3 * PATIENCE)):
            whole = post(f"{API}/runs/log-metric", log(run, number))
            for at in (0, 40, len(whole) - 20):
                until = time.monotonic() + pause
                client.sendall(whole[at : {0: 40, 40: len(whole) - 20}.get(at, len(whole))])
                while time.monotonic() < until:  # the pause itself is what is tested
                    time.sleep(0.01)
            assert read_answer(client) == (200, b"{}")
    found = server.request("GET", f"{API}/metrics/get-history?run_id={run}&metric_key=loss")
    assert [point["step"] for point in points(found.json)] == [0, 1, 2]


def test_requests_sent_ahead_are_answered_in_order(server: RunningServer) -> None:
    run = created(server)
    with connection(server) as client:
        ahead = [post(f"{API}/runs/log-metric", log(run, number)) for number in range(300)]
        client.sendall(b"".join([*ahead, get("/version"), get("/health")]))
        assert [read_answer(client) for _ in ahead] == [(200, b"{}")] * len(ahead)
        assert read_answer(client)[0] == 200
        assert read_answer(client) == (200, b"OK")
    found = server.request("GET", f"{API}/metrics/get-history?run_id={run}&metric_key=loss")
    assert [point["step"] for point in points(found.json)] == list(range(300))


def test_a_client_that_asks_to_close_or_to_go_on_is_understood(server: RunningServer) -> None:
    with connection(server) as client:
        client.sendall(get("/health").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert read_answer(client) == (200, b"OK")
        assert client.recv(10) == b""
    run = created(server)
    with connection(server) as client:
        head, _, body = post(f"{API}/runs/log-metric", log(run, 1)).partition(b"\r\n\r\n")
        client.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert read_answer(client) == (200, b"{}")


def test_a_client_that_leaves_within_a_request_leaves_nothing(server: RunningServer) -> None:
    run = created(server)
    for _ in range(5):
        with connection(server) as client:
            client.sendall(post(f"{API}/runs/log-metric", log(run, 1))[:-5])
    assert server.request("GET", "/health").body == b"OK"
    found = server.request("GET", f"{API}/metrics/get-history?run_id={run}&metric_key=loss")
    assert found.json == {}
    assert "Traceback" not in server.log


def created(server: RunningServer) -> str:
    """Return the id of a new run."""
    made: Any = server.call("POST", f"{API}/runs/create", experiment_id="0").json["run"]
    return str(made["info"]["run_id"])


def log(run: str, step: int) -> str:
    return json.dumps({"run_id": run, "key": "loss", "value": 0.5, "timestamp": 5, "step": step})


def points(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(answer["metrics"])


def own(server: RunningServer) -> str:
    place = urlsplit(server.url)
    return f"{place.scheme}://{place.netloc}"


def without_date(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "date"}


def connection(server: RunningServer) -> socket.socket:
    place = urlsplit(server.url)
    return socket.create_connection((place.hostname or "", place.port or 0), timeout=30)


def get(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def post(target: str, body: str) -> bytes:
    head = f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def read_answer(client: socket.socket) -> tuple[int, bytes]:
    """Read one answer, and nothing of the next."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = client.recv(1)
        assert piece, f"the server hung up after {head!r}"
        head += piece
    lines = head.decode().lower().split("\r\n")
    size = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
    body = b""
    while len(body) < size:
        piece = client.recv(size - len(body))
        assert piece, "the server hung up within an answer"
        body += piece
    return int(lines[0].split()[1]), body


def test_the_installed_uvicorn_is_one_that_the_short_way_was_checked_with(tmp_path: Path) -> None:
    opened = open_services(Options(backend_store_uri=f"sqlite:///{tmp_path}/a.db"))
    app = App(opened.services, opened.database)
    assert protocol(app, uvicorn.__version__).func is Connection
    assert protocol(app, "0.45.9") == protocol(app, "0.55.0") == protocol(app, "1.0") == "httptools"
    opened.close()
