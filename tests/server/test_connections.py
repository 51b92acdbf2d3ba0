"""Connections that break, and bodies that are refused before they are read."""

from __future__ import annotations

import http.client
import socket
import struct
import time
from urllib.parse import urlsplit

import pytest

import mainstay
from tests.support.server import RunningServer

ROUTE = "/api/2.0/mlflow-artifacts/artifacts"
BIG = b"x" * (30 << 20)


def connect(server: RunningServer) -> socket.socket:
    place = urlsplit(server.url)
    return socket.create_connection((place.hostname or "", place.port or 0), timeout=120)


def reset(client: socket.socket) -> None:
    """Close without the usual farewell."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def test_a_client_that_leaves_during_a_download_is_no_fault_of_ours(server: RunningServer) -> None:
    assert server.request("PUT", f"{ROUTE}/0/big.bin", BIG).status == 200
    for _ in range(3):
        client = connect(server)
        client.sendall(f"GET {ROUTE}/0/big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        reset(client)
    assert server.request("GET", "/health").body == b"OK"
    assert server.request("GET", f"{ROUTE}/0/big.bin").body == BIG
    assert "Traceback" not in server.log


def test_a_client_that_leaves_during_an_upload_leaves_nothing(server: RunningServer) -> None:
    folder = server.folder / "mainstay-artifacts" / "0" / "half"
    for _ in range(3):
        client = connect(server)
        head = f"PUT {ROUTE}/0/half/a.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n"
        client.sendall(head.encode() + b"some of it")
        deadline = time.monotonic() + 120
        while not (folder.is_dir() and any(folder.iterdir())):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        reset(client)
        while any(folder.iterdir()):
            assert time.monotonic() < deadline, "the half-written file stayed"
            time.sleep(0.01)
    assert server.request("GET", f"{ROUTE}/0/half/a.bin").status == 404
    assert "Traceback" not in server.log


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", f"{ROUTE}/..%2fa.bin", 400),
        ("POST", "/api/2.0/mlflow/runs/log-batch", 400),
        ("PUT", "/api/2.0/mlflow/runs/log-batch", 405),
        ("PUT", "/nowhere", 404),
    ],
)
def test_a_refusal_reaches_a_client_that_is_still_sending(
    server: RunningServer, method: str, path: str, status: int
) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    answer = server.request(method, path, BIG, headers)
    assert answer.status == status, answer
    assert isinstance(answer.json["error_code"], str)


def test_a_body_of_unknown_length_is_stored_whole(server: RunningServer) -> None:
    client = connect(server)
    head = f"PUT {ROUTE}/0/chunked.bin HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked"
    client.sendall(head.encode() + b"\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
    assert client.recv(1000).startswith(b"HTTP/1.1 200")
    client.close()
    assert server.request("GET", f"{ROUTE}/0/chunked.bin").body == b"hello world"


def test_one_connection_carries_many_requests(server: RunningServer) -> None:
    place = urlsplit(server.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("GET", "/version")
        assert connection.getresponse().read() == mainstay.__version__.encode()
    assert connection.sock is first
    connection.close()
