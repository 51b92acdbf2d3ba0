"""The HTTP client: credentials, resending only what is harmless, and errors as their classes."""

from __future__ import annotations

import json
import os
import socket
from base64 import b64encode

import pytest

from mainstay import errors
from mainstay.entities.accounts import Principal
from mainstay.errors import (
    BadInput,
    MainstayError,
    NotImplementedHere,
    ServerUnreachable,
    StrangeAnswer,
    TooManyRequests,
    Unavailable,
)
from mainstay.stores.http import HttpClient, HttpRegistry, HttpRelease, HttpTracking
from tests.stores.http.scripted import CUT, scripted

RUN = b'{"run": {"info": {"run_id": "r", "experiment_id": "1"}}}'
BUSY = b'{"error_code": "TEMPORARILY_UNAVAILABLE", "message": "later"}'


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRACKING_TOKEN", "TRACKING_USERNAME", "TRACKING_PASSWORD"):
        monkeypatch.delenv(f"MAINSTAY_{name}", raising=False)
        monkeypatch.delenv(f"MLFLOW_{name}", raising=False)
    monkeypatch.setenv("MAINSTAY_HTTP_REQUEST_MAX_RETRIES", "2")


def closed_port() -> int:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        return int(holder.getsockname()[1])


@pytest.mark.parametrize("first", [(503, BUSY), (502, b"<html>"), (429, b"{}"), (CUT, b"")])
def test_a_read_is_sent_again_until_it_is_answered(first: tuple[int, bytes]) -> None:
    with scripted(first, first, (200, RUN)) as server:
        assert HttpTracking(HttpClient(server.url)).get_run("r").info.run_id == "r"
        assert len(server.asked) == 3


def test_tries_come_to_an_end() -> None:
    with scripted((503, BUSY)) as server:
        with pytest.raises(Unavailable, match="later"):
            HttpTracking(HttpClient(server.url)).get_run("r")
        assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("first", "raised"), [((503, BUSY), Unavailable), ((CUT, b""), ServerUnreachable)]
)
def test_what_would_have_a_second_effect_is_sent_once(
    first: tuple[int, bytes], raised: type[MainstayError]
) -> None:
    with scripted(first, (200, b"{}")) as server:
        with pytest.raises(raised):
            HttpRegistry(HttpClient(server.url)).set_alias("m", "champion", 1)
        assert len(server.asked) == 1


def test_a_request_that_was_turned_away_unread_is_sent_again() -> None:
    with scripted((429, b"{}"), (200, b"{}")) as server:
        HttpRegistry(HttpClient(server.url)).set_alias("m", "champion", 1)
        assert len(server.asked) == 2


def test_a_run_with_an_id_of_ours_may_be_created_again_on_a_mainstay_server() -> None:
    known = b'{"name": "mainstay", "version": "0", "features": []}'
    with scripted((200, known), (CUT, b""), (200, RUN)) as server:
        store = HttpTracking(HttpClient(server.url))
        assert store.create_run("1", run_id="r").info.run_id == "r"
    nothing = b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no experiment 0"}'
    with scripted((404, b"<html>"), (404, nothing), (CUT, b""), (200, RUN)) as server:
        store = HttpTracking(HttpClient(server.url))
        with pytest.raises(ServerUnreachable):
            store.create_run("1", run_id="r")


def test_a_server_that_is_not_there_is_named() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(ServerUnreachable, match=f"{url} did not answer .*Connection refused"):
        HttpTracking(HttpClient(url)).get_run("r")


@pytest.mark.parametrize(
    ("status", "body", "raised"),
    [
        (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"}, errors.NotFound),
        (400, {"error_code": "RESOURCE_ALREADY_EXISTS"}, errors.AlreadyExists),
        (400, {"error_code": "INVALID_PARAMETER_VALUE"}, errors.BadInput),
        (400, {"error_code": "INVALID_PARAMETER_VALUE", "kind": "AliasNotFound"}, None),
        (403, {"error_code": "PERMISSION_DENIED", "kind": "GateRefused"}, errors.GateRefused),
        (403, {"error_code": "PERMISSION_DENIED", "kind": "no such class"}, None),
        (500, {"error_code": "INVALID_STATE"}, errors.InvalidState),
        (409, {"error_code": "RESOURCE_CONFLICT"}, errors.Conflict),
        (413, {"error_code": "INVALID_PARAMETER_VALUE"}, errors.TooLarge),
        (507, {"error_code": "RESOURCE_EXHAUSTED"}, errors.OutOfSpace),
        (500, {"error_code": "INTERNAL_ERROR"}, MainstayError),
        (401, None, errors.Unauthenticated),
        (403, None, errors.PermissionDenied),
        (404, None, errors.EndpointNotFound),
        (418, None, errors.StrangeAnswer),
        (500, None, MainstayError),
    ],
)
def test_an_answer_becomes_the_error_that_it_stands_for(
    status: int, body: dict[str, str] | None, raised: type[MainstayError] | None
) -> None:
    said = b"<html>no</html>" if body is None else json.dumps({"message": "why", **body}).encode()
    wanted = raised or {400: errors.AliasNotFound, 403: errors.PermissionDenied}[status]
    with scripted((status, said)) as server, pytest.raises(MainstayError) as caught:
        HttpTracking(HttpClient(server.url)).get_run("r")
    assert type(caught.value) is wanted
    assert ("why" if body else str(status)) in caught.value.message


def test_what_stands_beside_the_message_comes_along() -> None:
    body = b'{"error_code": "X", "message": "no", "kind": "GateRefused", "verdict": {"passed": 0}}'
    with scripted((403, body)) as server, pytest.raises(errors.GateRefused) as caught:
        HttpRegistry(HttpClient(server.url)).set_alias("m", "champion", 1)
    assert caught.value.details == {"verdict": {"passed": 0}}


def test_too_many_requests_are_waited_for_and_then_reported() -> None:
    with scripted((429, b"slow down"), Retry_After="0") as server:
        with pytest.raises(TooManyRequests):
            HttpTracking(HttpClient(server.url)).get_run("r")
        assert len(server.asked) == 3


def test_a_redirect_is_not_followed_with_our_credentials() -> None:
    away = scripted((302, b""), Location="http://elsewhere.invalid/")
    with away as server, pytest.raises(StrangeAnswer, match="redirect"):
        HttpTracking(HttpClient(server.url)).get_run("r")


def test_a_foreign_server_is_told_apart_and_asked_once() -> None:
    gone = b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no experiment 0"}'
    with scripted((404, b"<html>"), (404, gone), (404, b"<html>")) as server:
        store = HttpTracking(HttpClient(server.url))
        assert not store.is_mainstay()
        assert not store.is_mainstay()
        assert len(server.asked) == 2
        with pytest.raises(NotImplementedHere, match="not a mainstay server"):
            HttpRelease(HttpClient(server.url)).list_policies()


def test_whether_a_server_is_ours_is_not_guessed_while_it_is_away() -> None:
    store = HttpTracking(HttpClient(f"http://127.0.0.1:{closed_port()}"))
    with pytest.raises(ServerUnreachable):
        store.is_mainstay()


@pytest.mark.parametrize(
    ("variables", "sent"),
    [
        ({"MAINSTAY_TRACKING_TOKEN": "t0"}, "Bearer t0"),
        ({"MLFLOW_TRACKING_TOKEN": "t1"}, "Bearer t1"),
        (
            {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": "pw"},
            "Basic " + b64encode(b"ada:pw").decode(),
        ),
    ],
)
def test_credentials_come_from_the_settings(
    variables: dict[str, str], sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with scripted((200, RUN)) as server:
        HttpTracking(HttpClient(server.url)).get_run("r")
    assert server.asked[0][2]["authorization"] == sent


def test_credentials_of_the_address_are_sent_and_never_shown() -> None:
    with scripted((200, RUN), (404, b"x")) as server:
        client = HttpClient(server.url.replace("://", "://ada:p%40ss@") + "/prefix/")
        store = HttpTracking(client)
        store.get_run("r")
        with pytest.raises(MainstayError) as caught:
            store.get_run("r")
    _, path, headers, _ = server.asked[0]
    assert path.startswith("/prefix/api/2.0/mlflow/runs/get?")
    assert headers["authorization"] == "Basic " + b64encode(b"ada:p@ss").decode()
    assert "ss" not in client.uri
    assert "p@ss" not in caught.value.message


def test_a_claimed_name_is_sent_in_a_header_that_it_cannot_break_out_of() -> None:
    with scripted((200, b"{}")) as server:
        by = Principal(claimed="zoë\r\nX-Evil: 1")
        HttpRegistry(HttpClient(server.url)).set_alias("m", "champion", 1, by=by)
    headers = server.asked[0][2]
    assert headers["x-mainstay-user"] == "zo?  X-Evil: 1"
    assert "x-evil" not in headers


@pytest.mark.parametrize("uri", ["http://", "http://host:port", "http://h:99999", "ftp://h"])
def test_an_address_that_is_none_is_refused_before_anything_is_sent(uri: str) -> None:
    with pytest.raises(BadInput):
        HttpClient(uri)


def test_an_answer_of_something_else_is_reported_as_such() -> None:
    words = "is this address that of a mainstay or MLflow server"
    page = scripted((200, b"<html>welcome</html>"))
    with page as server, pytest.raises(StrangeAnswer, match=words):
        HttpTracking(HttpClient(server.url)).get_run("r")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_uses_connections_of_its_own() -> None:
    with scripted((200, RUN)) as server:
        client = HttpClient(server.url)
        store = HttpTracking(client)
        store.get_run("r")
        before = client.pool()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                fresh = client.pool() is not before
                code = 0 if fresh and store.get_run("r").info.run_id == "r" else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert store.get_run("r").info.run_id == "r"
        assert client.pool() is before
