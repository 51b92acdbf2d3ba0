"""A large upload that is interrupted goes on where it stopped, whoever died: sender or server."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from mainstay.artifact_store import resumable
from mainstay.artifact_store.proxy import LocalFile, ProxyStore
from mainstay.artifact_store.resumable import PIECE
from mainstay.errors import Conflict, ServerUnreachable, Unavailable
from tests.faults.api import API, FILES, post
from tests.faults.proxy import Fault, FaultProxy
from tests.support.server import RunningServer

PIECES = 6
SENDER = """
import sys
from pathlib import Path
from mainstay.artifact_store.proxy import ProxyStore
from mainstay.artifact_store.transfer import upload_tree
[done] = upload_tree(ProxyStore(sys.argv[1], "0/run"), sys.argv[2], "model")
print(done.sha256)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A little less than six pieces."""
    path = tmp_path_factory.mktemp("big") / "weights.bin"
    block = os.urandom(1 << 20)
    with path.open("wb") as content:
        for number in range(PIECES * (PIECE >> 20) - 1):
            content.write(number.to_bytes(4, "big") + block[4:])
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stored(folder: Path) -> Path:
    return folder / "mainstay-artifacts" / "0" / "run" / "model" / "weights.bin"


def left_over(folder: Path) -> list[Path]:
    return list((folder / "mainstay-artifacts").rglob("*.part/*"))


def test_a_sender_that_was_killed_goes_on_where_it_stopped(tmp_path: Path, file: Path) -> None:
    reached = threading.Event()

    def plan(number: int) -> Fault:
        if number == 4:  # the question, three pieces, and this one, whose answer never comes
            reached.set()
            return "stall"
        return "none"

    with RunningServer(tmp_path) as server, FaultProxy(server.url, plan) as proxy:
        first = subprocess.Popen([sys.executable, "-c", SENDER, proxy.url, str(file)])
        assert reached.wait(60)
        first.kill()
        first.wait(30)
        assert not stored(tmp_path).exists()
        before = proxy.faults.total()
        second = subprocess.run(
            [sys.executable, "-c", SENDER, proxy.url, str(file)],
            capture_output=True,
            text=True,
            check=True,
        )
        asked = proxy.faults.total() - before
        assert second.stdout.strip() == sha256(file) == sha256(stored(tmp_path))
        # It asked, and sent what was missing: at most the piece that was on its way once more.
        assert asked <= 1 + 1 + (PIECES - 4) + 1
        assert left_over(tmp_path) == []


def test_a_server_that_was_killed_goes_on_after_its_restart(tmp_path: Path, file: Path) -> None:
    servers = [RunningServer(tmp_path)]

    def plan(number: int) -> Fault:
        if number == 2:
            return "cut"  # half of a piece arrives
        if number == 5:
            servers[-1].process.kill()
            servers[-1].stop()
            servers.append(RunningServer(tmp_path))
            proxy.aim(servers[-1].url)
            return "lost"
        return "none"

    with FaultProxy(servers[0].url, plan) as proxy:
        try:
            store = ProxyStore(proxy.url, "0/run")
            written = store.write("model/weights.bin", LocalFile(file), size=file.stat().st_size)
        finally:
            servers[-1].stop()
    assert len(servers) == 2
    assert written.sha256 == sha256(file) == sha256(stored(tmp_path))
    assert left_over(tmp_path) == []
    assert "Traceback" not in servers[-1].log


def test_an_upload_that_is_cut_at_a_hundred_places_arrives_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each cut is anywhere in a request, its head included."""
    monkeypatch.setattr(resumable, "FROM", 1)
    monkeypatch.setattr(resumable, "PIECE", 64 << 10)
    # No pauses between tries: the server is there all the time.
    monkeypatch.setattr(resumable, "time", SimpleNamespace(sleep=lambda _: None))
    chance = random.Random(20_260)
    cuts = [100]

    def plan(number: int) -> Fault:
        if not cuts[0] or chance.random() < 0.3:
            return "none"
        cuts[0] -= 1
        return "cut"

    small = tmp_path / "small.bin"
    small.write_bytes(chance.randbytes(6 << 20))
    with (
        RunningServer(tmp_path) as server,
        FaultProxy(server.url, plan, share=chance.random) as proxy,
    ):
        store = ProxyStore(proxy.url, "0/run")
        while True:  # the sender gives up now and then, and is called again
            try:
                written = store.write("model/weights.bin", LocalFile(small), size=6 << 20)
                break
            except (ServerUnreachable, Unavailable, Conflict):
                assert not stored(tmp_path).exists()
        assert proxy.faults["cut"] == 100
        assert proxy.faults["none"] < 2 * ((6 << 20) // (64 << 10)) + 200
    assert written.sha256 == sha256(small) == sha256(stored(tmp_path))
    assert left_over(tmp_path) == []
    assert "Traceback" not in server.log


def test_the_last_answer_that_was_lost_does_no_harm(tmp_path: Path, file: Path) -> None:
    faults: dict[int, Fault] = {PIECES: "lost"}
    with (
        RunningServer(tmp_path) as server,
        FaultProxy(server.url, lambda number: faults.get(number, "none")) as proxy,
    ):
        store = ProxyStore(proxy.url, "0/run")
        written = store.write("model/weights.bin", LocalFile(file), size=file.stat().st_size)
        assert proxy.faults["lost"] == 1
        assert written.sha256 == sha256(stored(tmp_path))
        listed = server.request("GET", f"{FILES}?path=0/run/model").json["files"]
        assert listed == [
            {"path": "weights.bin", "is_dir": False, "file_size": file.stat().st_size}
        ]


def test_a_beginning_that_was_damaged_is_noticed_and_sent_again(tmp_path: Path, file: Path) -> None:
    servers = [RunningServer(tmp_path)]

    def plan(number: int) -> Fault:
        if number == 3:
            servers[-1].process.kill()
            servers[-1].stop()
            [half] = left_over(tmp_path)
            with half.open("r+b") as content:
                content.seek(PIECE // 2)
                content.write(b"damaged")
            servers.append(RunningServer(tmp_path))
            proxy.aim(servers[-1].url)
        return "none"

    with FaultProxy(servers[0].url, plan) as proxy:
        try:
            store = ProxyStore(proxy.url, "0/run")
            written = store.write("model/weights.bin", LocalFile(file), size=file.stat().st_size)
        finally:
            servers[-1].stop()
        assert proxy.faults.total() > 2 * PIECES
    assert written.sha256 == sha256(file) == sha256(stored(tmp_path))


def test_files_that_a_version_froze_are_not_replaced_in_pieces(tmp_path: Path, file: Path) -> None:
    with RunningServer(tmp_path) as server:
        post(server, f"{API}/registered-models/create", name="net")
        target = f"{FILES}/0/run/model/weights.bin"
        assert server.request("PUT", target, b"first").status == 200
        post(server, f"{API}/model-versions/create", name="net", source="mlflow-artifacts:/0/run")
        store = ProxyStore(server.url, "0/run")
        with pytest.raises(Conflict, match="registered model version"):
            store.write("model/weights.bin", LocalFile(file), size=file.stat().st_size)
        assert server.request("GET", target).body == b"first"
