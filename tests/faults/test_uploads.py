"""Uploads that are cut, short, damaged or killed leave nothing visible; a repeat completes them."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import socket
import struct
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.api import API, FILES, OWN, get, post
from tests.support.server import Door, RunningServer

BODY = os.urandom(2 << 20)


def visible(server: Door, folder: str) -> list[str]:
    files = get(server, FILES, path=folder).json.get("files", [])
    assert isinstance(files, list)
    return sorted(str(file["path"]) for file in files)


def begin(server: RunningServer, path: str, sent: int) -> socket.socket:
    """Send the head of an upload and the first ``sent`` bytes of it."""
    place = urlsplit(server.url)
    client = socket.create_connection((place.hostname or "", place.port or 0), timeout=120)
    head = f"PUT {FILES}/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(BODY)}\r\n\r\n"
    client.sendall(head.encode() + BODY[:sent])
    return client


def halves(folder: Path) -> list[Path]:
    return list(folder.glob(".~*")) if folder.is_dir() else []


def wait_for(folder: Path, *, some: bool) -> None:
    deadline = time.monotonic() + 120
    while bool(halves(folder)) != some:
        assert time.monotonic() < deadline, halves(folder)
        time.sleep(0.01)


def test_uploads_cut_anywhere_leave_nothing_and_a_repeat_completes_them(tmp_path: Path) -> None:
    chance = random.Random(5)
    with RunningServer(tmp_path) as server:
        folder = tmp_path / "mainstay-artifacts" / "0" / "cut"
        for number in range(20):
            client = begin(server, "0/cut/model.bin", chance.randrange(1, len(BODY)))
            wait_for(folder, some=True)
            if number % 2:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            wait_for(folder, some=False)
            assert visible(server, "0/cut") == []
        assert server.request("PUT", f"{FILES}/0/cut/model.bin", BODY).status == 200
        assert server.request("GET", f"{FILES}/0/cut/model.bin").body == BODY
        assert "Traceback" not in server.log


@pytest.mark.parametrize("seed", range(3))
def test_a_server_killed_during_an_upload_shows_nothing_of_it(tmp_path: Path, seed: int) -> None:
    server = RunningServer(tmp_path)
    folder = tmp_path / "mainstay-artifacts" / "0" / "killed"
    client = begin(server, "0/killed/model.bin", random.Random(seed).randrange(1, len(BODY)))
    wait_for(folder, some=True)
    server.process.kill()
    server.process.wait(120)
    client.close()
    server.stop()
    with RunningServer(tmp_path) as again:
        assert visible(again, "0/killed") == []
        assert again.request("GET", f"{FILES}/0/killed/model.bin").status == 404
        assert again.request("PUT", f"{FILES}/0/killed/model.bin", BODY).status == 200
        assert visible(again, "0/killed") == ["model.bin"]


def test_a_body_that_is_not_what_its_digest_says_is_refused(tmp_path: Path) -> None:
    said = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    headers = {"Content-Digest": f"sha-256=:{said}:"}
    damaged = BODY[:1000] + bytes([BODY[1000] ^ 1]) + BODY[1001:]
    with RunningServer(tmp_path) as server:
        refused = server.request("PUT", f"{FILES}/0/a.bin", damaged, headers)
        assert refused.status == 400
        assert "damaged on its way" in str(refused.json["message"])
        assert visible(server, "0") == []
        assert server.request("PUT", f"{FILES}/0/a.bin", BODY, headers).status == 200
        # An upload that fails leaves what was there before.
        assert server.request("PUT", f"{FILES}/0/a.bin", damaged, headers).status == 400
        assert server.request("GET", f"{FILES}/0/a.bin").body == BODY
        unread = server.request("PUT", f"{FILES}/0/b.bin", b"x", {"Content-Digest": "sha-256=:=:"})
        assert unread.status == 400


def test_a_version_registered_during_a_change_of_its_files_keeps_what_was_registered(
    tmp_path: Path,
) -> None:
    """From the registration on, an upload that is under way changes nothing either."""
    with RunningServer(tmp_path) as server:
        post(server, f"{API}/registered-models/create", name="net")
        assert server.request("PUT", f"{FILES}/0/net/model.bin", b"first").status == 200
        client = begin(server, "0/net/model.bin", 1000)
        wait_for(tmp_path / "mainstay-artifacts" / "0" / "net", some=True)
        source = "mlflow-artifacts:/0/net"
        version = post(server, f"{API}/model-versions/create", name="net", source=source)
        assert version["model_version"]
        client.sendall(BODY[1000:])
        answer = client.recv(4096)
        client.close()
        assert answer.startswith(b"HTTP/1.1 409"), answer
        assert server.request("GET", f"{FILES}/0/net/model.bin").body == b"first"
        assert get(server, f"{OWN}/server").status == 200
