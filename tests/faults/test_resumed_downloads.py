"""A download whose connection breaks goes on where it stopped, with the same content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mainstay.artifact_store.proxy import ProxyStore
from mainstay.artifact_store.transfer import download_tree
from mainstay.errors import ServerUnreachable, Unavailable
from tests.faults.api import FILES
from tests.faults.proxy import Fault, FaultProxy
from tests.support.server import RunningServer

BODY = os.urandom(5 << 20)
FILE = f"{FILES}/0/run/weights.bin"


def test_a_download_that_breaks_several_times_arrives_whole(tmp_path: Path) -> None:
    faults: dict[int, Fault] = {1: "broken", 2: "broken", 3: "refuse"}
    with (
        RunningServer(tmp_path) as server,
        FaultProxy(server.url, lambda number: faults.get(number, "none")) as proxy,
    ):
        assert server.request("PUT", FILE, BODY).status == 200
        copy = download_tree(ProxyStore(proxy.url, "0/run"), "weights.bin", tmp_path / "copy")
        assert copy.read_bytes() == BODY
        assert (proxy.faults["broken"], proxy.faults["refuse"]) == (2, 1)


def test_a_file_that_was_replaced_meanwhile_is_never_mixed(tmp_path: Path) -> None:
    other = os.urandom(len(BODY))
    with RunningServer(tmp_path) as server:

        def plan(number: int) -> Fault:
            if number == 1:
                assert server.request("PUT", FILE, other).status == 200
            return "broken" if number == 0 else "none"

        assert server.request("PUT", FILE, BODY).status == 200
        with FaultProxy(server.url, plan) as proxy:
            store = ProxyStore(proxy.url, "0/run")
            reading = store.read("weights.bin")
            with pytest.raises(Unavailable, match="changed while it was read"):
                list(reading)
            assert b"".join(store.read("weights.bin")) == other


def test_a_connection_that_breaks_again_and_again_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTAY_HTTP_REQUEST_MAX_RETRIES", "2")
    with RunningServer(tmp_path) as server:
        assert server.request("PUT", FILE, BODY).status == 200
        faults: list[Fault] = ["broken", "refuse", "refuse", "refuse"]
        with FaultProxy(server.url, lambda number: faults[min(number, 3)]) as proxy:
            with pytest.raises((Unavailable, ServerUnreachable)):
                list(ProxyStore(proxy.url, "0/run").read("weights.bin"))
            assert proxy.faults["refuse"] >= 3
